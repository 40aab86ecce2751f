import Foundation
import Report
import Support
import Testing

@Suite struct EventFileTests {
  @Test(
    "CRC-32C of the vectors of RFC 3720, B.4, and of the nine digits",
    arguments: [
      (Array("123456789".utf8), 0xe306_9283), ([], 0),
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      (Array(0..<32), 0x46dd_794e), (Array((0..<32).reversed()), 0x113f_db5c),
    ] as [([UInt8], UInt32)])
  func checkSum(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(EventRecord.crc32C(bytes) == expected)
  }

  @Test("the bytes are those that TensorBoard's own classes make")
  func framing() {
    func bytes(_ hexadecimal: String) -> [UInt8] {
      let digits = hexadecimal.map { UInt8($0.hexDigitValue!) }
      return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
    #expect(EventRecord.masked(EventRecord.crc32C(Array("123456789".utf8))) == 0xc78a_b0e5)
    #expect(
      EventRecord.version(seconds: 1_700_000_000.25)
        == bytes(
          "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9"))
    #expect(
      EventRecord.scalars([.init("a/b", -1.5)], step: 300, seconds: 2.5)
        == bytes(
          "1a00000000000000129bd82d09000000000000044010ac022a0c0a0a0a03612f62150000c0bfec6ad85c"))
    let picture = EventFile.Picture("a/b", height: 3, width: 200, channels: 1, png: bytes("89504e47"))
    #expect(
      EventRecord.image(picture, step: 300, seconds: 2.5)
        == bytes(
          "2400000000000000422b804d09000000000000044010ac022a160a140a03612f62220d080310c8011801220489504e47f1"
            + "66ff51"))
  }

  @Test("what is written is read back: version, time, step and values, of any sign and size")
  func roundTrip() throws {
    let folder = try TemporaryDirectory()
    let file = EventFile(run: folder.url.path)
    #expect(try Self.files(folder).isEmpty)
    try file.append(
      [.init("stage I/network 1/loss", 12.5), .init("größe", -1e-30), .init("changed", 16_777_216)],
      step: 300, seconds: 1_700_000_000.25)
    let names = try Self.files(folder)
    #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents.1700000000."), "\(names)")
    #expect(names[0].hasSuffix(".dbc"))
    let events = try Self.events(folder, names[0])
    #expect(events.count == 2)
    #expect(events[0].version == "brain.Event:2" && events[0].values.isEmpty)
    #expect(events[1].seconds == 1_700_000_000.25 && events[1].step == 300)
    #expect(events[1].values.map(\.0) == ["stage I/network 1/loss", "größe", "changed"])
    #expect(events[1].values.map(\.1) == [12.5, -1e-30, 16_777_216])

    // Every record is there when `append` returns; what is not finite is left out, and so is a record of nothing else.
    try file.append([.init("a", .nan), .init("b", 1)], step: 0, seconds: 5)
    try file.append([.init("a", .infinity), .init("b", 1e300)], step: 1, seconds: 6)
    let more = try Self.events(folder, names[0])
    #expect(more.count == 3 && more[2].values.map(\.0) == ["b"] && more[2].step == 0)
  }

  @Test("a run that goes on within the same second begins another file, behind the first")
  func another() throws {
    let folder = try TemporaryDirectory()
    for step in 1...3 {
      try EventFile(run: folder.url.path).append([.init("a", 1)], step: step, seconds: 1_700_000_000)
    }
    let names = try Self.files(folder)
    #expect(try names.map { try Self.events(folder, $0)[1].step } == [1, 2, 3])
  }

  @Test("what cannot be written is kept, and written as soon as it can be")
  func kept() throws {
    let folder = try TemporaryDirectory()
    let obstacle = folder.path("tensorboard")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: obstacle))
    let file = EventFile(run: folder.url.path)
    for step in 1...2 {
      let error = #expect(throws: ReportError.self) {
        try file.append([.init("a", Double(step))], step: step, seconds: 7)
      }
      #expect(error?.kind == .writing && error?.path.hasPrefix(obstacle) == true)
    }
    #expect(try String(contentsOfFile: obstacle, encoding: .utf8) == "mine")
    try FileManager.default.removeItem(atPath: obstacle)
    try file.append([.init("a", 3)], step: 3, seconds: 7)
    try file.flush()
    let events = try Self.events(folder, try #require(try Self.files(folder).first))
    #expect(events.map(\.step) == [0, 1, 2, 3] && events[0].version != nil)
  }

  @Test("a run that begins anew removes the curves of the one before, and nothing else")
  func begin() throws {
    let folder = try TemporaryDirectory()
    try EventFile(run: folder.url.path).append([.init("a", 1)], step: 1)
    let other = folder.path("tensorboard/events.out.tfevents.1.host")
    try Data().write(to: URL(fileURLWithPath: other))
    try RunDirectory(folder.url.path, use: .replace).begin(config: [String: String]())
    #expect(try Self.files(folder) == ["events.out.tfevents.1.host"])
  }
}

extension EventFileTests {
  /// One event, as the tests read it.
  struct Event {
    var (seconds, step) = (0.0, 0)
    var version: String?
    var values: [(String, Float)] = []
  }

  /// The names of the files in the folder of the run, in order.
  static func files(_ folder: borrowing TemporaryDirectory) throws -> [String] {
    let path = folder.path("tensorboard")
    guard FileManager.default.fileExists(atPath: path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  /// The events of a file, whose sums are checked.
  static func events(_ folder: borrowing TemporaryDirectory, _ name: String) throws -> [Event] {
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path("tensorboard/\(name)"))))[...]
    func take(_ count: Int) throws -> [UInt8] {
      try #require(bytes.count >= count)
      defer { bytes.removeFirst(count) }
      return Array(bytes.prefix(count))
    }
    var events: [Event] = []
    while !bytes.isEmpty {
      let length = try take(8)
      #expect(number(try take(4)) == UInt64(EventRecord.masked(EventRecord.crc32C(length))))
      let data = try take(Int(number(length)))
      #expect(number(try take(4)) == UInt64(EventRecord.masked(EventRecord.crc32C(data))))
      events.append(event(data))
    }
    return events
  }

  private static func event(_ data: [UInt8]) -> Event {
    var event = Event()
    for (field, value) in fields(data) {
      switch field {
      case 1: event.seconds = Double(bitPattern: number(value))
      case 2: event.step = Int(number(value))
      case 3: event.version = String(decoding: value, as: UTF8.self)
      default:
        for (_, value) in fields(value) {
          let parts = Dictionary(uniqueKeysWithValues: fields(value))
          event.values.append(
            (
              String(decoding: parts[1] ?? [], as: UTF8.self),
              Float(bitPattern: UInt32(number(parts[2] ?? [])))
            ))
        }
      }
    }
    return event
  }

  /// The fields of a protobuf message: a number, and the bytes of the value, little-endian.
  private static func fields(_ data: [UInt8]) -> [(Int, [UInt8])] {
    var (fields, rest): ([(Int, [UInt8])], ArraySlice<UInt8>) = ([], data[...])
    func varint() -> UInt64 {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 127) << shift
        shift += 7
        if byte < 128 { break }
      }
      return value
    }
    while !rest.isEmpty {
      let key = Int(varint())
      if key & 7 == 0 {
        let value = varint()
        fields.append((key >> 3, (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }))
        continue
      }
      let count = key & 7 == 1 ? 8 : key & 7 == 5 ? 4 : Int(varint())
      fields.append((key >> 3, Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    return fields
  }

  private static func number(_ bytes: [UInt8]) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
