import Dataset
import Foundation
import Support
import Testing

@Suite struct JPEGTests {
  /// Decoders may round differently.
  private static let tolerance = 2

  private func load(_ files: [(name: String, bytes: [UInt8])]) throws -> LoadedSet {
    let folder = try TemporaryDirectory()
    for file in files { try folder.put(file.bytes, file.name) }
    return try LoadedSet(DatasetRequest(images: [folder.url.path]))
  }

  private func farthest(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Int {
    zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }

  @Test("A grey file has one channel, and the pixels that Pillow reads")
  func grey() throws {
    let set = try load([("image.jpg", JPEGSamples.grey)])
    #expect((set.shape.channels, set.shape.height, set.shape.width) == (1, 7, 10))
    #expect(set.pixels.count == JPEGSamples.greyPixels.count)
    #expect(farthest(set.pixels, JPEGSamples.greyPixels) <= Self.tolerance)
  }

  @Test(
    "An RGB file has three channels, and the pixels that Pillow reads",
    arguments: [JPEGSamples.rgb, JPEGSamples.progressive])
  func rgb(_ file: [UInt8]) throws {
    let set = try load([("image.jpeg", file)])
    #expect((set.shape.channels, set.shape.height, set.shape.width) == (3, 7, 10))
    let expected = planes(JPEGSamples.rgbPixels, channels: 3)
    #expect(set.pixels.count == expected.count && farthest(set.pixels, expected) <= Self.tolerance)
  }

  @Test("PNG and JPEG, grey and RGB in one folder; the first bytes tell what a file is, not its name")
  func mixed() throws {
    let (width, height) = (JPEGSamples.width, JPEGSamples.height)
    let samples = randomBytes(width * height, seed: 7)
    let set = try load([
      ("1.JPG", JPEGSamples.grey), ("2.png", JPEGSamples.rgb),
      ("3.jpeg", PNG(width: width, height: height, rows: samples).bytes),
    ])
    #expect(set.shape.channels == 3 && set.count == 3)
    let grey = JPEGSamples.greyPixels
    #expect(farthest(set[0], grey + grey + grey) <= Self.tolerance)
    #expect(farthest(set[1], planes(JPEGSamples.rgbPixels, channels: 3)) <= Self.tolerance)
    #expect(Array(set[2]) == samples + samples + samples)
  }

  @Test("Bytes behind the end of the image do not matter")
  func trailingBytes() throws {
    let set = try load([("a.jpg", JPEGSamples.grey), ("b.jpg", JPEGSamples.grey + [1, 2, 3])])
    #expect(Array(set[0]) == Array(set[1]))
  }

  @Test("A truncated file is an error wherever it ends", arguments: ["grey", "rgb", "progressive"])
  func truncated(_ kind: String) throws {
    let file =
      switch kind {
      case "grey": JPEGSamples.grey
      case "rgb": JPEGSamples.rgb
      default: JPEGSamples.progressive
      }
    let folder = try TemporaryDirectory()
    for length in 2..<file.count {
      let path = try folder.put(Array(file.prefix(length)), "image.jpg")
      expectFailure(
        DatasetRequest(images: [folder.url.path]), .malformed, path, "is a damaged JPEG file: ",
        "; remove it or fetch it again")
    }
  }
}
