import Basics
import Foundation
import Support
import Testing

import Dataset

@Suite struct StillErrorTests {
  /// What reading `file` fails of.
  private func failure(_ file: [UInt8]) -> DatasetError? {
    file.withUnsafeBytes { data in
      #expect(throws: DatasetError.self) {
        let still = try StillFile(data, path: "a.png")
        let picture = Picture()
        for page in try still.headers().indices { try still.decode(page: page, into: picture) }
      }
    }
  }

  private func expect(_ file: [UInt8], _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation)
  {
    let error = failure(file)
    #expect(error?.kind == .malformed && error?.file == "a.png", sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        error?.message.contains(text) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }
  }

  @Test(
    "A file that is no still image is called what it is",
    arguments: [
      ("", "it is empty; remove it"), ("hello", "starts with 68 65 6c 6c"),
      ("\n <!DOCTYPE html><title>404</title>", "an HTML page; fetch the picture again"),
      ("\0\0\0\u{18}ftypheic", "a HEIC picture; convert it"), ("\0\0\0\u{18}ftypavif", "an AVIF picture"),
      ("\0\0\0\u{18}ftypisom", "a video"), ("\u{1f}", "starts with 1f"), ("%PDF-1.5", "a PDF document"),
      ("<svg/>", "an SVG drawing"), ("<?xml version='1'?><svg/>", "an SVG drawing"), ("8BPS", "Photoshop"),
      ("version https://git-lfs.github.com", "git lfs pull"), ("PK\u{3}\u{4}", "a ZIP file; unpack it"),
      ("RIFF1234AVI ", "a video"), ("BMW drives", "starts with 42 4d"), ("P1ck", "starts with 50 31"),
    ])
  func foreign(_ text: String, _ expected: String) {
    expect(
      Array(text.utf8), "is no still image that can be read (PNG, JPEG, WebP, TIFF, GIF, BMP, PNM): it is",
      expected)
  }

  @Test("Compressed data under the name of a picture")
  func packed() {
    expect(gzip(StillSample.png[0].file), "it is gzip data; unpack it")
    expect([0xff, 0x0a], "a JPEG XL picture")
  }

  @Test(
    "A picture that promises more than may be, or than its bytes can tell of, is refused before memory is asked for"
  )
  func bombs() {
    expect(
      Array("P5 20000 20000 255\n".utf8),
      "of 20000×20000 pixels, expected at most 268435456 in all; make it smaller")
    expect(Array("P5 16000 16000 255\n".utf8), "it promises 256000000 pixels, which its 19 bytes cannot hold")
    expect(Array("P5 5000 2000 255\n".utf8), "is a damaged PNM file: the file ends too early")
    let gif =
      Array("GIF89a".utf8) + [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 2, 0,
      ]
    expect(gif, "of 65535×65535 pixels")
  }

  @Test("Kinds of files that are not read are named")
  func unsupported() {
    var jpeg = JPEGSamples.grey
    let frame = jpeg.indices.first { jpeg[$0] == 0xff && jpeg[$0 + 1] == 0xc0 }!
    jpeg[frame + 4] = 12
    expect(jpeg, "is a JPEG file that cannot be read: ", "precision 12", "convert it to PNG")
    jpeg = JPEGSamples.grey
    jpeg[frame + 1] = 0xc3
    expect(jpeg, "is a JPEG file that cannot be read: ", "SOF type 0xc3")
    expect(
      Array("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcd".utf8),
      "its pixels are CMYK")
    expect(Array("P5 1 1 255\naP5 1 1 255\nb".utf8), "it holds more than one picture")
  }

  @Test("Damaged text of PNM files")
  func plainNumbers() {
    expect(Array("P2 2 1 9\n1 x".utf8), "sample 2 is no number")
    expect(Array("P2 2 1 9\n1 10".utf8), "sample 2 is 10, expected at most 9")
    expect(Array("P2 2 -1 9\n1 10".utf8), "expected its height, found -1")
    expect(Array("P2 0 1 9\n1 10".utf8), "its size is 0×1 pixels")
    expect(Array("P2 1 1 70000\n1 10".utf8), "its largest value is 70000")
    expect(Array("P2 1 ".utf8), "the file ends too early")
  }

  @Test("TIFF: directories in a circle, outside the file, none at all; a camera's raw file")
  func directories() {
    expect(Array("II*\0\0\0\0\0".utf8), "it has no directory")
    expect(Array("II*\0\u{70}\0\0\0".utf8), "directory 1 begins at byte 112, but the file has 8 bytes")
    expect(Array("II*\0\u{8}\0\0\0\0\0\u{8}\0\0\0".utf8), "its directories form a circle")
    // One directory of three entries, and one that begins within it.
    var overlapping: [UInt8] = Array("II*\0\u{8}\0\0\0".utf8) + [3, 0, 3] + [UInt8](repeating: 0, count: 41)
    overlapping[46] = 10
    expect(overlapping, "its directories overlap")
    expect(Array("II*\0\u{10}\0\0\0CR\u{2}\0".utf8), "it is a camera's raw file (CR2)")
  }

  @Test("TIFF: more directories, or more values in them, than a small file could have")
  func hostileDirectories() {
    func little(_ number: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let start = Array("II*\0\u{8}\0\0\0".utf8)
    let count = (1 << 20) + 1
    var many = start
    for number in 1...count { many += [0, 0] + little(number == count ? 0 : 8 + 6 * number, 4) }
    expect(many, "it has more than 1048576 pictures")
    // 1100 entries that all name the same MB.
    let entry = little(700, 2) + [1, 0] + little(1 << 20, 4) + little(0, 4)
    let values =
      start + little(1100, 2) + (0..<1100).flatMap { _ in entry } + [UInt8](repeating: 0, count: 1 << 20)
    expect(values, "its directories name 1153433600 bytes of values, but the file has \(values.count)")
  }

  @Test("A file that is too long for the memory is refused by its start")
  func giants() throws {
    let folder = try TemporaryDirectory()
    func failure(_ start: [UInt8]) throws -> String? {
      let path = try folder.put(start, "a.jpg")
      #expect(Files.truncate(path, to: 1 << 40) == 0)
      let error = #expect(throws: DatasetError.self) { try StillReader().decode(path, into: Picture()) }
      return error?.message
    }
    #expect(
      try failure(Array("\0\0\0\u{18}ftypisom".utf8))?.contains("it is a video; take single pictures") == true
    )
    #expect(
      try failure(StillSample.png[0].file)
        == "is a PNG file of 1099511627776 bytes; expected at most 2147483648, as it is read whole; make it smaller or "
        + "convert it to TIFF")
  }

  @Test("Pictures with inks or stray bytes say so")
  func remarks() throws {
    let picture = Picture()
    try StillSample.jpeg[0].file.withUnsafeBytes { try StillFile($0, path: "a").decode(into: picture) }
    #expect(picture.remarks == .inks)
    let stray: [UInt8] = Array(JPEGSamples.rgb.dropLast(2)) + Array(repeating: 1, count: 40) + [0xff, 0xd9]
    try stray.withUnsafeBytes { try StillFile($0, path: "a").decode(into: picture) }
    #expect(picture.remarks == .strayBytes)
    #expect(picture.bytes.count == JPEGSamples.rgbPixels.count)
  }

  @Test("Files that are missing, links that lead nowhere, and what is no regular file")
  func unopened() throws {
    let folder = try TemporaryDirectory()
    let reader = StillReader()
    var error = #expect(throws: DatasetError.self) { try reader.headers(folder.path("none")) }
    #expect(error?.kind == .missing && error?.message.contains("No such file") == true)
    symlink("/nowhere", folder.path("lost"))
    error = #expect(throws: DatasetError.self) { try reader.headers(folder.path("lost")) }
    #expect(
      error?.kind == .missing && error?.message.contains("a link that leads nowhere (to /nowhere)") == true)
    error = #expect(throws: DatasetError.self) { try reader.headers(folder.url.path) }
    #expect(error?.kind == .malformed && error?.message == "is no regular file; remove it")
  }

  @Test("EXIF that is broken or names no orientation counts as upright")
  func brokenExif() throws {
    let good = StillSample.webp.first { $0.name == "webp-turned" }!
    let at = good.file.lastIndex(of: 8)!
    for value: UInt8 in [0, 9, 255] {
      var file = good.file
      file[at] = value
      let headers = try file.withUnsafeBytes { try StillFile($0, path: "a").headers() }
      #expect(headers[0].orientation == 1)
    }
  }
}
