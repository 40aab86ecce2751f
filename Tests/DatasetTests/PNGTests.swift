import Dataset
import Foundation
import Support
import Testing

@Suite struct PNGTests {
  /// Expects that a folder of this one file gives `samples`, `[row][column][channel]`.
  private func expect(
    _ png: PNG, channels: Int, _ samples: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryDirectory()
    try folder.put(png.bytes, "image.png")
    var request = DatasetRequest(images: [folder.url.path])
    request.range = .type
    let set = try LoadedSet(request)
    #expect(set.count == 1 && set.sources == ["image.png"], sourceLocation: sourceLocation)
    #expect(
      (set.shape.channels, set.shape.height, set.shape.width) == (channels, png.height, png.width),
      sourceLocation: sourceLocation)
    #expect(set.pixels == planes(samples, channels: channels), sourceLocation: sourceLocation)
  }

  @Test("Grey of 8 bits")
  func grey() throws {
    let values: [UInt8] = [0, 1, 2, 127, 128, 129, 253, 254, 255, 64, 32, 16]
    try expect(PNG(width: 4, height: 3, rows: values), channels: 1, values)
    try expect(PNG(width: 1, height: 12, rows: values), channels: 1, values)
    try expect(PNG(width: 12, height: 1, rows: values), channels: 1, values)
  }

  @Test("Grey of 1, 2 and 4 bits fills the range of 8 bits")
  func fewBits() throws {
    try expect(
      PNG(width: 3, height: 2, depth: 1, rows: [0b1010_0000, 0b0110_0000]), channels: 1,
      [255, 0, 255, 0, 255, 255])
    try expect(
      PNG(width: 5, height: 1, depth: 2, rows: [0b0001_1011, 0b1100_0000]), channels: 1,
      [0, 85, 170, 255, 255])
    try expect(PNG(width: 3, height: 1, depth: 4, rows: [0x0f, 0x70]), channels: 1, [0, 255, 119])
  }

  @Test("Grey of 16 bits is rounded to 8, not cut")
  func grey16() throws {
    let values = [0, 0x80, 0x81, 0x00ff, 0x0100, 0x7fff, 0x8000, 0xfeff, 0xff00, 0xffff]
    let rows = values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    try expect(
      PNG(width: 5, height: 2, depth: 16, rows: rows), channels: 1,
      values.map { UInt8((Double($0) / 257).rounded()) })
  }

  @Test("RGB of 8 and 16 bits")
  func rgb() throws {
    let samples = randomBytes(3 * 4 * 3, seed: 5)
    try expect(PNG(width: 4, height: 3, colour: .rgb, rows: samples), channels: 3, samples)
    // v · 257 is v exactly.
    let rows = samples.flatMap { [$0, $0] }
    try expect(PNG(width: 4, height: 3, depth: 16, colour: .rgb, rows: rows), channels: 3, samples)
  }

  @Test("Palettes give RGB, also with transparent entries and with few bits")
  func palette() throws {
    let colours: [UInt8] = [255, 0, 0, 0, 255, 0, 10, 20, 30, 9, 9, 9]
    let samples: [UInt8] = [10, 20, 30, 255, 0, 0, 0, 255, 0, 9, 9, 9]
    for transparency in [[], [0, 128, 255]] as [[UInt8]] {
      var png = PNG(
        width: 2, height: 2, colour: .palette, rows: [2, 0, 1, 3], palette: colours,
        transparency: transparency)
      // Blue shines through nothing, green through half, on white.
      let seen: [UInt8] =
        transparency.isEmpty ? samples : [10, 20, 30, 255, 255, 255, 127, 255, 127, 9, 9, 9]
      try expect(png, channels: 3, seen)
      (png.depth, png.rows) = (2, [0b1000_0000, 0b0111_0000])
      try expect(png, channels: 3, seen)
    }
  }

  @Test("An alpha channel lays the colours onto white")
  func alpha() throws {
    try expect(
      PNG(width: 2, height: 2, colour: .greyAlpha, rows: [50, 0, 60, 255, 70, 128, 255, 1]), channels: 1,
      [255, 60, 162, 255])
    try expect(
      PNG(width: 2, height: 1, colour: .rgbAlpha, rows: [1, 2, 3, 0, 200, 150, 100, 255]), channels: 3,
      [255, 255, 255, 200, 150, 100])
    let rgb16: [UInt8] = [1, 1, 2, 2, 3, 3, 0, 0]
    try expect(
      PNG(width: 1, height: 1, depth: 16, colour: .rgbAlpha, rows: rgb16), channels: 3, [255, 255, 255])
  }

  @Test("A transparent colour is seen as white")
  func transparentColour() throws {
    try expect(PNG(width: 3, height: 1, rows: [4, 5, 6], transparency: [0, 5]), channels: 1, [4, 255, 6])
    try expect(
      PNG(width: 2, height: 1, colour: .rgb, rows: [9, 8, 7, 1, 2, 3], transparency: [0, 9, 0, 8, 0, 7]),
      channels: 3, [255, 255, 255, 1, 2, 3])
  }

  @Test("Interlaced images", arguments: [(1, 1), (3, 2), (5, 5), (8, 8), (13, 11)])
  func interlaced(_ width: Int, _ height: Int) throws {
    let samples = randomBytes(width * height * 3, seed: 6)
    let grey = Array(samples.prefix(width * height))
    try expect(PNG(width: width, height: height, rows: grey, interlaced: true), channels: 1, grey)
    try expect(
      PNG(width: width, height: height, colour: .rgb, rows: samples, interlaced: true), channels: 3, samples)
  }

  @Test("Grey images in a folder with one RGB image get three equal channels, whatever their kind")
  func mixed() throws {
    let folder = try TemporaryDirectory()
    try folder.put(PNG(width: 2, height: 1, rows: [3, 4]).bytes, "1.png")
    try folder.put(PNG(width: 2, height: 1, depth: 1, rows: [0b0100_0000]).bytes, "2.png")
    try folder.put(PNG(width: 2, height: 1, depth: 16, rows: [9, 9, 8, 8]).bytes, "3.png")
    try folder.put(PNG(width: 2, height: 1, colour: .greyAlpha, rows: [5, 0, 6, 1]).bytes, "4.png")
    try folder.put(PNG(width: 2, height: 1, colour: .rgb, rows: [1, 2, 3, 4, 5, 6]).bytes, "5.png")
    var request = DatasetRequest(images: [folder.url.path])
    request.range = .type
    let set = try LoadedSet(request)
    #expect(set.shape.channels == 3 && set.count == 5)
    for (image, grey) in ([[3, 4], [0, 255], [9, 8], [255, 254]] as [[UInt8]]).enumerated() {
      #expect(Array(set[image]) == grey + grey + grey)
    }
    #expect(Array(set[4]) == [1, 4, 2, 5, 3, 6])
    // The images behind a limit are not looked at.
    let first = try LoadedSet(DatasetRequest(images: [folder.url.path], limit: 1))
    #expect(first.count == 1 && Array(first[0]) == [3, 4])
  }
}

/// `[row][column][channel]` as `[channel][row][column]`.
func planes(_ samples: [UInt8], channels: Int) -> [UInt8] {
  (0..<channels).flatMap { channel in
    stride(from: channel, to: samples.count, by: channels).map { samples[$0] }
  }
}
