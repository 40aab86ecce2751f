import Foundation
import Report
import Support
import Testing

@Suite struct TextOutputTests {
  @Test("A JSON line keeps the order of its keys and escapes what must be escaped")
  func line() throws {
    var inner = JSONLine()
    inner.add("forward", 0.25)
    var line = JSONLine()
    line.add("z", "a\"b\\c\n\r\t\u{1}é/\u{1F600}")
    line.add("a", -3)
    line.add("yes", true)
    line.add("sizes", [1, 2])
    line.add("none", [Int]())
    line.add("hosts", ["a", "\""])
    line.add("seconds", inner)
    line.add("k\"", JSONLine())
    #expect(
      line.text == #"{"z":"a\"b\\c\n\r\t\u0001é/"# + "\u{1F600}"
        + #"","a":-3,"yes":true,"sizes":[1,2],"none":[],"hosts":["a","\""],"seconds":{"forward":0.25},"k\"":{}}"#
    )
    #expect(try JSONSerialization.jsonObject(with: Data(line.text.utf8)) is [String: Any])
  }

  @Test(
    "Numbers are short and read back to the same bits",
    arguments: [0.1, 1e-7, 1e20, 1e300, -0.0, 5, 1 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude])
  func number(_ value: Double) throws {
    var line = JSONLine()
    line.add("x", value)
    #expect(line.text == "{\"x\":\(value)}")
    let read = try JSONDecoder().decode([String: Double].self, from: Data(line.text.utf8))
    #expect(read["x"]?.bitPattern == value.bitPattern)
  }

  @Test("What is not finite is null", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(_ value: Double) {
    var line = JSONLine()
    line.add("x", value)
    #expect(line.text == "{\"x\":null}")
  }

  @Test("A table aligns its columns, also around × and ·, and has no blanks at line ends")
  func table() {
    var table = TextTable([("", .left), ("size", .right), ("note", .left)])
    table.add(["k·means", "28×28", "–"])
    table.add(["DBC", "5", "long text"])
    #expect(
      table.text == """
                  size  note
        ───────  ─────  ─────────
        k·means  28×28  –
        DBC          5  long text
        """)
    #expect(TextTable([("a", .right)]).text == "a\n─")
  }

  @Test(
    "Durations have the unit that suits them",
    arguments: [
      (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
      (185, "3 min 05 s"), (7800, "2 h 10 min"), (360_000, "100 h 00 min"), (.infinity, "?"), (.nan, "?"),
      (1e300, "?"),
    ])
  func duration(_ seconds: Double, _ text: String) { #expect(ProgressLine.duration(seconds) == text) }

  @Test(
    "Rates never trap",
    arguments: [
      (42.46, "42.5"), (1234.4, "1234"), (.infinity, "inf"), (1e19, "1\(String(repeating: "0", count: 19))"),
    ])
  func rate(_ value: Double, _ text: String) { #expect(ProgressLine.rate(value) == "\(text) images/s") }

  @Test(
    "Short rates have two digits at least",
    arguments: [
      (0.0, "0"), (999.4, "999"), (999.6, "1.0k"), (9949, "9.9k"), (9951, "10k"), (123_456, "123k"),
    ])
  func shortRate(_ value: Double, _ text: String) {
    #expect(ProgressLine.shortRate(value) == "\(text) images/s")
  }

  @Test("Without a terminal a short stage leaves only its last line")
  func lines() throws {
    let text = try shown(.lines) { line in
      line.begin("fcae 1/2", total: 3)
      for step in 1...3 { line.update(done: step, images: 10 * step, note: "") }
      line.end("fcae epoch 1")
      line.end("remark")
    }
    #expect(text == "fcae epoch 1\nremark\n")
  }

  @Test("On a terminal one line is redrawn and cleared, whatever numbers come")
  func terminal() throws {
    let text = try shown(.terminal) { line in
      line.begin("dbc 1/2", total: 4)
      line.update(done: 1, images: 10, note: "loss 2")
      // Redrawn ten times a second at most.
      line.update(done: 2, images: 20, note: "too soon")
      line.begin("dbc 2/2", total: 0)
      line.update(done: 9, images: 20, note: "beyond")
      line.begin("dbc 3/2", total: 5)
      line.update(done: -1, images: 0, note: "before")
      line.end("over")
    }
    #expect(text.hasPrefix("\rdbc 1/2 ██████░░░░░░░░░░░░░░░░░░ 25 %  "))
    #expect(text.contains("loss 2") && !text.contains("too soon"))
    #expect(text.contains("\rdbc 2/2 ████████████████████████ 100 %") && text.contains("beyond"))
    #expect(text.contains("\rdbc 3/2 ░░░░░░░░░░░░░░░░░░░░░░░░ 0 %"))
    #expect(text.hasSuffix(" \rover\n"))
  }

  @Test("Silence is silent")
  func silent() throws {
    let text = try shown(.silent) { line in
      line.begin("fcae 1/2", total: 1)
      line.update(done: 1, images: 10, note: "")
      line.end("over")
    }
    #expect(text.isEmpty)
    #expect(ProgressLine.style(quiet: true) == .silent)
  }

  private func shown(_ style: ProgressLine.Style, _ body: (ProgressLine) -> Void) throws -> String {
    let folder = try TemporaryDirectory()
    let url = URL(fileURLWithPath: folder.path("shown"))
    try Data().write(to: url)
    let file = try FileHandle(forWritingTo: url)
    body(ProgressLine(style, output: file.fileDescriptor))
    try file.close()
    return String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }
}
