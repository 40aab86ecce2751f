/// One record of an event file: an `Event` of TensorBoard in the framing of TFRecord.
///
/// The framing is that of `tensorflow/core/lib/io/record_writer.h`: the length (8 bytes), its masked CRC-32C, the data, their
/// masked CRC-32C (4 bytes each), all little-endian. The data are a protobuf message `Event` (`tensorflow/core/util/event.proto`)
/// with a `Summary` (`tensorflow/core/framework/summary.proto`), of which the fields below are written.
package enum EventRecord {
  /// Numbers of the fields that are written.
  private enum Field {
    /// `Event`: double, int64, string and `Summary`.
    static let (wallTime, step, fileVersion, summary) = (1, 2, 3, 5)
    /// `Summary`: any number of `Summary.Value`.
    static let value = 1
    /// `Summary.Value`: string, float and `Summary.Image`.
    static let (tag, simpleValue, image) = (1, 2, 4)
    /// `Summary.Image`: three int32 and bytes.
    static let (height, width, channels, file) = (1, 2, 3, 4)
  }

  /// The record that a file begins with: the version of the format.
  ///
  /// - Parameter seconds: since 1970
  package static func version(seconds: Double) -> [UInt8] {
    var event = ProtobufMessage()
    event.add(Field.wallTime, seconds)
    event.add(Field.fileVersion, "brain.Event:2")
    return framed(event.bytes)
  }

  /// The record of `scalars` that belong to one step. TensorBoard keeps them as float32.
  ///
  /// - Parameter seconds: since 1970
  package static func scalars(_ scalars: [EventFile.Scalar], step: Int, seconds: Double) -> [UInt8] {
    let values = scalars.map { scalar in
      var value = ProtobufMessage()
      value.add(Field.tag, scalar.tag)
      value.add(Field.simpleValue, Float(scalar.value))
      return value
    }
    return summary(values, step: step, seconds: seconds)
  }

  /// The record of a picture that belongs to one step.
  ///
  /// - Parameter seconds: since 1970
  package static func image(_ picture: EventFile.Picture, step: Int, seconds: Double) -> [UInt8] {
    var image = ProtobufMessage()
    image.add(Field.height, picture.height)
    image.add(Field.width, picture.width)
    image.add(Field.channels, picture.channels)
    image.add(Field.file, picture.png)
    var value = ProtobufMessage()
    value.add(Field.tag, picture.tag)
    value.add(Field.image, image)
    return summary([value], step: step, seconds: seconds)
  }

  private static func summary(_ values: [ProtobufMessage], step: Int, seconds: Double) -> [UInt8] {
    var summary = ProtobufMessage()
    for value in values { summary.add(Field.value, value) }
    var event = ProtobufMessage()
    event.add(Field.wallTime, seconds)
    event.add(Field.step, step)
    event.add(Field.summary, summary)
    return framed(event.bytes)
  }

  /// `data` as a record.
  package static func framed(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(masked(crc32C(length))) + data + littleEndian(masked(crc32C(data)))
  }

  /// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`.
  package static func crc32C(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ sums[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
  }

  /// A sum as TFRecord has it, so that sums of data that hold sums are no weaker: rotated by 15 bits, and a constant added.
  package static func masked(_ sum: UInt32) -> UInt32 { (sum >> 15 | sum << 17) &+ 0xa282_ead8 }

  /// What each value of a byte does to the sum: 0x82f63b78 is the polynomial with its bits in reverse.
  private static let sums: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82f6_3b78 }
  }
}

/// A protobuf message in the wire format of protobuf.dev/programming-guides/encoding: for each field a key (its number and
/// how its value is written) and the value.
private struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  private enum WireType: Int { case varint, eightBytes, lengthDelimited, fourBytes = 5 }

  /// Adds a whole number, as an int64.
  mutating func add(_ field: Int, _ value: Int) {
    addKey(field, .varint)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Double) {
    addKey(field, .eightBytes)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func add(_ field: Int, _ value: Float) {
    addKey(field, .fourBytes)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  mutating func add(_ field: Int, _ contents: [UInt8]) {
    addKey(field, .lengthDelimited)
    addVarint(UInt64(contents.count))
    bytes += contents
  }

  private mutating func addKey(_ field: Int, _ type: WireType) {
    addVarint(UInt64(field << 3 | type.rawValue))
  }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

private func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
