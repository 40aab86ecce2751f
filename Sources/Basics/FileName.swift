import Glibc

/// Names of files and folders as text. A system allows any bytes in them but `/` and 0, and Swift's strings repair what is
/// not UTF-8, so that another file, or none, would be opened.
///
/// A byte b that does not belong to valid UTF-8 stands in the text as the scalar U+EF00 + b (U+EF80 … U+EFFF). These are for
/// private use; where they really are in a name, each of their bytes is written the same way. Every name thus has one text,
/// and the text gives the same bytes back. In JSON the text stands as it is.
package enum FileName {
  /// The text of a name or path.
  package static func text(of bytes: UnsafeBufferPointer<UInt8>) -> String {
    if !bytes.contains(leading), let text = String(validating: bytes, as: UTF8.self) { return text }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + 16)
    var place = 0
    while place < bytes.count {
      let length = lengthOfScalar(bytes, place)
      let isReserved = length == 3 && isEscape(bytes, place)
      if length > 0, !isReserved {
        text += bytes[place..<(place + length)]
      } else {
        for byte in bytes[place..<(place + max(length, 1))] {
          text += [leading, 0xbc | byte >> 6, 0x80 | byte & 0x3f]
        }
      }
      place += max(length, 1)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The text of a name or path.
  package static func text(of bytes: [UInt8]) -> String { bytes.withUnsafeBufferPointer(text) }

  /// The text of a name or path that ends with 0, such as the system gives it.
  package static func text(of bytes: UnsafePointer<CChar>) -> String {
    text(
      of: UnsafeBufferPointer(
        start: UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: strlen(bytes)))
  }

  /// The bytes that `text` stands for, without a 0 at the end.
  package static func bytes(of text: String) -> [UInt8] {
    let utf8 = Array(text.utf8)
    guard utf8.contains(leading) else { return utf8 }
    return utf8.withUnsafeBufferPointer { utf8 in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(utf8.count)
      var place = 0
      while place < utf8.count {
        let isEscape = isEscape(utf8, place)
        bytes.append(isEscape ? utf8[place + 1] << 6 | utf8[place + 2] & 0x3f : utf8[place])
        place += isEscape ? 3 : 1
      }
      return bytes
    }
  }

  /// Calls `body` with the bytes that `text` stands for, as the system takes a path: with a 0 at the end.
  package static func withPath<Result, Failure>(
    _ text: String, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let path = bytes(of: text).map { CChar(bitPattern: $0) } + [0]
    return try path.withUnsafeBufferPointer { path throws(Failure) in try body(path.baseAddress!) }
  }

  /// The program's arguments, without its name.
  package static let arguments: [String] = (1..<max(Int(CommandLine.argc), 1)).compactMap { number in
    CommandLine.unsafeArgv[number].map { text(of: UnsafePointer($0)) }
  }

  /// A name as people are shown it, on one line: bytes that are no UTF-8 and control characters as `\xFF`, line ends as
  /// `\n` and `\r`.
  package static func shown(_ text: String) -> String { visible(text, keeping: []) }

  /// Any text as people are shown it: as names are, but its line ends and tabulators are kept.
  package static func printable(_ text: String) -> String { visible(text, keeping: ["\n", "\t"]) }

  private static func visible(_ text: String, keeping kept: [Unicode.Scalar]) -> String {
    let needsNone = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
    if needsNone { return text }
    var result = "".unicodeScalars
    for scalar in text.unicodeScalars {
      let value = scalar.value
      switch scalar {
      case _ where kept.contains(scalar): result.append(scalar)
      case "\n": result += "\\n".unicodeScalars
      case "\r": result += "\\r".unicodeScalars
      case "\t": result += "\\t".unicodeScalars
      case _ where value < 0x20 || (0x7f...0x9f).contains(value) || (0xef80...0xefff).contains(value):
        result += "\\x\(hexadecimal(UInt8(truncatingIfNeeded: value)))".unicodeScalars
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true)
  }

  /// The first byte of the scalars that bytes are written as; the second is 0xbe or 0xbf.
  static let leading: UInt8 = 0xee

  /// Whether one of those scalars is at `place` of valid UTF-8.
  private static func isEscape(_ utf8: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    utf8[place] == leading && place + 2 < utf8.count && utf8[place + 1] & 0xfe == 0xbe
  }

  /// The bytes of the scalar at `place`; 0 where there is none.
  private static func lengthOfScalar(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
    let first = bytes[place]
    // What the second byte may be keeps out scalars that are written too long, halves of pairs, and what is too large.
    let (length, second): (Int, ClosedRange<UInt8>)
    switch first {
    case 0..<0x80: return 1
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard place + length <= bytes.count, second.contains(bytes[place + 1]) else { return 0 }
    return bytes[(place + 2)..<(place + length)].allSatisfy { $0 & 0xc0 == 0x80 } ? length : 0
  }
}
