import Basics
import Dataset
import Foundation
import Testing

import Page

@Suite struct EscapingTests {
  /// Names that try to be something else.
  static let names = [
    "</script><script>alert(1)</script>.png", "\" onmouseover=\"alert(1)", "' x='",
    "<img src=x onerror=alert(1)>",
    "a & b &amp; c.png", "line\nend\r\t\u{1}\u{7f}.png", "]]>", "<!--", "\u{2028}\u{2029}.png",
    "\u{FFFE}\u{FFFF}",
    FileName.text(of: [0x66, 0xff, 0xfe, 0x2e, 0x70]), String(repeating: "long/", count: 300) + "x.png",
    "ünï — 画像.png",
  ]

  @Test("Text in markup is escaped, markup is not")
  func interpolation() {
    let name = "<b>\"&'"
    let inner: HTML = "<i>\(name)</i>"
    #expect(inner.source == "<i>&lt;b&gt;&quot;&amp;&#39;</i>")
    #expect(("<p>\(inner)\(7)</p>" as HTML).source == "<p>\(inner.source)7</p>")
  }

  @Test(
    "Whatever files are called, the page is well-formed and has no element or attribute of theirs",
    arguments: [true, false])
  func names(withPictures: Bool) {
    let run = MadeRun(images: 60, clusters: 3)
    var input = run.input { Self.names[$0 % Self.names.count] + "\($0)" }
    input.name = Self.names[0]
    input.labels = .init(
      numbers: (0..<60).map { Int32($0 % 2) }, names: [Self.names[0], Self.names[1]], origin: Self.names[3])
    input.config.notes = Self.names
    input.remarks = Self.names
    if withPictures { input.pictures = MadeRun.noise(ImageShape(channels: 1, height: 8, width: 8)) }
    let html = ReportPage(input).html
    let check = MarkupCheck(html)
    #expect(check.isWellFormed, "\(check.problem)")
    #expect(!check.elements.contains { $0.name == "b" || $0.attributes.keys.contains { $0.hasPrefix("on") } })
    // The map's data and its program.
    #expect(check.elements.count { $0.name == "script" } == 2)
    #expect(html.components(separatedBy: "</script>").count == 3)
    #expect(check.texts.contains("<img src=x onerror=alert(1)>"))
    #expect(check.texts.contains("line\\nend\\r\\t\\x01\\x7F.png"))
    #expect(check.texts.contains("f\\xFF\\xFE.p"))
  }

  @Test("The names in the script read back")
  func data() throws {
    let run = MadeRun(images: 26, clusters: 2)
    let html = ReportPage(run.input { Self.names[$0 % 13] }).html
    let start = try #require(html.range(of: "id=\"map-data\">"))
    let end = try #require(html[start.upperBound...].range(of: "</script>"))
    let text = String(html[start.upperBound..<end.lowerBound])
    #expect(!text.contains("<") && !text.unicodeScalars.contains("\u{2028}"))
    let data = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var last: [UInt16] = []
    let names = try #require(data["names"] as? [[Any]]).map { entry -> String in
      last = Array(last.prefix(entry[0] as! Int)) + Array((entry[1] as! String).utf16)
      return String(decoding: last, as: UTF16.self)
    }
    #expect(names.count == 26)
    for (number, name) in names.enumerated() where Self.names[number % 13].count < 60 {
      #expect(name == FileName.shown(Self.names[number % 13]))
    }
    #expect(names.allSatisfy { $0.count <= 64 })
  }
}
