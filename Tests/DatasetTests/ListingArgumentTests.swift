import Basics
import Dataset
import Foundation
import Support
import Testing

@Suite struct ListingArgumentTests {
  private static let tar = TarFile(("a.png", [])).ended
  private static let numpy: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 10, 0]
  private static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// The inputs in short.
  private func inputs(_ arguments: [String]) throws -> [String] {
    let listing = try Listing.make(arguments)
    return listing.inputs.map { input in
      switch input {
      case .stills(let path, let entries): "stills \(FileName.last(path)) \(entries)"
      case .array(let path): "array \(FileName.last(path))"
      case .shards(let paths): "shards \(paths.map(FileName.last).joined(separator: " "))"
      }
    }
  }

  @Test("What a file is, its first bytes say, whatever it is called")
  func content() throws {
    let folder = try TemporaryDirectory()
    let image = PNG(width: 1, height: 1, rows: [1]).bytes
    for (name, bytes, expected) in [
      ("a.png", image, "stills  0..<1"), ("b", image, "stills  0..<1"), ("c.txt", image, "stills  0..<1"),
      ("d.npy", Self.numpy, "array d.npy"), ("e.dat", Self.numpy, "array e.dat"),
      ("f.h5", Self.hdf5, "array f.h5"),
      ("g.mat", [UInt8](repeating: 32, count: 512) + Self.hdf5, "array g.mat"),
      ("h-idx3-ubyte", IDX.images([1, 2, 2]), "array h-idx3-ubyte"), ("i.gz", IDX.packed, "array i.gz"),
      ("j.tar", Self.tar, "shards j.tar"), ("k.tgz", gzip(Self.tar), "shards k.tgz"),
      ("l.tar.zst", [0x28, 0xb5, 0x2f, 0xfd, 0], "shards l.tar.zst"), ("m.bin", Self.tar, "shards m.bin"),
      ("l.tgz", [0x1f, 0x8b, 0], "shards l.tgz"),
      ("v.tar.lz4", ShardSamples.lz4, "shards v.tar.lz4"), ("v.tar.lz", ShardSamples.lzip, "shards v.tar.lz"),
      ("v", ShardSamples.zstd, "shards v"), ("n.npz", Array("PK\u{3}\u{4}".utf8), "array n.npz"),
      (
        "o.zip",
        Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 22) + [5, 0, 0, 0] + Array("x.npy".utf8),
        "array o.zip"
      ),
      ("p.jpg", Array("damaged".utf8), "stills  0..<1"),
      ("q.webp", Array("RIFF....WEBPVP8 ".utf8), "stills  0..<1"),
      ("r.ppm", Array("P6\n1 1\n255\n...".utf8), "stills  0..<1"),
    ] as [(String, [UInt8], String)] {
      #expect(try inputs([folder.putRaw(bytes, name)]) == [expected], "\(name)")
    }
    #expect(try inputs([folder.path("f.h5") + ":/group/images"]) == ["array images"])
    for (name, inner) in [("f.h5", "images"), ("n.npz", "x"), ("o.zip", "a:b"), ("d.npy", "x")] {
      #expect(try inputs(["\(folder.path(name)):\(inner)"]) == ["array \(name):\(inner)"])
    }
    #expect(
      try inputs([folder.url.path + "/{f.h5,n.npz}:images"]) == ["array f.h5:images", "array n.npz:images"])
    expectNoListing(
      [folder.path("a.png") + ":x"], .malformed, folder.path("a.png"),
      "holds no arrays; :x behind its name is for .npz and HDF5 files")
    let listing = try Listing.make([folder.path("a.png")])
    #expect(listing.sources == ["a.png"] && listing.paths == [folder.path("a.png")])
  }

  @Test("What is no image says what it is")
  func foreign() throws {
    let folder = try TemporaryDirectory()
    for (name, bytes, text) in [
      (
        "a.mp4", "\0\0\0\u{18}ftypmp42....",
        "is a video, which is not read; take single pictures out of it; expected a still image"
      ),
      (
        "b.jpg", "\0\0\0\u{18}ftypheic....",
        "is a HEIC picture, which is not read; convert it to PNG or JPEG; expected"
      ),
      ("c", "\0\0\0\u{18}ftypavif....", "an AVIF picture"), ("d.pdf", "%PDF-1.7", "is a PDF document"),
      ("e.txt", "hello", "--images @"),
      ("f.zip", "PK\u{3}\u{4}....", "is a ZIP file, which is not read; unpack it"),
      ("g.npy", "hello", "is named as an array (g.npy), but is none"),
      ("h.nef", "II*\0....", "'camera RAW file'"),
      (
        "i", "hello, world",
        "is nothing that can be read: it starts with 68 65 6c 6c 6f 2c 20 77; expected a still image"
      ),
      ("j.png", "", "is empty"), ("k.psd", "8BPS", "is a Photoshop file"), ("l.mkv", "hello", "'video'"),
    ] {
      let path = try folder.putRaw(Array(text == "" ? "" : bytes).map { $0.utf8.first! }, name)
      expectNoListing([path], .malformed, path, text)
    }
    let none = folder.path("none")
    expectNoListing([none], .missing, none, "no such file or folder; check --images")
    symlink("/nowhere", none)
    expectNoListing([none], .missing, none, "is a link that leads nowhere (to /nowhere)")
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    expectNoListing(
      [folder.path("pipe")], .malformed, folder.path("pipe"), "is no regular file and no folder")
    expectNoListing([""], .options, nil, "names no file")
  }

  @Test("Arguments of all kinds are taken in their order")
  func order() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["set/b.png", "set/a.png", "x.png", "y.png"])
    try folder.putRaw(Self.numpy, "z.npy")
    try folder.putRaw(Self.tar, "s.tar")
    #expect(
      try inputs(["x.png", "y.png", "z.npy", "set", "s.tar"].map { folder.path($0) }) == [
        "stills  0..<2", "array z.npy", "stills set 2..<4", "shards s.tar",
      ])
  }

  @Test("Patterns stand for files in natural order; other kinds among these are left out")
  func patterns() throws {
    let folder = try TemporaryDirectory()
    let root = folder.url.path
    try folder.putImages([
      "a10.png", "a2.png", "b.png", "d/1/x.png", "d/2/y.png", "d/2/deep/z.png", ".h.png", "q[1].png",
    ])
    try folder.putRaw([1], "a3.txt")
    func names(_ pattern: String) throws -> [String] {
      try Listing.make(["\(root)/\(pattern)"]).paths.map { String($0.dropFirst(root.count + 1)) }
    }
    #expect(try names("a*") == ["a2.png", "a10.png"] && names("?.png") == ["b.png"])
    #expect(
      try Listing.make(["\(root)/a*"]).remarks == [.init(title: "left out", text: "1 text file (.txt)")])
    #expect(try names("*.png") == ["a2.png", "a10.png", "b.png", "q[1].png"])
    #expect(try names("d/*/*.png") == ["d/1/x.png", "d/2/y.png"] && names("[ab].png") == ["b.png"])
    #expect(try names("**/*.png").count == 7 && names("d/**/z.png") == ["d/2/deep/z.png"])
    #expect(try names("d/**") == ["d/1/x.png", "d/2/deep/z.png", "d/2/y.png"])
    // The very name goes before the pattern.
    #expect(try names("q[1].png") == ["q[1].png"])
    #expect(try names("{b,a2}.png") == ["b.png", "a2.png"] && names("a{2..2}.png") == ["a2.png"])
    #expect(try names("d/{1,{2,2/deep}}/*.png") == ["d/1/x.png", "d/2/y.png", "d/2/deep/z.png"])
    expectNoListing(["\(root)/*.webp"], .missing, "\(root)/*.webp", "no file or folder has a name like this")
    expectNoListing(["\(root)/*.txt"], .missing, nil, "names no image; left out: 1 text file (.txt)")
    let sources = try Listing.make(["\(root)/d/*"]).sources
    #expect(sources == ["\(root)/d/1/x.png", "\(root)/d/2/deep/z.png", "\(root)/d/2/y.png"])
  }

  @Test("Braces stand for the parts of an archive, all of which must be there")
  func shards() throws {
    let folder = try TemporaryDirectory()
    for number in 8...11 { try folder.putRaw(Self.tar, "set-0\(number < 10 ? "0" : "")\(number).tar") }
    let shards = ["shards set-008.tar set-009.tar set-010.tar set-011.tar"]
    #expect(try inputs([folder.url.path + "/set-{008..011}.tar"]) == shards)
    #expect(try inputs([folder.url.path + "/set-*.tar"]) == shards)
    #expect(try inputs([folder.url.path + "/set-{011..010}.tar"]) == ["shards set-011.tar set-010.tar"])
    let missing = folder.url.path + "/set-{006..011}.tar"
    expectNoListing(
      [missing], .missing, missing,
      "2 of the 6 files that it stands for are not there: \(folder.path("set-006.tar")), \(folder.path("set-007.tar"))"
    )
    for braces in [
      "{0..99999999999999}", "{0..999}{0..999}", "{0..9223372036854775807}",
      String(repeating: "{a,", count: 20000),
    ] {
      let path = folder.url.path + "/\(braces).tar"
      expectNoListing([path], .options, path, "stands for more than 100000 files")
    }
    for literal in ["{", "{}", "{a}", "{1..}", "{a,b", "}{", "{-1..2}", "{99999999999999999999..2}"] {
      let path = folder.url.path + "/" + literal
      expectNoListing([path], .missing, path, "no such file or folder")
    }
  }

  @Test("Arrays and archives that are given twice are noticed; each archive is one of several")
  func repeated() throws {
    let folder = try TemporaryDirectory()
    let (array, twin) = (try folder.putRaw(Self.numpy, "a.npy"), folder.path("b.npy"))
    let (shard, hdf5) = (
      try folder.putRaw(Self.tar, "train/0.tar"), try folder.putRaw(Self.hdf5, "c.h5")
    )
    try folder.putRaw(Self.tar, "val/0.tar")
    for twice in [array, shard, hdf5, "\(hdf5):x"] {
      expectNoListing([twice, twice], .options, twice, "is named twice by --images; leave it out once")
    }
    expectNoListing(
      [folder.url.path + "/*/0.tar", shard], .options, shard, "is named twice by --images; leave it out once")
    symlink(array, twin)
    for (first, second) in [(array, twin), ("\(hdf5):x", "\(hdf5):/x")] {
      let text = "1 file is reached twice, such as \(second), which is \(first)"
      #expect(try Listing.make([first, second]).remarks == [.init(title: "copies", text: text)])
    }
    #expect(try Listing.make(["\(hdf5):x", "\(hdf5):y", hdf5]).remarks.isEmpty)
    let (one, two) = (try Listing.make([shard]), try Listing.make([folder.url.path + "/{train,val}/0.tar"]))
    #expect(one.hasOneRoot && !two.hasOneRoot && two.inputs.count == 1)
  }
}
