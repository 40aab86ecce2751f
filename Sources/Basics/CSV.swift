/// Tables in text, a row a line, as RFC 4180 has them: fields in quotation marks may hold separators, line ends and, doubled,
/// quotation marks. Lines end with LF, CR LF or CR.
package enum CSV {
  /// A field in quotation marks has no end; where it begins.
  package struct OpenQuote: Error {
    /// The line of its first mark, counted from 1.
    package let line: Int
  }

  /// Calls `body` with the fields of every row that is not empty, and the number of its first line, counted from 1. Bytes
  /// become text as names do (`FileName`). A byte-order mark is left out.
  ///
  /// - Throws: an `OpenQuote`, or what `body` throws.
  package static func forEachRow(
    _ bytes: [UInt8], separator: UInt8, _ body: (_ line: Int, _ fields: [String]) throws -> Void
  ) throws {
    var place = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    var line = 1
    while place < bytes.count {
      let first = line
      var fields: [String] = []
      repeat {
        fields.append(try field(bytes, separator, &place, &line))
      } while takes(separator, bytes, &place)
      endLine(bytes, &place, &line)
      if fields.count > 1 || !fields[0].isEmpty { try body(first, fields) }
    }
  }

  /// The text as a field, in quotation marks where it needs them.
  package static func field(_ text: String) -> String {
    // By scalars: as characters, "\r\n" and a comma with an accent are neither line end nor comma.
    guard text.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) }) else { return text }
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    return String(quoted) + "\""
  }

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let (quote, feed, carriage) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  /// The field at `place`, which goes behind it.
  private static func field(
    _ bytes: [UInt8], _ separator: UInt8, _ place: inout Int, _ line: inout Int
  ) throws -> String {
    let start = place
    if place < bytes.count, bytes[place] == quote {
      let first = line
      var text: [UInt8] = []
      place += 1
      while true {
        guard place < bytes.count else { throw OpenQuote(line: first) }
        let byte = bytes[place]
        place += 1
        if byte == quote {
          guard takes(quote, bytes, &place) else { break }
        } else if byte == feed || (byte == carriage && !(place < bytes.count && bytes[place] == feed)) {
          line += 1
        }
        text.append(byte)
      }
      // What stands behind the closing mark belongs to the field, as other programs have it.
      text += rest(bytes, separator, &place)
      return FileName.text(of: text)
    }
    _ = rest(bytes, separator, &place)
    return bytes.withUnsafeBufferPointer {
      FileName.text(of: UnsafeBufferPointer(rebasing: $0[start..<place]))
    }
  }

  private static func rest(_ bytes: [UInt8], _ separator: UInt8, _ place: inout Int) -> ArraySlice<UInt8> {
    let start = place
    while place < bytes.count, bytes[place] != separator, bytes[place] != feed, bytes[place] != carriage {
      place += 1
    }
    return bytes[start..<place]
  }

  /// Goes over `byte`, where it is at `place`.
  private static func takes(_ byte: UInt8, _ bytes: [UInt8], _ place: inout Int) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private static func endLine(_ bytes: [UInt8], _ place: inout Int, _ line: inout Int) {
    _ = takes(carriage, bytes, &place)
    // A CR alone ends a line too.
    _ = takes(feed, bytes, &place)
    line += 1
  }
}
