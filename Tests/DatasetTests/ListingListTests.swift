import Basics
import Dataset
import Foundation
import Support
import Testing

@Suite struct ListingListTests {
  private func list(
    _ text: String, name: String = "list.csv", _ folder: borrowing TemporaryDirectory
  ) throws -> Listing {
    let path = try folder.putRaw(FileName.bytes(of: text), name)
    return try Listing.make([name == "list.txt" ? "@\(path)" : path])
  }

  @Test("A list names files from its own folder, in its order, and perhaps their classes")
  func lists() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["b.png", "sub/a.png", "c, \"d\"\n.png", "e\u{efff}.png"])
    for (text, names, labels) in [
      ("path,label\nsub/a.png,x\nb.png,y\n", ["sub/a.png", "b.png"], ["x", "y"]),
      ("sub/a.png,x\r\nb.png,y", ["sub/a.png", "b.png"], ["x", "y"]),
      ("\u{feff}filename\tclass\r\nb.png\t1\r\n", ["b.png"], ["1"]),
      ("image;target\nb.png;1\n", ["b.png"], ["1"]),
      ("label,file\ny,b.png\n", ["b.png"], ["y"]), ("b.png\nsub/a.png\n", ["b.png", "sub/a.png"], nil),
      ("file\nb.png\n", ["b.png"], nil), ("b.png,label\n", ["b.png"], ["label"]),
      ("b.png\nsub/a.png,x\n", ["b.png", "sub/a.png"], nil),
      ("\"c, \"\"d\"\"\n.png\",\"a,b\"\n", ["c, \"d\"\n.png"], ["a,b"]),
      ("e\u{efff}.png,é\n", ["e\u{efff}.png"], ["é"]),
      ("index,source,cluster,score,label\n0,b.png,3,0.5,z\n", ["b.png"], ["z"]),
    ] as [(String, [String], [String]?)] {
      let listing = try list(text, folder)
      #expect(listing.sources == names && listing.listLabels == labels, "\(text)")
      #expect(listing.paths == names.map { "\(folder.url.path)/\($0)" } && listing.failures.isEmpty)
    }
    let listing = try list("b.png\nsub/a.png,x\n", folder)
    #expect(
      listing.remarks == [
        .init(title: "list", text: "labels of the list are not used: they are there for 1 of 2 pictures")
      ])
    let table = try list("index,source,cluster,score,label\n0,b.png,3,0.5,z\n", folder)
    #expect(
      table.remarks == [
        .init(title: "list", text: "\(folder.path("list.csv")): not used: columns index, cluster, score")
      ])
  }

  @Test("A list of a path a line takes every line as it is")
  func plain() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["b.png", "a,b.png", " c.png", "#d.png"])
    let other = try TemporaryDirectory()
    try other.putImages(["x.png"])
    let names = ["b.png", "a,b.png", " c.png", "#d.png", other.path("x.png")]
    for text in [names.joined(separator: "\n"), names.joined(separator: "\r\n") + "\r\n\n"] {
      let listing = try list(text, name: "list.txt", folder)
      #expect(
        listing.sources == names && listing.paths.last == other.path("x.png") && listing.listLabels == nil)
    }
  }

  @Test("Files of a list that are not there are told, all of them, with their lines")
  func failures() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["a.png", "sub/b.png"])
    symlink("/nowhere", folder.path("link.png"))
    let listing = try list(
      "a.png\nnone.png\nsub\nlink.png\nclip.mp4\nhttps://x.org/a.png\n", name: "list.txt", folder)
    #expect(listing.sources == ["a.png"])
    let messages = listing.failures.map(\.description)
    for (message, texts) in zip(
      messages,
      [
        ["/none.png: cannot be read: No such file", "(line 2 of"], ["/sub: is a folder", "line 3"],
        ["/link.png: is a link that leads nowhere (to /nowhere)", "line 4"], ["clip.mp4: ", "line 5"],
        ["is an address; fetch the file", "line 6"],
      ])
    {
      for text in texts { #expect(message.contains(text), "\(message)") }
    }
    #expect(messages.count == 5)
  }

  @Test("Lists that cannot be right")
  func bad() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["a.png"])
    for (text, message) in [
      ("a.png\nb.png\na.png\n", "line 3 names a.png, as line 1 does; leave it out"),
      ("a.png,x\na.png,y\na.png,z\n", "line 2 names a.png, as line 1 does; so do 1 more lines"),
      (
        "a.png,x\nb.png,y,z\n",
        "line 2 has 3 fields, the first one 2; names that hold commas belong in quotation marks"
      ),
      ("path,label\n,x\n", "line 2 names no file"), ("path,label\n", "lists no file"), ("", "is empty"),
      ("a.png\n\"b.png\n", "has a quotation mark in line 2 that is not closed"),
      ("a\0.png,x\n", "line 1 holds a zero byte"),
    ] {
      expectError(.malformed, folder.path("list.csv"), message) { _ = try list(text, folder) }
    }
    try folder.putRaw([0xff, 0xfe, 0x61, 0], "wide.csv")
    expectNoListing([folder.path("wide.csv")], .malformed, folder.path("wide.csv"), "is in UTF-16")
    expectNoListing(["@" + folder.path("none.txt")], .missing, folder.path("none.txt"), "cannot be read")
    expectNoListing(
      ["@" + folder.url.path], .malformed, folder.url.path, "is no file; expected a list of images")
  }

  @Test("A list and a folder: names with the argument in front; labels for some are not used")
  func several() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["set/a.png", "other/b.png"])
    let path = try folder.putRaw(Array("other/b.png,x\n".utf8), "list.csv")
    let set = folder.path("set")
    let listing = try Listing.make([set, path])
    #expect(listing.sources == ["\(set)/a.png", "\(path)/other/b.png"] && listing.listLabels == nil)
    #expect(
      listing.remarks == [
        .init(title: "list", text: "labels of the list are not used: they are there for 1 of 2 pictures")
      ])
  }
}
