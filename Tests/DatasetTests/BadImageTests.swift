import Dataset
import Foundation
import Support
import Testing

@Suite struct BadImageTests {
  private static let image = PNG(width: 5, height: 4, colour: .rgb, rows: randomBytes(60, seed: 8))

  @Test("Folders that are missing, empty, or without images")
  func noImages() throws {
    let folder = try TemporaryDirectory()
    let (none, empty) = (folder.path("none"), folder.path("empty"))
    expectFailure(DatasetRequest(images: [none]), .missing, none, "no such file or folder", "--images")
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    expectFailure(
      DatasetRequest(images: [empty]), .missing, empty, "holds no still image (PNG, JPEG",
      "expected a folder of images")
    try folder.put([1], "text/a.txt")
    try folder.put(Self.image.bytes, "text/.a.png")
    let text = folder.path("text")
    expectFailure(
      DatasetRequest(images: [text]), .missing, text, "holds no still image", "1 text file (.txt)")
  }

  @Test("Files and folders without permission to read", .enabled(if: geteuid() != 0))
  func unreadable() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(Self.image.bytes, "a/a.png")
    chmod(path, 0)
    expectFailure(DatasetRequest(images: [folder.path("a")]), .missing, path, "cannot be read")
    let locked = folder.path("a")
    chmod(locked, 0)
    defer { chmod(locked, 0o755) }
    expectFailure(DatasetRequest(images: [locked]), .missing, locked)
  }

  @Test("A flipped bit anywhere in a PNG is an error")
  func damagedPNG() throws {
    let folder = try TemporaryDirectory()
    for position in Self.image.bytes.indices {
      var bytes = Self.image.bytes
      bytes[position] ^= 1 << (position % 8)
      let path = try folder.put(bytes, "image.png")
      expectFailure(
        DatasetRequest(images: [folder.url.path]), .malformed, path,
        position < 4 ? "is no still image that can be read" : "is a damaged PNG file: ", "remove it or")
    }
  }

  @Test("A truncated PNG is an error wherever it ends", arguments: [false, true])
  func truncatedPNG(_ interlaced: Bool) throws {
    let folder = try TemporaryDirectory()
    var image = Self.image
    image.interlaced = interlaced
    for length in 4..<image.bytes.count {
      let path = try folder.put(Array(image.bytes.prefix(length)), "image.png")
      expectFailure(
        DatasetRequest(images: [folder.url.path]), .malformed, path, "is a damaged PNG file: ",
        "; remove it or fetch it again")
    }
  }

  @Test("A PNG whose data are shorter than its header says, and one with impossible sizes")
  func lyingPNG() throws {
    let folder = try TemporaryDirectory()
    for (width, height) in [(5, 5), (50, 4), (0, 4), (5, 0), (0x7fff_ffff, 0x7fff_ffff)] {
      let size = PNG(width: width, height: height, colour: .rgb, rows: []).header
      let path = try folder.put(PNG.file([("IHDR", size)] + Self.image.chunks.dropFirst()), "image.png")
      expectFailure(
        DatasetRequest(images: [folder.url.path]), .malformed, path, "is a damaged PNG file: ")
    }
  }

  @Test("Text, nothing, and other formats under the name of an image")
  func noImage() throws {
    let folder = try TemporaryDirectory()
    for (bytes, found) in [
      (Array("hello, world".utf8), "68 65 6c 6c"), ([0xff], "ff;"),
      ([], "empty"),
    ] {
      for name in ["image.png", "image.jpg"] {
        let path = try folder.put(bytes, "set/\(name)")
        expectFailure(
          DatasetRequest(images: [folder.path("set")]), .malformed, path,
          "is no still image that can be read", found)
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }

  @Test("An image that changes or vanishes after the scan is an error")
  func changed() throws {
    let folder = try TemporaryDirectory()
    let grey = PNG(width: 2, height: 2, rows: [1, 2, 3, 4])
    let path = try folder.put(grey.bytes, "image.png")
    let scanned = try ScannedSet(DatasetRequest(images: [folder.url.path]))
    let rgb = PNG(width: 2, height: 2, colour: .rgb, rows: randomBytes(12, seed: 1))
    for bytes in [Self.image.bytes, rgb.bytes, JPEGSamples.grey, JPEGSamples.rgb] {
      try folder.put(bytes, "image.png")
      let error = #expect(throws: DatasetError.self) { try scanned.load() }
      #expect(error?.kind == .malformed && error?.file == path)
      #expect(error?.message.contains("has changed") == true, "\(String(describing: error))")
    }
    try FileManager.default.removeItem(atPath: path)
    let error = #expect(throws: DatasetError.self) { try scanned.load() }
    #expect(error?.kind == .missing && error?.file == path)
  }
}
