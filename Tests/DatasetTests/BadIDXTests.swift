import Dataset
import Foundation
import Support
import Testing

@Suite struct BadIDXTests {
  private static let image = IDX.images([3, 4, 5])

  @Test("Files that are missing, or are no files")
  func noFile() throws {
    let folder = try TemporaryDirectory()
    let images = try folder.put(Self.image, "images")
    let none = folder.path("none")
    expectFailure(
      DatasetRequest(images: [images, none]), .missing, none, "no such file or folder; check --images")
    expectFailure(
      DatasetRequest(images: [images], labels: [none]), .missing, none,
      "cannot be read: No such file or directory")
    expectFailure(
      DatasetRequest(images: [images], labels: [folder.url.path]), .malformed, folder.url.path,
      "is no file; expected labels")
    expectFailure(
      DatasetRequest(images: ["/dev/null"]), .malformed, "/dev/null", "is no regular file and no folder")
  }

  @Test("A file without permission to read", .enabled(if: geteuid() != 0))
  func unreadable() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(Self.image, "images")
    chmod(path, 0)
    expectFailure(DatasetRequest(images: [path]), .missing, path, "cannot be read: Permission denied")
  }

  @Test("A plain file that is named .gz")
  func notGzip() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(Self.image, "images.gz")
    expectFailure(
      DatasetRequest(images: [path]), .malformed, path, "is named .gz but is not gzip",
      "it starts with 00 00, gzip starts with 1f 8b")
  }

  @Test("An empty file that is named .gz: nothing is said about bytes that are not there")
  func emptyGzip() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put([], "images.gz")
    let error = expectFailure(DatasetRequest(images: [path]), .malformed, path, "is empty")
    #expect(error?.message.contains("00 00") == false)
  }

  @Test("Labels in the place of images, images in the place of labels, and other types of numbers")
  func magic() throws {
    let folder = try TemporaryDirectory()
    let images = try folder.put(Self.image, "images")
    let labels = try folder.put(gzip(IDX.labels([1, 2, 3])), "labels.gz")
    expectFailure(
      DatasetRequest(images: [labels]), .malformed, labels, "is not an IDX file of images",
      "expected the magic number 00 00 tt 03 or 00 00 tt 04")
    expectFailure(
      DatasetRequest(images: [images], labels: [images]), .malformed, images, "is not an IDX file of labels",
      "expected the magic number 00 00 tt 01")
    for (bytes, found) in [
      (IDX.file([3, 4, 5], randomBytes(240, seed: 1), type: 0x0a), "starts with 00 00 0a 03"),
      (IDX.file([3, 4], randomBytes(12, seed: 1)), "found 00 00 08 02"),
      (IDX.file([1, 1, 1, 1, 1], [0]), "found 00 00 08 05"),
      (Array("text, and more of it".utf8), "starts with 74 65 78 74"),
      ([0, 1] + Self.image.dropFirst(2), "starts with 00 01 08 03"),
    ] {
      let path = try folder.put(bytes, "other")
      expectFailure(DatasetRequest(images: [path]), .malformed, path, found)
    }
  }

  @Test("Files that end inside their magic number or header", arguments: 0..<20)
  func header(_ length: Int) throws {
    let folder = try TemporaryDirectory()
    let file = Array(IDX.images([3, 1, 4, 5]).prefix(length))
    let whole = "ends inside its header: the file is truncated"
    let plain = length == 0 ? "is empty" : length < 4 ? "is nothing that can be read" : whole
    let packed = length < 4 ? "is not a file of arrays" : whole
    for (bytes, text) in [(file, plain), (gzip(file), packed)] {
      let path = try folder.put(bytes, "images")
      expectFailure(DatasetRequest(images: [path]), .malformed, path, text)
    }
  }

  @Test("A header that promises more or less than the file holds")
  func length() throws {
    let folder = try TemporaryDirectory()
    for (bytes, text) in [
      (Array(Self.image.dropLast()), "the file holds 59; it is truncated"),
      (Array(Self.image.prefix(16)), "the file holds 0; it is truncated"),
      (Self.image + [0], "the file holds 61; it is followed by something else"),
    ] {
      let path = try folder.put(bytes, "images")
      expectFailure(
        DatasetRequest(images: [path]), .malformed, path, "its header promises 3 × 4 × 5 = 60 bytes", text)
    }
    for (bytes, text) in [
      (Array(Self.image.dropLast()), "its header promises 3 items of 20 bytes, the file ends after 2"),
      (Array(Self.image.prefix(16)), "its header promises 3 items of 20 bytes, the file ends after 0"),
      (Self.image + [0], "holds more than the 3 items that its header promises"),
    ] {
      let path = try folder.put(gzip(bytes), "images.gz")
      expectFailure(DatasetRequest(images: [path]), .malformed, path, text)
    }
    let images = try folder.put(Self.image, "images")
    let labels = try folder.put(gzip(Array(IDX.labels([1, 2, 3]).dropLast())), "labels.gz")
    expectFailure(
      DatasetRequest(images: [images], labels: [labels]), .malformed, labels,
      "its header promises 3 items of 1 bytes, the file ends after 2")
  }

  @Test("A small gzip file that promises what no compression reaches is refused before memory is asked for")
  func lie() throws {
    let folder = try TemporaryDirectory()
    let file = gzip(IDX.file([60_000, 1000, 1000], [1, 2, 3]))
    let path = try folder.put(file, "images.gz")
    expectFailure(
      DatasetRequest(images: [path]), .malformed, path,
      "promises 60000000000 bytes, more than a gzip file of \(file.count) bytes can hold")
  }

  @Test(
    "Sizes of zero and sizes beyond all memory",
    arguments: [
      [0, 4, 5], [3, 0, 5], [3, 4, 0], [0, 0, 0], [2, 0, 4, 5], [0, 1, 1, 1],
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0x8000_0000, 0x8000_0000, 1], [0x8000_0000, 0x8000_0000, 2],
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0x1_0000, 0x1_0000, 0x1_0000, 0x1_0000],
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0],
    ])
  func sizes(_ sizes: [Int]) throws {
    let folder = try TemporaryDirectory()
    let file = IDX.file(sizes, [])
    for bytes in [file, gzip(file)] {
      let path = try folder.put(bytes, "images")
      expectFailure(
        DatasetRequest(images: [path]), .malformed, path, "has a header with impossible sizes: \(sizes)")
    }
  }

  @Test("No labels at all")
  func noLabels() throws {
    let folder = try TemporaryDirectory()
    let images = try folder.put(Self.image, "images")
    let labels = try folder.put(IDX.labels([]), "labels")
    expectFailure(
      DatasetRequest(images: [images], labels: [labels]), .malformed, labels, "impossible sizes: [0]")
  }
}
