import Basics
import Dataset
import Foundation
import Support
import Testing

@Suite struct ListingFolderTests {
  @Test("A folder's images come in natural order, with length and time, whatever case their suffix has")
  func order() throws {
    let folder = try TemporaryDirectory()
    let names = [
      "2.png", "9.gif", "10.png", "B.TIFF", "a/1.png", "a/11.png", "a/b/c.webp", "img01.png", "img1.png",
      "img2.PNG",
      "img10.jpe", "x.JPG", "x.jfif", "x.pgm", "z18446744073709551617.bmp", "z18446744073709551618.bmp",
    ]
    try folder.putImages(names.reversed())
    var beats = 0
    let root = folder.url.path
    let listing = try Listing.make([root], beat: { beats += 1 })
    #expect(listing.sources == names && beats >= names.count)
    #expect(listing.paths == names.map { "\(root)/\($0)" })
    #expect(listing.remarks.isEmpty && listing.failures.isEmpty && listing.listLabels == nil)
    guard case .stills(root, 0..<names.count)? = listing.inputs.first, listing.inputs.count == 1 else {
      Issue.record("\(listing.inputs)")
      return
    }
    let status = try #require(Files.status("\(root)/2.png"))
    #expect(listing.stills[0].bytes == Int(status.st_size) && listing.stills[0].modified == status.modified)
    #expect(try Listing.make([root + "//"]).sources == names)
  }

