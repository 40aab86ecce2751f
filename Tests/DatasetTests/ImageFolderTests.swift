import Dataset
import Foundation
import Support
import Testing

@Suite struct ImageFolderTests {
  @Test("Images come in the order of their names: bytes, but runs of digits by their value")
  func order() throws {
    let names = [
      "2.png", "9.png", "10.png", "B.png", "a/1.png", "a/b/c.png", "a/11.png", "img01.png", "img1.png",
      "img2.PNG", "img10.png", "img10b.png", "v1.9.png", "v1.10.png", "x.JPG", "x.jpeg",
      "z18446744073709551617.png", "z18446744073709551618.png",
    ].enumerated()
    // "a/11.png" before "a/b/c.png": a digit before a letter.
    let expected = names.map(\.element).map { name in
      name == "a/b/c.png" ? "a/11.png" : name == "a/11.png" ? "a/b/c.png" : name
    }
    let folder = try TemporaryDirectory()
    for (number, name) in names.reversed() {
      try folder.put(PNG(width: 1, height: 1, rows: [UInt8(number)]).bytes, name)
    }
    let set = try LoadedSet(DatasetRequest(images: [folder.url.path]))
    #expect(set.sources == expected)
    for (image, source) in set.sources.enumerated() {
      let number = names.first { $0.element == source }?.offset
      #expect(Array(set[image]) == [UInt8(number ?? 255)], "\(source)")
    }
    #expect(set.units == (0..<set.count).map { $0..<($0 + 1) })
    #expect(try LoadedSet(DatasetRequest(images: [folder.url.path + "/"])).pixels == set.pixels)
  }

  @Test("A scan shows that it goes on: for every name, every file's kind and every header")
  func beats() throws {
    let folder = try TemporaryDirectory()
    let image = PNG(width: 1, height: 1, rows: [1]).bytes
    let count = 50
    for number in 0..<count { try folder.put(image, "\(number % 3)/\(number).png") }
    var beats = 0
    let request = DatasetRequest(images: [folder.url.path])
    #expect(try ScannedSet(request, beat: { beats += 1 }).catalogue.plan.count == count)
    #expect(beats >= 3 * count)
  }

  @Test("Other files, hidden files and hidden folders are passed over")
  func otherFiles() throws {
    let folder = try TemporaryDirectory()
    let image = PNG(width: 1, height: 1, rows: [1]).bytes
    for name in ["a.png", "sub.folder/b.png"] { try folder.put(image, name) }
    for name in [
      "notes.txt", ".hidden.png", ".cache/c.png", "sub.folder/.d.png", "image.png.bak", "noextension",
      "e.png~",
    ] {
      try folder.put(Array("no image".utf8), name)
    }
    let set = try LoadedSet(DatasetRequest(images: [folder.url.path]))
    #expect(set.sources == ["a.png", "sub.folder/b.png"])
  }

  @Test(
    "Sub-folders whose names look like images are folders",
    arguments: ["png", "jpg", "jpeg", "JPEG", "scans.png", "deep/photos.jpg"])
  func folderLikeImage(_ name: String) throws {
    let folder = try TemporaryDirectory()
    try folder.put(PNG(width: 1, height: 1, rows: [1]).bytes, "\(name)/a.png")
    #expect(try LoadedSet(DatasetRequest(images: [folder.url.path])).sources == ["\(name)/a.png"])
  }

  @Test("Linked sub-folders and files are read, each folder once, and a link that leads nowhere is an error")
  func linksBelow() throws {
    let folder = try TemporaryDirectory()
    let other = try TemporaryDirectory()
    let root = folder.url.path
    try other.put(PNG(width: 1, height: 1, rows: [7]).bytes, "c.png")
    // A folder's path may come again below it.
    try folder.put(PNG(width: 1, height: 1, rows: [1]).bytes, "sub\(root)/a.png")
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: "\(root)/linked", withDestinationPath: other.url.path)
    try manager.createSymbolicLink(atPath: "\(root)/single.png", withDestinationPath: other.path("c.png"))
    try manager.createSymbolicLink(atPath: "\(root)/loop", withDestinationPath: root)
    let set = try LoadedSet(DatasetRequest(images: [root]))
    #expect(set.sources == ["linked/c.png", "single.png", "sub\(root)/a.png"])
    #expect((0..<3).map { Array(set[$0]) } == [[7], [7], [1]])
    try manager.createSymbolicLink(atPath: "\(root)/lost.png", withDestinationPath: "/nowhere")
    expectFailure(
      DatasetRequest(images: [root]), .missing, "\(root)/lost.png", "is a link that leads nowhere")
  }

  @Test("Something that is called an image and is no file is refused, not waited for")
  func pipe() throws {
    let folder = try TemporaryDirectory()
    try folder.put(PNG(width: 1, height: 1, rows: [1]).bytes, "a.png")
    #expect(mkfifo(folder.path("b.png"), 0o600) == 0)
    expectFailure(
      DatasetRequest(images: [folder.url.path]), .malformed, folder.path("b.png"), "no regular file")
  }

  @Test("A file that is called png and has no extension is no image")
  func fileCalledPNG() throws {
    let folder = try TemporaryDirectory()
    try folder.put(PNG(width: 1, height: 1, rows: [1]).bytes, "a.png")
    try folder.put(Array("about these images".utf8), "png")
    #expect(try LoadedSet(DatasetRequest(images: [folder.url.path])).sources == ["a.png"])
  }

  @Test("Links to folders and to images are followed")
  func links() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.put(PNG(width: 1, height: 1, rows: [42]).bytes, "real/a.png")
    symlink(folder.path("real"), folder.path("link"))
    #expect(try LoadedSet(DatasetRequest(images: [folder.path("link")])).pixels == [42])
    try FileManager.default.createDirectory(
      atPath: folder.path("images"), withIntermediateDirectories: true)
    symlink(file, folder.path("images/b.png"))
    #expect(try LoadedSet(DatasetRequest(images: [folder.path("images")])).pixels == [42])
  }

  @Test("Several folders and files follow one another, under one limit")
  func several() throws {
    let folder = try TemporaryDirectory()
    for (number, name) in ["one/b.png", "one/a.png", "two/a.png"].enumerated() {
      try folder.put(PNG(width: 1, height: 1, rows: [UInt8(number)]).bytes, name)
    }
    let file = try folder.put(IDX.file([2, 1, 1], [77, 78]), "idx")
    let request = DatasetRequest(images: [folder.path("two"), file, folder.path("one")])
    let set = try LoadedSet(request)
    #expect(set.pixels == [2, 77, 78, 1, 0] && set.labels == nil)
    #expect(
      set.sources == [
        "\(folder.path("two"))/a.png", "\(file)#0", "\(file)#1", "\(folder.path("one"))/a.png",
        "\(folder.path("one"))/b.png",
      ])
    for limit in 1...5 {
      var limited = request
      limited.limit = limit
      let part = try LoadedSet(limited)
      #expect(part.pixels == Array(set.pixels.prefix(limit)))
      #expect(part.units.flatMap { $0 } == Array(0..<limit))
    }
  }
}
