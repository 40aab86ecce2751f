import Basics
import Foundation
import Support
import Testing

@Suite struct FileNameTests {
  /// Bytes of names, and their texts.
  private static let samples: [([UInt8], String)] = [
    ([], ""), (Array("photo 1.png".utf8), "photo 1.png"), (Array("Äpfel/žluť😀".utf8), "Äpfel/žluť😀"),
    ([0x61, 0xff, 0x62], "a\u{efff}b"), ([0x80], "\u{ef80}"), ([0xe9], "\u{efe9}"),
    // Too long, half of a pair, too large, and scalars that are cut off.
    ([0xc0, 0xaf], "\u{efc0}\u{efaf}"), ([0xe0, 0x80, 0x80], "\u{efe0}\u{ef80}\u{ef80}"),
    ([0xed, 0xa0, 0x80], "\u{efed}\u{efa0}\u{ef80}"),
    ([0xf4, 0x90, 0x80, 0x80], "\u{eff4}\u{ef90}\u{ef80}\u{ef80}"),
    ([0xc3], "\u{efc3}"), ([0xe2, 0x82, 0x41], "\u{efe2}\u{ef82}A"),
    // The scalars that stand for bytes, and their neighbours.
    (Array("\u{ef80}".utf8), "\u{efee}\u{efbe}\u{ef80}"),
    (Array("\u{efff}".utf8), "\u{efee}\u{efbf}\u{efbf}"),
    (Array("\u{ef7f}\u{f000}".utf8), "\u{ef7f}\u{f000}"),
  ]

  @Test("A name of any bytes has a text, which gives the same bytes back")
  func samples() {
    for (bytes, text) in Self.samples {
      #expect(FileName.text(of: bytes).unicodeScalars.elementsEqual(text.unicodeScalars), "\(bytes)")
      #expect(FileName.bytes(of: text) == bytes, "\(bytes)")
    }
  }

  @Test("Text and bytes are one to one, whatever the bytes")
  func randomBytes() {
    var random = SplitMix(state: 11)
    let likely: [UInt8] = [0xee, 0xbe, 0xbf, 0x80, 0xef, 0xc3, 0xe2, 0xf0, 0x41, 0xff]
    var texts: [ExactText: [UInt8]] = [:]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        Bool.random(using: &random)
          ? likely.randomElement(using: &random)! : UInt8.random(in: 1...255, using: &random)
      }
      let text = FileName.text(of: bytes)
      #expect(FileName.bytes(of: text) == bytes)
      #expect(texts.updateValue(bytes, forKey: ExactText(text)) ?? bytes == bytes)
    }
  }

  @Test("What people are shown is valid text on one line")
  func shown() {
    #expect(FileName.shown("Äpfel 1.png") == "Äpfel 1.png")
    #expect(FileName.shown("a\u{efff}b\nc\r\td\u{1b}[2J\u{7f}\u{9b}") == #"a\xFFb\nc\r\td\x1B[2J\x7F\x9B"#)
    #expect(FileName.printable("a\u{ef80}:\n\tb\r") == "a\\x80:\n\tb\\r")
  }

  @Test("Parts of paths")
  func parts() {
    for (path, last, folder) in [
      ("a", "a", "."), ("a/b", "b", "a"), ("/a", "a", "/"), ("a/b//", "b", "a"), ("a//b", "b", "a"),
      ("/", "", "."),
      ("x\u{efff}/é.png", "é.png", "x\u{efff}"),
    ] {
      #expect(FileName.last(path) == last && FileName.folder(path) == folder, "\(path)")
    }
    for (name, suffix) in [
      ("a.PNG", "png"), ("a.b/c", ""), (".hidden", ""), ("x.tar.gz", "gz"), ("a.", ""), ("d/.x.Jpg", "jpg"),
    ] {
      #expect(FileName.suffix(name) == suffix, "\(name)")
    }
    #expect(
      FileName.join("a/", "b") == "a/b" && FileName.join("a", "/b") == "/b" && FileName.join("", "b") == "b")
    #expect(FileName.absolute("/a/./b//c/") == "/a/b/c" && FileName.absolute("x").hasSuffix("/x"))
  }

  @Test("Two spellings of one letter are two names")
  func exact() {
    #expect("e\u{301}" == "\u{e9}" && ExactText("e\u{301}") != ExactText("\u{e9}"))
    #expect(Set([ExactText("a"), ExactText("a"), ExactText("b")]).count == 2)
  }

  @Test("Files and folders of any name are made, found, listed and removed")
  func files() throws {
    let folder = try TemporaryDirectory()
    let odd = folder.path("in") + "/a\u{efff}\n\"/" + FileName.text(of: [0xee, 0xbe, 0x80])
    #expect(Files.makeFolders(odd) == 0 && Files.makeFolders(odd) == 0 && Files.isFolder(odd))
    let path = "\(odd)/\u{efe9}.png"
    let descriptor = Files.open(path, O_WRONLY | O_CREAT)
    #expect(descriptor >= 0 && write(descriptor, "hello", 5) == 5)
    close(descriptor)
    #expect(Files.names(in: odd).map { $0.map(ExactText.init) } == [ExactText("\u{efe9}.png")])
    #expect(Files.contents(path) == Array("hello".utf8) && Files.start(path, atMost: 2) == Array("he".utf8))
    #expect(Files.contents(path, limit: 4) == nil && errno == EFBIG)
    #expect(Files.rename(path, to: "\(odd)/x") == 0 && Files.status("\(odd)/x")?.st_size == 5)
    #expect(Files.status(path) == nil && errno == ENOENT)
    #expect(Files.makeFolders("\(odd)/x/y") == -1)
    #expect(symlink("/nowhere", folder.path("link")) == 0)
    #expect(Files.target(ofLink: folder.path("link")) == "/nowhere" && Files.target(ofLink: odd) == nil)
    #expect(Files.removeTree(folder.path("in")) == 0 && !Files.exists(folder.path("in")))
    #expect(Files.removeTree(folder.path("link")) == 0 && Files.names(in: folder.url.path) == [])
  }
}

