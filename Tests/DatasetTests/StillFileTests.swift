import Foundation
import Support
import Testing

import Dataset

@Suite struct StillFileTests {
  /// The samples of all pages, as bytes.
  private func samples(_ file: StillFile) throws(DatasetError) -> [UInt8] {
    let picture = Picture()
    var all: [UInt8] = []
    for (page, header) in try file.headers().enumerated() {
      try file.decode(page: page, into: picture)
      #expect(picture.header == header)
      all += header.samples.isByte ? Array(picture.bytes) : Array(UnsafeRawBufferPointer(picture.floats))
    }
    return all
  }

  @Test(
    "Files of every format and mode have the headers and the pixels that Pillow reads",
    arguments: StillSample.all)
  func pixels(_ sample: StillSample) throws {
    try sample.file.withUnsafeBytes { data in
      let file = try StillFile(data, path: sample.name)
      #expect(sample.name.hasPrefix(file.format.rawValue))
      #expect(try file.headers() == sample.headers)
      #expect(try samples(file) == sample.samples)
    }
  }

  @Test("A file on the disk is the same as in memory, whatever it is called", arguments: StillSample.all)
  func reader(_ sample: StillSample) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(sample.file, "image.txt")
    let (reader, picture) = (StillReader(), Picture())
    #expect(try reader.headers(path).pages == sample.headers)
    var all: [UInt8] = []
    for page in sample.headers.indices {
      try reader.decode(path, page: page, into: picture)
      all +=
        sample.headers[page].samples.isByte
        ? Array(picture.bytes) : Array(UnsafeRawBufferPointer(picture.floats))
    }
    #expect(all == sample.samples)
  }

  /// Of a number in text, a part is a number as well: where it is the last one, nobody can see that it is cut.
  @Test(
    "A file that is cut anywhere is an error, or lacks nothing",
    arguments: StillSample.all.filter { !["pnm-P2", "pnm-P3"].contains($0.name) })
  func cut(_ sample: StillSample) throws {
    for length in 0..<sample.file.count {
      sample.file.prefix(length).withUnsafeBytes { data in
        do throws(DatasetError) {
          let found = try samples(StillFile(data, path: sample.name))
          // A stack that ends with its first plane may be one picture of which somebody took the description along.
          let isPlane = sample.name == "tiff-imagej-stack" && found == Array(sample.samples.prefix(6))
          #expect(
            found == sample.samples || isPlane && length < sample.file.count - 10, "cut to \(length) bytes")
        } catch {
          #expect(error.kind == .malformed && error.file == sample.name && !error.message.isEmpty)
        }
      }
    }
  }

  @Test("A file with changed bytes reads or is an error", arguments: StillSample.all)
  func mutations(_ sample: StillSample) throws {
    var random = SplitMix(state: UInt64(sample.file.count))
    for round in 0..<300 {
      mutated(sample.file, &random).withUnsafeBytes { data in
        do throws(DatasetError) {
          let file = try StillFile(data, path: sample.name)
          // What a header may promise takes long to unpack hundreds of times.
          guard try file.headers().allSatisfy({ $0.sampleCount < 1 << 20 }) else { return }
          _ = try samples(file)
        } catch {
          #expect(error.kind == .malformed && error.file == sample.name, "round \(round): \(error)")
        }
      }
    }
  }

  @Test("Headers of large files: EXIF behind a PNG's picture, and a JPEG's picture behind much else")
  func largeFiles() throws {
    let folder = try TemporaryDirectory()
    let (reader, picture) = (StillReader(), Picture())
    let pixels = randomBytes(300 * 300, seed: 3)
    var chunks = PNG(width: 300, height: 300, rows: pixels).chunks
    // Big-endian, one entry: orientation, a short number, 6.
    let exif: [UInt8] = [
      0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
    ]
    chunks.insert(("eXIf", exif), at: chunks.count - 1)
    let png = try folder.put(PNG.file(chunks), "late.png")
    #expect(
      try reader.headers(png).pages[0] == PictureHeader(width: 300, height: 300, channels: 1, orientation: 6))
    try reader.decode(png, into: picture)
    #expect(Array(picture.bytes) == pixels && picture.header.orientation == 6)

    let comment: [UInt8] = [0xff, 0xfe, 0xff, 0xff] + [UInt8](repeating: 1, count: 0xfffd)
    let jpeg = try folder.put(
      JPEGSamples.grey.prefix(2) + comment + comment + JPEGSamples.grey.dropFirst(2), "a.jpg")
    #expect(try reader.headers(jpeg).pages[0] == PictureHeader(width: 10, height: 7, channels: 1))
    try reader.decode(jpeg, into: picture)
    let farthest = zip(picture.bytes, JPEGSamples.greyPixels).map { abs(Int($0) - Int($1)) }.max()
    #expect(farthest! <= 2)
  }

  @Test("A JPEG is decoded at the smallest fraction that has at least so many columns and rows")
  func fractions() throws {
    try JPEGSamples.rgb.withUnsafeBytes { data in
      let file = try StillFile(data, path: "a.jpg")
      let picture = Picture()
      for (atLeast, expected) in [((1, 1), (2, 1)), ((3, 2), (3, 2)), ((3, 3), (5, 4)), ((6, 1), (10, 7))] {
        try file.decode(atLeast: atLeast, into: picture)
        #expect((Int(picture.header.width), Int(picture.header.height)) == expected)
      }
      try file.decode(into: picture)
      #expect((Int(picture.header.width), Int(picture.header.height)) == (10, 7))
    }
  }
}
