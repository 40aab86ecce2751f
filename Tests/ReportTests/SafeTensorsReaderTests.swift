import Foundation
import Report
import Support
import Testing

@Suite struct SafeTensorsReaderTests {
  /// Written by the Python package: "a" 2 × 3, "b.bias" 1, both F32, a number "n" of type I64, and metadata.
  static let pythonFile =
    "2AAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyLDqSI6IlwieFwiIiwiZm9ybWF0IjoicHQifSwibiI6eyJkdHlwZSI6Ikk2NCIsInNo"
    + "YXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImEiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0"
    + "cyI6WzgsMzJdfSwiYi5iaWFzIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMzIsMzZdfX0gICAH"
    + "AAAAAAAAAAAAAAAAAIA+AAAAPwAAQD8AAIA/AACgPwAAwL8="

  @Test("Of a file of the Python package the wanted tensors are read, whatever type the others have")
  func python() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("python.safetensors")
    try Data(base64Encoded: Self.pythonFile)!.write(to: URL(fileURLWithPath: path))
    let file = try SafeTensors.read(path, wanted: ["a", "b.bias", "absent"])
    #expect(
      file.tensors == [
        .init(name: "a", shape: [2, 3], values: [0, 0.25, 0.5, 0.75, 1, 1.25]),
        .init(name: "b.bias", shape: [1], values: [-1.5]),
      ])
    #expect(file.metadata == ["format": "pt", "é": "\"x\""])
    #expect(file["n"] == nil && file["absent"] == nil)
    #expect(try message(path, nil).contains("expected F32 as the type of tensor n, found I64"))
    #expect(try message(path, ["n"]).contains("found I64"))
  }

  @Test("PyTorch's counters of batches are passed over")
  func counters() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("torch.safetensors")
    var bytes = Data(base64Encoded: Self.pythonFile)!
    let length = Int(bytes[0])
    let header = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
      .replacingOccurrences(of: "\"n\"", with: "\"x.bn.num_batches_tracked\"")
    bytes.replaceSubrange(
      0..<(8 + length),
      with: withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8))
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(try SafeTensors.read(path).tensors.map(\.name) == ["a", "b.bias"])
  }

  @Test("What was written is read: order, shapes, values, metadata")
  func roundTrip() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("model.safetensors")
    let file = SafeTensors(
      tensors: [
        .init(name: "z/\"quoted\"", shape: [1, 2], values: [-.infinity, .leastNonzeroMagnitude]),
        .init(name: "scalar", shape: [], values: [3]),
        .init(name: "nothing", shape: [0, 4], values: []),
        .init(name: "a", shape: [3], values: [1, -0.0, .greatestFiniteMagnitude]),
        .init(name: "large", shape: [700, 1000], values: (0..<700_000).map(Float.init)),
      ], metadata: ["b": "2", "a": "line\nend"])
    try file.write(to: path)
    let read = try SafeTensors.read(path)
    // An empty tensor shares its place with the one behind it.
    #expect(Set(read.tensors.map(\.name)) == Set(file.tensors.map(\.name)))
    for tensor in file.tensors { #expect(read[tensor.name] == tensor) }
    #expect(read.tensors.last?.name == "large" && read.tensors.first?.name == "z/\"quoted\"")
    #expect(read.metadata == file.metadata)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes[0] % 8 == 0 && bytes[8] == UInt8(ascii: "{"))
    try file.write(to: folder.path("again"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("again"))) == bytes)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var bytes: [UInt8]
    let found: String

    /// `length` replaces the true length of the header.
    init(_ description: String, _ header: String, data: Int = 0, length: UInt64? = nil, found: String) {
      testDescription = description
      let count = length ?? UInt64(header.utf8.count)
      bytes = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + header.utf8
      bytes += [UInt8](repeating: 0, count: data)
      self.found = found
    }
  }

  static func entry(_ name: String, _ shape: String, _ range: String, _ type: String = "F32") -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(range)}"
  }

  static let bad = [
    Bad("a header longer than the file", "{}", length: 3, found: "found 2 bytes behind"),
    Bad("a header of 100 MB and a byte", "{}", length: 100_000_001, found: "at most 100000000"),
    Bad("a header of the largest length", "{}", length: .max, found: "found the length 18446744073709551615"),
    Bad("no header", "{}", length: 0, found: "expected a header of 0 bytes"),
    Bad("no JSON", "{\"a\":", found: "expected a JSON object"),
    Bad("an array", "[]", found: "expected a JSON object"),
    Bad("bytes that are no text", "{\"\u{0}\"}", found: "expected a JSON object"),
    Bad("deep nesting", String(repeating: "{\"a\":", count: 5000), found: "expected a JSON object"),
    Bad("metadata that are no texts", "{\"__metadata__\":{\"a\":1}}", found: "texts as its metadata"),
    Bad("an entry that is no object", "{\"a\":1}", found: "data_offsets of tensor a"),
    Bad(
      "sizes without a product beside a 0",
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,0],\"data_offsets\":[0,0]}}", data: 0,
      found: "whose product"),
    Bad("no dtype", "{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", data: 4, found: "dtype, shape"),
    Bad("one offset", "{\(entry("a", "[]", "[0]"))}", data: 4, found: "two data_offsets"),
    Bad("a size with a fraction", "{\(entry("a", "[1.5]", "[0,4]"))}", data: 4, found: "of tensor a"),
    Bad("a size beyond Int", "{\(entry("a", "[1e30]", "[0,4]"))}", data: 4, found: "of tensor a"),
    Bad("another type", "{\(entry("a", "[2]", "[0,4]", "F16"))}", data: 4, found: "found F16"),
    Bad("a type that does not exist", "{\(entry("a", "[2]", "[0,4]", "X"))}", data: 4, found: "found X"),
    Bad("a range beyond the data", "{\(entry("a", "[2]", "[0,8]"))}", data: 4, found: "the range 0..<8"),
    Bad("a range backwards", "{\(entry("a", "[1]", "[4,0]"))}", data: 4, found: "the range 4..<0"),
    Bad("a negative offset", "{\(entry("a", "[2]", "[-4,4]"))}", data: 4, found: "the range -4..<4"),
    Bad("too few bytes", "{\(entry("a", "[2]", "[0,4]"))}", data: 4, found: "expected 8 bytes for tensor a"),
    Bad("a negative size", "{\(entry("a", "[-1,-1]", "[0,4]"))}", data: 4, found: "found [-1, -1]"),
    Bad("a negative size beside 0", "{\(entry("a", "[0,-1]", "[0,0]"))}", found: "found [0, -1]"),
    Bad("an overflow", "{\(entry("a", "[4294967296,4294967296]", "[0,0]"))}", found: "[4294967296, 42"),
    Bad(
      "shared bytes", "{\(entry("a", "[2]", "[0,8]")),\(entry("b", "[2]", "[4,12]"))}", data: 12,
      found: "of tensor b at byte 8, found them at 4"),
    Bad(
      "a gap", "{\(entry("a", "[1]", "[0,4]")),\(entry("b", "[1]", "[8,12]"))}", data: 12,
      found: "of tensor b at byte 4, found them at 8"),
    Bad(
      "bytes at the end", "{\(entry("a", "[1]", "[0,4]"))}", data: 5,
      found: "expected 4 bytes of data, found 5"),
    Bad("data and no tensor", "{}", data: 4, found: "expected 0 bytes of data, found 4"),
  ]

  @Test("A malformed file is refused with what was expected and found", arguments: bad)
  func malformed(_ example: Bad) throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("bad.safetensors")
    try Data(example.bytes).write(to: URL(fileURLWithPath: path))
    let text = try message(path, nil)
    #expect(text.contains(example.found), "\(text)")
    #expect(text.hasPrefix(path) && text.contains("save the model again"))
  }

  @Test("Any beginning of a file is refused, not read", arguments: [0, 1, 7, 8, 9, 100, 223, 224, 240, 259])
  func truncated(_ count: Int) throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("short.safetensors")
    try Data(base64Encoded: Self.pythonFile)!.prefix(count).write(to: URL(fileURLWithPath: path))
    #expect(try !message(path, ["a"]).isEmpty)
  }

  @Test("No byte of the header can be changed so that reading ends in a crash")
  func changedBytes() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("changed.safetensors")
    let good = Data(base64Encoded: Self.pythonFile)!
    for index in 0..<224 {
      for byte in [0x00, 0x2d, 0x39, 0x7b, 0xff] as [UInt8] {
        var bytes = good
        bytes[index] = byte
        try bytes.write(to: URL(fileURLWithPath: path))
        _ = try? SafeTensors.read(path, wanted: ["a"])
      }
    }
  }

  @Test("A file that is not there, a directory and a pipe are unreadable, and the reason is named")
  func unreadable() throws {
    let folder = try TemporaryDirectory()
    mkfifo(folder.path("pipe"), 0o600)
    let cases = [
      (folder.path("none"), "No such file"), (folder.url.path, "Is a directory"),
      (folder.path("pipe"), "no regular file"),
    ]
    for (path, reason) in cases {
      let error = #expect(throws: ReportError.self) { try SafeTensors.read(path) }
      #expect(error?.kind == .unreadable && error?.path == path)
      #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    }
  }

  private func message(_ path: String, _ wanted: Set<String>?) throws -> String {
    let error = try #require(throws: ReportError.self) { try SafeTensors.read(path, wanted: wanted) }
    #expect(error.kind == .malformed)
    return error.description
  }
}