@Suite struct CSVTests {
  private func rows(_ text: String, _ separator: Character = ",") throws -> [[String]] {
    var rows: [[String]] = []
    try CSV.forEachRow(Array(text.utf8), separator: separator.asciiValue!) { rows.append($1) }
    return rows
  }

  @Test("Rows end with any line end, quotation marks hold everything, a mark at the beginning is left out")
  func rows() throws {
    #expect(try rows("a,b\nc,d") == [["a", "b"], ["c", "d"]])
    #expect(try rows("\u{feff}a,b\r\nc,\r\r\n\n") == [["a", "b"], ["c", ""]])
    #expect(try rows("\"a,\"\"b\"\"\r\nc\",d\n") == [["a,\"b\"\r\nc", "d"]])
    #expect(try rows("a\tb,c", "\t") == [["a", "b,c"]])
    #expect(try rows("\"a\"b,c\"d\n") == [["ab", "c\"d"]])
    #expect(try rows("").isEmpty && rows("\n\n").isEmpty)
  }

  @Test("The numbers of lines count those within fields")
  func lines() throws {
    var lines: [Int] = []
    try CSV.forEachRow(Array("a\n\"b\r\nb\nb\"\r\n\nc".utf8), separator: 0x2c) { line, _ in lines.append(line)
    }
    #expect(lines == [1, 2, 6])
    #expect(throws: CSV.OpenQuote.self) { try rows("a\n\"b\nc") }
  }

  @Test("A field that is written is read back, whatever its bytes")
  func roundTrip() throws {
    var random = SplitMix(state: 5)
    let likely: [UInt8] = [0x22, 0x2c, 0x0a, 0x0d, 0x20, 0xff, 0xc3, 0xa9, 0xee, 0xbe, 0x80, 0x61]
    for _ in 0..<5000 {
      let names = (0..<3).map { _ in
        FileName.text(
          of: (0..<Int.random(in: 1...5, using: &random)).map { _ in likely.randomElement(using: &random)! })
      }
      let line = FileName.bytes(of: names.map(CSV.field).joined(separator: ",") + "\n")
      var found: [[String]] = []
      // A mark at the beginning of the file is none of the name.
      try CSV.forEachRow([0x78, 0x2c] + line, separator: 0x2c) { found.append($1) }
      #expect(found.map { $0.map(ExactText.init) } == [(["x"] + names).map(ExactText.init)], "\(line)")
    }
  }
}