  @Test("Names of any bytes are found, and are all different")
  func anyBytes() throws {
    let folder = try TemporaryDirectory()
    let names = [
      "a\u{efff}.png", "a\u{effe}.png", "new\nline.png", "quote\"s',.png", "cr\r.png",
      "d\u{efe9}r/\u{efc3}.png",
      "e\u{301}.png", "\u{e9}.png", FileName.text(of: Array("\u{ef80}.png".utf8)), "tab\t .png",
    ]
    try folder.putImages(names)
    let root = try folder.putRaw([1], "r\u{eff0}t/ignored.txt").replacing("/ignored.txt", with: "")
    let listing = try Listing.make([folder.url.path])
    #expect(Set(listing.sources.map(ExactText.init)) == Set(names.map(ExactText.init)))
    for path in listing.paths { #expect(Files.contents(path) == PNG(width: 1, height: 1, rows: [1]).bytes) }
    try folder.putImages(["r\u{eff0}t/\u{eff1}.png"])
    #expect(try Listing.make([root]).sources == ["\u{eff1}.png"])
    #expect(Files.removeTree(folder.url.path) == 0)
  }

  @Test("What is left out is told by kind, with the suffixes that were found")
  func leftOut() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["a.png", "no suffix", "odd.scan1", ".hidden.png", ".git/x.png"])
    for name in [
      "v.mp4", "w.MOV", "x.mp4", "n.txt", "n.md", "p.heic", "q.HEIC", "r.cr2", "s.npy", "t.zip", "u.psd",
      "Thumbs.db", "desktop.ini", "y.bak", "readme", "z.avif", "z.jxl", "doc.pdf",
    ] {
      try folder.putRaw(Array("no image".utf8), name)
    }
    try folder.putImages([
      "@eaDir/a.png/SYNO.jpg", "sub/__MACOSX/._a.png", "sub/@eaDir/b.png", ".thumbnails/a.png",
    ])
    let listing = try Listing.make([folder.url.path])
    #expect(listing.sources == ["a.png", "no suffix", "odd.scan1"])
    #expect(
      listing.remarks.map(\.text) == [
        "3 videos (.mov, .mp4), 2 text files (.md, .txt), 1 document (.pdf), "
          + "1 archive (.zip: unpack them, or give a tar to --images by itself), 1 camera RAW file (.cr2: convert them), "
          + "2 HEIC (.heic: convert them), 1 AVIF (.avif: convert them), 1 JPEG XL (.jxl: convert them), "
          + "1 drawing (.psd: convert them), 1 array (.npy: give each to --images by itself), "
          + "2 other files (without a suffix, .bak)",
        "folders .thumbnails, @eaDir, __MACOSX (4 files)",
      ])
    #expect(listing.remarks.allSatisfy { $0.title == "left out" })
  }

  @Test("A folder without images says what it has")
  func nothing() throws {
    let folder = try TemporaryDirectory()
    try folder.putRaw([1], "set/clip.mp4")
    try FileManager.default.createDirectory(atPath: folder.path("empty"), withIntermediateDirectories: true)
    let (set, empty) = (folder.path("set"), folder.path("empty"))
    expectNoListing([set], .missing, set, "holds no still image (PNG, ", "; left out: 1 video (.mp4)")
    expectNoListing([empty], .missing, empty, "holds no still image", "expected a folder of images")
    try folder.putImages(["good/a.png"])
    expectNoListing([folder.path("good"), empty], .missing, empty, "holds no still image")
  }

  @Test("Links are followed, each folder once; all that lead nowhere are told")
  func links() throws {
    let folder = try TemporaryDirectory()
    let other = try TemporaryDirectory()
    let root = folder.url.path
    try other.putImages(["c.png"])
    // A folder's path may come again below it.
    try folder.putImages(["sub\(root)/a.png"])
    symlink(other.url.path, "\(root)/linked")
    symlink(other.path("c.png"), "\(root)/single.png")
    symlink(root, "\(root)/loop")
    symlink("..", "\(root)/sub/up")
    let listing = try Listing.make([root])
    #expect(listing.sources == ["linked/c.png", "single.png", "sub\(root)/a.png"])
    for (name, target) in [
      ("lost.png", "/nowhere"), ("class3", "gone"), ("round.jpg", "round.jpg"), ("n.txt", "x"),
    ] {
      symlink(target, "\(root)/\(name)")
    }
    #expect(mkfifo("\(root)/pipe.png", 0o600) == 0 && mkfifo("\(root)/pipe", 0o600) == 0)
    let broken = try Listing.make([root])
    #expect(broken.sources == listing.sources)
    let failures = broken.failures.sorted { $0.file ?? "" < $1.file ?? "" }
    #expect(failures.map(\.file) == ["class3", "lost.png", "pipe.png", "round.jpg"].map { "\(root)/\($0)" })
    #expect(
      failures[0].message
        == "is a link that leads nowhere (to gone): No such file or directory; remove it or mend it")
    #expect(failures[1].message.contains("(to /nowhere)") && failures[2].message.contains("no regular file"))
    #expect(failures[3].message.contains("Too many levels of symbolic links"))
    #expect(broken.remarks.map(\.text) == ["1 text file (.txt), 1 other file (without a suffix)"])
  }

  @Test("Folders that may not be read are told, all of them", .enabled(if: geteuid() != 0))
  func unreadable() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["a.png", "b/b.png", "c/c.png"])
    for name in ["b", "c"] { chmod(folder.path(name), 0) }
    defer { for name in ["b", "c"] { chmod(folder.path(name), 0o755) } }
    let listing = try Listing.make([folder.url.path])
    #expect(listing.sources == ["a.png"])
    #expect(Set(listing.failures.map(\.file)) == [folder.path("b"), folder.path("c")])
    #expect(listing.failures.allSatisfy { $0.message.contains("cannot be listed: Permission denied") })
    expectNoListing([folder.path("b")], .missing, folder.path("b"), "cannot be listed")
  }

  @Test("Several folders have their names in front of their images', so that all are called differently")
  func several() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["two/a.png", "one/b.png", "one/a.png"])
    let (one, two) = (folder.path("one"), folder.path("two"))
    let listing = try Listing.make([two + "/", one])
    #expect(listing.sources == ["\(two)/a.png", "\(one)/a.png", "\(one)/b.png"])
    #expect(
      listing.stills.map(\.root) == [0, 1, 1] && listing.stills.map(\.name) == ["a.png", "a.png", "b.png"])
    #expect(try Listing.make([one]).sources == ["a.png", "b.png"])
  }

  @Test("One folder twice, or one within another, is an error; files that are reached twice are counted")
  func repeated() throws {
    let folder = try TemporaryDirectory()
    try folder.putImages(["one/in/a.png", "one/b.png", "two/b.png"])
    let (one, inner, two) = (folder.path("one"), folder.path("one/in"), folder.path("two"))
    expectNoListing([one, "\(one)/"], .options, "\(one)/", "is read already, as a part of --images \(one)")
    expectNoListing([one, inner], .options, inner, "is read already, as a part of --images \(one)")
    expectNoListing([inner, one], .options, inner, "is read already, as a part of --images \(one)")
    symlink(inner, "\(two)/link")
    link("\(one)/b.png", "\(two)/c.png")
    let listing = try Listing.make([one, two])
    #expect(listing.stills.count == 5 && Set(listing.sources).count == 5)
    #expect(
      listing.remarks.count == 1
        && listing.remarks[0].text.hasPrefix("2 files are reached twice, such as \(two)/")
    )
    expectNoListing([one, "\(one)/b.png"], .options, "\(one)/b.png", "is named twice by --images")
    expectNoListing(["\(one)/b.png", "\(one)/b.png"], .options, "\(one)/b.png", "is named twice by --images")
  }

  @Test("Every file that is listed for its suffix is of a format that is read, and every format has one")
  func suffixes() throws {
    let folder = try TemporaryDirectory()
    let float: [UInt8] = Array("Pf\n1 1\n-1.0\n".utf8) + [0, 0, 0x80, 0x3f]
    let samples: [(StillFormat, suffixes: String, file: [UInt8])] = [
      (.png, "png", StillSample.png[0].file), (.jpeg, "jpg jpeg jpe jfif", JPEGSamples.grey),
      (.webp, "webp", StillSample.webp[0].file), (.tiff, "tif tiff", StillSample.tiffColours[0].file),
      (.gif, "gif", StillSample.gif[0].file), (.bmp, "bmp dib", StillSample.bmp[0].file),
      (.pnm, "pnm pbm pgm ppm pam", StillSample.pnm[0].file), (.pnm, "pfm", float),
    ]
    #expect(Set(samples.map(\.0)) == Set(StillFormat.allCases))
    for (format, suffixes, file) in samples {
      for suffix in suffixes.split(separator: " ") {
        // By its suffix, what is no picture is listed as well; by its bytes, a picture without one.
        let (good, bad) = ("\(suffix)/good.\(suffix)", "\(suffix)/bad.\(suffix)")
        try folder.putRaw(file, good)
        try folder.putRaw(file, "\(suffix)/without")
        try folder.putRaw([1], bad)
        let listing = try Listing.make([folder.path(String(suffix))])
        #expect(listing.sources == ["bad.\(suffix)", "good.\(suffix)", "without"])
        #expect(try StillReader().headers(folder.path(good)).format == format)
      }
    }
  }
}
