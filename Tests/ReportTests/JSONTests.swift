import Basics
import Foundation
import Report
import Support
import Testing

@Suite struct JSONTests {
  private struct Inner: Codable, Equatable {
    var name = "a\"b"
    var none: Int?
  }

  private enum Kind: String, Codable { case one, two }

  private struct Outer: Codable, Equatable {
    var z = 1
    var a = -0.1
    var float: Float = 0.1
    var large = UInt64.max
    var yes = true
    var kind = Kind.two
    var list = [[1, 2], []]
    var some: [Double?] = [1.5, nil]
    var inner = Inner()
    var inners = [Inner(), Inner(name: "é", none: 3)]
    var table = ["b": 2.0, "a": 1, "c": 3]
    var nothing = [String: Int]()
  }

  @Test("A value keeps the order of its keys on a line; a dictionary's are sorted; all reads back")
  func line() throws {
    let text = JSON.line(Outer())
    #expect(
      text == #"{"z":1,"a":-0.1,"float":0.1,"large":18446744073709551615,"yes":true,"kind":"two","#
        + #""list":[[1,2],[]],"some":[1.5,null],"inner":{"name":"a\"b"},"#
        + #""inners":[{"name":"a\"b"},{"name":"é","none":3}],"table":{"a":1.0,"b":2.0,"c":3.0},"nothing":{}}"#
    )
    #expect(try JSON.decode(Outer.self, from: Data(text.utf8)) == Outer())
    #expect(JSON.line([Int]()) == "[]" && JSON.line("x") == "\"x\"" && JSON.line(Int?.none) == "null")
  }

  @Test("Indented, keys are sorted and numbers as they were given")
  func indented() throws {
    let data = JSON.indented(Outer())
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.hasPrefix("{\n  \"a\" : -0.1,\n  \"float\" : 0.1,\n"), "\(text)")
    #expect(try JSON.decode(Outer.self, from: data) == Outer())
  }

  @Test("What is not finite reads back as it was, or is null for others")
  func notFinite() throws {
    let values = [Double.infinity, -.infinity, .nan, 1]
    let text = JSON.line(values)
    #expect(text == #"["inf","-inf","nan",1.0]"#)
    for data in [Data(text.utf8), JSON.indented(values)] {
      let read = try JSON.decode([Double].self, from: data)
      #expect(read[0] == .infinity && read[1] == -.infinity && read[2].isNaN && read[3] == 1)
    }
    #expect(JSON.line(values, .null) == "[null,null,null,1.0]")
    #expect(JSON.line([Float.infinity, 0.5]) == #"["inf",0.5]"#)
    #expect(throws: DecodingError.self) { try JSON.decode([Double].self, from: Data("[null]".utf8)) }
  }

  @Test("The log has a record's line as soon as it was added, and gives back what it understands")
  func log() throws {
    struct Record: Codable, Equatable {
      let epoch: Int
      let loss: Double?
    }
    let folder = try TemporaryDirectory()
    let path = folder.path("metrics.jsonl")
    let log = MetricsLog(path)
    try log.append(Record(epoch: 1, loss: .nan))
    try log.append(Record(epoch: 2, loss: 0.5))
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == "{\"epoch\":1,\"loss\":null}\n{\"epoch\":2,\"loss\":0.5}\n")
    let lines = [#"{"epoch":1,"more":[]}"#, #"{"loss":1}"#, "", "{", #"{"epoch":2,"loss":null}"#]
    #expect(
      MetricsLog.records(Record.self, in: lines.map { Data($0.utf8) })
        == [Record(epoch: 1, loss: nil), Record(epoch: 2, loss: nil)])
  }
}
