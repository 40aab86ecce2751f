import Basics
import Dataset
import Foundation
import Support
import Testing

@Suite struct ArrayLayoutTests {
  /// A file of bytes that count up, of sizes `sizes`.
  private static func file(_ sizes: [Int]) -> [UInt8] {
    NPYSample.file("|u1", sizes, (0..<sizes.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0) })
  }

  @Test(
    "Dimensions are told apart by the small one, and what was guessed is said",
    arguments: [
      ([6, 8, 9], [6, 8, 9, 1], ""), ([6, 8, 9, 3], [6, 8, 9, 3], "images × rows × columns × channels"),
      ([6, 3, 8, 9], [6, 8, 9, 3], "images × channels × rows × columns"),
      ([6, 8, 9, 1], [6, 8, 9, 1], "images × rows × columns × channels"),
      ([6, 1, 8, 9], [6, 8, 9, 1], "images × channels × rows × columns"),
      ([20, 30], [1, 20, 30, 1], "rows × columns of one image"),
      ([20, 30, 3], [1, 20, 30, 3], "rows × columns × channels of one image"),
      ([300, 64], [300, 8, 8, 1], "images × pixels of square images"),
      ([64, 64], [1, 64, 64, 1], "of one image"),
      ([3, 20, 30], [3, 20, 30, 1], "images × rows × columns"), ([1, 8, 9], [1, 8, 9, 1], ""),
      ([7, 4, 3], [7, 4, 3, 1], ""),
    ])
  func guessed(_ sizes: [Int], _ expected: [Int], _ remark: String) throws {
    let folder = try TemporaryDirectory()
    let set = try LoadedArray(folder.put(Self.file(sizes), "a.npy"))
    #expect(set.sizes == expected)
    #expect(set.file.remarks.count == (remark.isEmpty ? 0 : 1))
    #expect(remark.isEmpty || set.file.remarks[0].contains("\(sizes) taken as"))
    #expect(remark.isEmpty || set.file.remarks[0].contains(remark))
  }

  @Test("Planes are interleaved; what is given is not guessed")
  func planes() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(Self.file([2, 3, 2, 2]), "a.npy")
    expectError("[2, 3, 2, 2] may be", "both the second and the last size", "--layout nchw or --layout nhwc")
    {
      _ = try ArrayFile(path, layout: .auto)
    }
    let planes = try LoadedArray(path, layout: .nchw)
    #expect(planes.samples.prefix(6) == [0, 4, 8, 1, 5, 9] && planes.sizes == [2, 2, 2, 3])
    let pixels = try LoadedArray(path, layout: .nhwc)
    #expect(pixels.samples == (0..<24).map(Float.init) && pixels.sizes == [2, 3, 2, 2])
    #expect(planes.file.remarks.isEmpty && pixels.file.remarks.isEmpty)
    #expect(planes.file.directOffset != nil && pixels.file.directOffset == nil)
    let one = try LoadedArray(folder.put(Self.file([3, 8, 9]), "b.npy"), layout: .chw)
    #expect(one.sizes == [1, 8, 9, 3] && one.samples.prefix(3) == [0, 72, 144])
  }

  @Test(
    "What may be several things is not guessed",
    arguments: [
      ([6, 13, 64, 64], "neither the second nor the last size is 1 to 4"),
      ([100, 64], "100 images of 8 × 8 pixels or one image of 100 × 64; give --layout flat or --layout hw"),
      ([1000, 192], "1000 RGB images of 8 × 8 pixels; save it again as x.reshape(-1, 3, 8, 8)"),
      ([1000, 10], "expected images, found a table of 1000 rows of 10 numbers"),
      ([8, 8, 100], "100 images of 8 × 8 with the images last; save it again as x.transpose(2, 0, 1)"),
      ([10], "found an array of 1 ([10]); labels are for --labels"),
      ([2, 2, 2, 2, 2], "found an array of 5"), ([], "found an array of 1 ([1])"),
      ([1, 1, 1, 5000], "expected at most 268435456 pixels and 4096 channels"),
      ([0, 8, 9], "is an array of no numbers"),
    ])
  func refused(_ sizes: [Int], _ text: String) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(Self.file(sizes), "a.npy")
    let layout: ArrayLayout = sizes.last == 5000 ? .nhwc : .auto
    let error = expectError(text) { _ = try ArrayFile(path, layout: layout) }
    #expect(error?.file == path)
  }

  @Test("Images that are too wide or too high are refused")
  func tooLong() throws {
    let folder = try TemporaryDirectory()
    let most = 1 << 20
    for (sizes, isGood) in [
      ([5, 16, most + 1], false), ([5, most + 1, 16], false), ([2, 16, most], true), ([2, most, 16], true),
    ] {
      let path = try folder.put(NPYSample.file("|u1", sizes, []), "a.npy")
      // The numbers are a hole in the file.
      let bytes = try #require(Files.status(path)).st_size
      #expect(truncate(path, bytes + sizes.reduce(1, *)) == 0)
      if isGood {
        #expect(try ArrayFile(path, layout: .auto).count == 2)
        continue
      }
      expectError(
        "holds images of \(sizes[1]) rows and \(sizes[2]) columns, expected at most 1048576 of each; save them in "
          + "smaller pieces"
      ) {
        _ = try ArrayFile(path, layout: .auto)
      }
    }
  }

  @Test("A layout for another number of dimensions, or for rows that are no squares")
  func wrongLayout() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(Self.file([6, 10]), "a.npy")
    expectError("--layout nhwc is for arrays of 4 dimensions, the array is [6, 10]") {
      _ = try ArrayFile(path, layout: .nhwc)
    }
    expectError("10 is not the square of a number; save it again as x.reshape(6, rows, columns)") {
      _ = try ArrayFile(path, layout: .flat)
    }
  }

  @Test("dbc's own embeddings and scores are no images")
  func results() throws {
    let folder = try TemporaryDirectory()
    for name in ["run/embeddings.npy", "run/scores.npy"] {
      let path = try folder.put(NPYSample.file("<f4", [40, 64], [UInt8](repeating: 0, count: 10240)), name)
      _ = try ArrayFile(path, layout: .flat)
      try folder.put([], "run/config.json")
      expectError("is a result of dbc, 40 rows of 64 numbers, and no images") {
        _ = try ArrayFile(path, layout: .flat)
      }
      try FileManager.default.removeItem(atPath: folder.path("run/config.json"))
    }
  }

  @Test("IDX files of four dimensions have channels first where nothing else is clear; all types are read")
  func idx() throws {
    let folder = try TemporaryDirectory()
    for (sizes, expected) in [
      ([2, 3, 4, 5], [2, 4, 5, 3]), ([2, 8, 9, 3], [2, 8, 9, 3]), ([2, 3, 3, 3], [2, 3, 3, 3]),
      ([2, 8, 8, 8], [2, 8, 8, 8]), ([9, 9, 3], [9, 9, 3, 1]),
    ] {
      #expect(try LoadedArray(folder.put(IDX.images(sizes), "a")).sizes == expected)
    }
    let value: [(UInt8, [UInt8], SampleType, Float)] = [
      (8, [200], .uint8, 200), (9, [200], .int8, -56), (0x0b, [0xff, 0xfe], .int16, -2),
      (0x0c, [0, 1, 0, 0], .int32, 65536), (0x0d, [0xc0, 0x20, 0, 0], .float32, -2.5),
      (0x0e, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], .float64, 0.5),
    ]
    for (type, bytes, samples, expected) in value {
      let file = IDX.file([2, 2, 1], (0..<4).flatMap { _ in bytes }, type: type)
      for packed in [file, gzip(file)] {
        let set = try LoadedArray(folder.put(packed, "b"))
        #expect(set.file.header.samples == samples && set.samples == [Float](repeating: expected, count: 4))
      }
    }
    let path = try folder.put(IDX.file([2, 2, 1], [1, 2, 3, 4], type: 0x0c), "c")
    expectError("promises 2 × 2 × 1 × 4 = 16 bytes, the file holds 4; it is truncated") {
      _ = try ArrayFile(path, layout: .auto)
    }
  }
}
