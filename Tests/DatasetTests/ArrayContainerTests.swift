import Dataset
import Foundation
import Support
import Testing

/// Files that hold several arrays: `.npz` and HDF5.
@Suite struct ArrayContainerTests {
  @Test("An .npz file, stored and deflated: images, labels and single units")
  func npz() throws {
    let folder = try TemporaryDirectory()
    for (bytes, isStored) in [(ArraySamples.stored, true), (ArraySamples.deflated, false)] {
      let path = try folder.put(bytes, "a.npz")
      #expect(ArrayFile.recognises(path) && ArrayFile.recognises(path + ":x"))
      for argument in [path, path + ":x", path + ":x.npy"] {
        let set = try LoadedArray(argument)
        #expect(set.sizes == [5, 8, 9, 1] && set.samples == ArraySamples.x && set.file.path == argument)
        #expect(try LoadedArray.samples(set.file, 3..<4) == Array(ArraySamples.x[216..<288]))
        #expect(try set.file.labels()?.texts == ["3", "1", "2", "0", "300"] || argument.hasSuffix(".npy"))
        #expect((set.file.directOffset != nil) == isStored)
      }
      #expect(try ArrayFile(path, layout: .auto).labels()?.origin == path + ":y")
      #expect(try readLabelArray(path) == ["3", "1", "2", "0", "300"])
      expectError("has no array z; it holds x, y") { _ = try ArrayFile(path + ":z", layout: .auto) }
      expectError("found an array of 1 ([5])") { _ = try ArrayFile(path + ":y", layout: .auto) }
    }
  }

  @Test("Bytes that are stored as they are clustered are where the file says")
  func direct() throws {
    let folder = try TemporaryDirectory()
    let files: [(String, [UInt8])] = [
      ("a.npz", ArraySamples.stored), ("a.h5", gunzipped(ArraySamples.plain)),
      ("a.npy", NPYSample.file("|u1", [5, 8, 9], ArraySamples.x.map { UInt8($0) })),
      ("a", IDX.file([5, 8, 9], ArraySamples.x.map { UInt8($0) })),
    ]
    for (name, bytes) in files {
      let file = try ArrayFile(folder.put(bytes, name), layout: .auto)
      let start = try #require(file.directOffset)
      #expect(bytes[start..<(start + 360)].map(Float.init) == ArraySamples.x)
      #expect(file.filePath == folder.path(name))
    }
  }

