import Basics
import Report
import Support
import Testing

/// Rows that are made field by field.
@Suite struct CSVRowTests {
  @Test(
    "a row has the bytes of its fields as texts",
    arguments: [
      "", "a.png", "a,b", "a \"b\"", "a\nb", "a\r", "e\u{301},", "\r\n", "\u{efff}.png", "\u{ef80}\"",
      "\u{e000}", "漢字",
    ])
  func sameAsTexts(text: String) {
    for number in [nil, 0, 7, 10, 1_234_567, Int.max] {
      var row = CSVRow()
      row.add(12)
      row.add(text, number: number)
      row.add(Float?.none)
      row.add(0.1)
      row.end()
      let whole = number.map { "\(text)#\($0)" } ?? text
      #expect(Array(row.bytes) == FileName.bytes(of: "12,\(CSV.field(whole)),,0.1\n"), "\(text)")
    }
  }

  @Test("a row begins with another one's fields, and memory is used again")
  func joined() {
    var (first, row) = (CSVRow(), CSVRow())
    first.add(1)
    first.add(Float(2.5e-9))
    for _ in 0..<2 {
      row.clear()
      row.add(first)
      row.add("x")
      row.end()
      row.add(3)
      #expect(String(decoding: row.bytes, as: UTF8.self) == "1,2.5e-09,x\n3")
    }
  }

  @Test("numbers that are written at once and one by one come to the same file")
  func arrays() throws {
    let folder = try TemporaryDirectory()
    let values = (0..<700_001).map { Float($0) * 0.37 }
    let arrays = [[700_001], [1, 15_999, 16_384, 16_385, 3, 262_144, 262_145, 126_940]]
    for (number, parts) in arrays.enumerated() {
      var file = try NPYFile(folder.path("\(number)"), rows: values.count, columns: 1)
      var start = 0
      for count in parts {
        try values[start..<(start + count)].withUnsafeBufferPointer { try file.write($0) }
        start += count
        if count == 3 { try file.startSync() }
      }
      #expect(start == values.count)
      try file.finish()
    }
    let bytes = try #require(Files.contents(folder.path("0")))
    #expect(bytes.count == 128 + 4 * values.count && bytes == Files.contents(folder.path("1")))
    #expect(Array(bytes[128...]) == values.withUnsafeBytes { Array($0) })
  }
}