  @Test("Several arrays that may be images are listed")
  func several() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(ArraySamples.two, "a.npz")
    expectError(
      "holds several arrays that may be images: x_train [5, 8, 9], x_test [2, 8, 9]; name one, as in",
      "a.npz:x_train"
    ) {
      _ = try ArrayFile(path, layout: .auto)
    }
    #expect(try ArrayFile(path + ":x_train", layout: .auto).labels()?.origin == path + ":y_train")
    #expect(try ArrayFile(path + ":x_test", layout: .auto).labels()?.texts == ["cat", "dög"])
    expectError("expected one array of labels", "found 2 among x_train, y_train, x_test, y_test") {
      _ = try readLabelArray(path)
    }
    expectError("holds texts, expected the numbers of images") {
      _ = try ArrayFile(path + ":y_test", layout: .auto)
    }
    let hdf5 = try folder.put(gunzipped(ArraySamples.several), "a.h5")
    expectError("holds several arrays that may be images: /a [5, 8, 9], /b [2, 8, 9]", "a.h5:/a") {
      _ = try ArrayFile(hdf5, layout: .auto)
    }
  }

  @Test("An HDF5 file: contiguous and in chunks, by name and without, with its labels")
  func hdf5() throws {
    let folder = try TemporaryDirectory()
    for (bytes, key, label) in [
      (ArraySamples.plain, "/images", "/labels"), (ArraySamples.groups, "/train/data", "/train/target"),
    ] {
      let path = try folder.put(gunzipped(bytes), "a.h5")
      #expect(ArrayFile.recognises(path) && ArrayFile.recognises(path + ":" + key))
      for argument in [path, path + ":" + key, path + ":" + key.dropFirst()] {
        let set = try LoadedArray(argument)
        #expect(set.sizes == [5, 8, 9, 1] && set.samples == ArraySamples.x)
        #expect(try LoadedArray.samples(set.file, 3..<4) == Array(ArraySamples.x[216..<288]))
        let labels = try #require(try set.file.labels())
        #expect(labels.texts == ["3", "1", "2", "0", "300"] && labels.origin == path + ":" + label)
      }
      #expect(try readLabelArray(path + ":" + label) == ["3", "1", "2", "0", "300"])
      expectError("name the dataset of labels") { _ = try readLabelArray(path) }
    }
  }

  @Test("Types of HDF5")
  func hdf5Types() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(gunzipped(ArraySamples.several), "a.h5")
    for (key, type, expected) in [
      ("bools", SampleType.bool, ArraySamples.x.map { $0 > 100 ? 1 : 0 }),
      ("half", .float16, ArraySamples.x.map { $0 / 2 }), ("big", .float64, ArraySamples.x),
    ] as [(String, SampleType, [Float])] {
      let set = try LoadedArray("\(path):/\(key)")
      #expect(set.file.header.samples == type && set.samples == expected)
    }
    let partly = try LoadedArray("\(path):/partly")
    #expect(partly.file.remarks.joined().contains("3 chunks of /partly were never written"))
    #expect(Array(partly.samples[72..<144]) == Array(ArraySamples.x[72..<144]))
    for (key, text) in [
      ("/complex", "holds records of several fields, or complex numbers"), ("/text", "is one value"),
      ("/scalar", "is one value"), ("/never", "nothing was ever written"),
      ("/table", "found a table of 3 rows"),
      ("/none", "has no dataset /none; it holds /a, /b, /big"), ("/", "/ is a group, expected a dataset"),
    ] {
      expectError(text) { _ = try ArrayFile(path + ":" + key, layout: .auto) }
    }
  }

  @Test("What HDF5 takes from other files, unpacks too much of, or cannot unpack is refused")
  func hdf5Refused() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(gunzipped(ArraySamples.virtual), "v.h5")
    for (key, text) in [
      ("/v", "is put together from other files (a virtual dataset)"),
      ("/e", "is put together from other files (external storage)"),
      ("/huge", "has chunks of [5000, 500, 500], more than 256 MiB each"),
    ] {
      expectError(text) { _ = try ArrayFile(path + ":" + key, layout: .auto) }
    }
    let groups = try folder.put(gunzipped(ArraySamples.groups), "g.h5")
    expectError("g.h5:/out: is a link to another file, which is not followed") {
      _ = try ArrayFile(groups + ":/out", layout: .auto)
    }
    let lzf = try folder.put(gunzipped(ArraySamples.lzf), "lzf.h5")
    expectError("is packed by the filter lzf (32000)", "pip install hdf5plugin", "HDF5_PLUGIN_PATH") {
      _ = try ArrayFile(lzf, layout: .auto)
    }
    let cut = try folder.put(Array(gunzipped(ArraySamples.plain).dropLast(500)), "cut.h5")
    expectError("cannot be read as HDF5", "truncated") { _ = try ArrayFile(cut, layout: .auto) }
  }

  @Test("What is before HDF5 does not hide it", arguments: [512, 1024, 2048, 65536])
  func userBlock(_ count: Int) throws {
    let folder = try TemporaryDirectory()
    let bytes = [UInt8](repeating: 7, count: count) + gunzipped(ArraySamples.plain)
    let path = try folder.put(bytes, "a.h5")
    #expect(ArrayFile.recognises(path))
    let set = try LoadedArray(path)
    #expect(set.samples == ArraySamples.x && set.file.remarks.isEmpty)
    let start = try #require(set.file.directOffset)
    #expect(bytes[start..<(start + 360)].map(Float.init) == ArraySamples.x)
    #expect(try !ArrayFile.recognises(folder.put([1] + bytes, "b.h5")))
  }

  @Test("Of MATLAB's files it is said that rows and columns are exchanged")
  func matlab() throws {
    let folder = try TemporaryDirectory()
    let header = Array("MATLAB 7.3".utf8) + [UInt8](repeating: 0, count: 502)
    let file = try ArrayFile(folder.put(header + gunzipped(ArraySamples.plain), "a.mat"), layout: .auto)
    #expect(
      file.remarks == [
        "/images is of MATLAB, where its size is [9, 8, 5]: rows and columns of the images are exchanged"
      ])
  }

  @Test("A process for HDF5 that says nothing is ended; what it throws arrives whole")
  func process() throws {
    let silent = try HDF5Process("a.h5", patience: 1) { _ in
      while true { sleep(100) }
    }
    expectError("a.h5: cannot be read as HDF5: the library gave nothing in 1 s; start again") {
      _ = try silent.receive()
    }
    for kind in [DatasetError.Kind.missing, .malformed, .mismatch, .options] {
      for file in [nil, "ö.h5"] {
        let process = try HDF5Process("a.h5") { _ throws(DatasetError) in
          throw DatasetError(kind, file, "a \"message\"")
        }
        let error = expectError("a \"message\"") { _ = try process.receive() }
        #expect(error?.kind == kind && error?.file == file)
      }
    }
  }

  @Test("Zip files that are damaged, or of other things")
  func badZip() throws {
    let folder = try TemporaryDirectory()
    let good = ArraySamples.deflated
    func expect(_ bytes: [UInt8], _ text: String) throws {
      let path = try folder.put(bytes, "a.npz")
      expectError(text) { _ = try LoadedArray(path) }
    }
    try expect(Array(good.dropLast(30)), "it has no directory at its end")
    let directory = try #require(good.indices.first { good[$0...].starts(with: [0x50, 0x4b, 1, 2]) })
    for (place, value, text) in [
      (directory, 0, "has a damaged entry, number 1"), (directory + 8, 1, "is encrypted"),
      (directory + 10, 12, "is packed by method 12 of zip, expected 0 (stored) or 8"),
      (directory + 27, 255, "deflated bytes can hold"), (directory + 24, 1, "the zip file's directory"),
      (directory + 16, Int(good[directory + 16] ^ 1), "its checksum is wrong"),
      (directory + 42, 7, "is not where the directory says"), (directory + 23, 127, "goes beyond its end"),
      (80, Int(good[80] ^ 255), "damaged"), (directory + 46, 0x7a, "z [5, 8, 9]"),
    ] {
      var bytes = good
      bytes[place] = UInt8(value)
      let path = try folder.put(bytes, "a.npz")
      // Behind a name the member's own error shows.
      if text.hasPrefix("z ") {
        #expect(try LoadedArray(path).file.count == 5)
      } else {
        expectError(text) { _ = try LoadedArray(value == 0 ? path : path + ":x") }
      }
    }
    try expect(
      [0x50, 0x4b, 5, 6] + [UInt8](repeating: 0, count: 18), "zip file with 0 arrays (.npy) among 0 members")
  }
}

/// What is in a gzip file.
func gunzipped(_ bytes: [UInt8]) -> [UInt8] {
  let folder = try! TemporaryDirectory()
  let path = try! folder.put(bytes, "a.gz")
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["gzip", "-d", path]
  try! process.run()
  process.waitUntilExit()
  return try! [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.path("a"))))
}
