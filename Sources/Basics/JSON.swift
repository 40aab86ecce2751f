import FoundationEssentials

/// How the program writes and reads JSON, numbers that are not finite included.
package enum JSON {
  /// What stands for a number that is not finite, which JSON has none for. `decode` reads both.
  package enum NotFinite: Sendable {
    /// The texts `inf`, `-inf` and `nan`, which read back to the same number: for what the program itself reads.
    case words
    /// null: for what other programs read.
    case null
  }

  /// The texts for numbers that are not finite.
  private static let words = (infinity: "inf", minusInfinity: "-inf", nan: "nan")

  /// `value` on one line without a line end, the keys of an object in the order in which they are encoded, those of a
  /// dictionary sorted.
  ///
  /// - Precondition: `value` can be encoded; its `encode(to:)` throws no error of its own
  package static func line(_ value: some Encodable, _ notFinite: NotFinite = .words) -> String {
    let node = JSONNode(notFinite)
    do {
      try node.encode(value)
    } catch {
      preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
    }
    return node.text
  }

  /// `value` indented, keys sorted, without a line end.
  ///
  /// - Precondition: `value` can be encoded; its `encode(to:)` throws no error of its own
  package static func indented(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: words.infinity, negativeInfinity: words.minusInfinity, nan: words.nan)
    do {
      return try encoder.encode(value)
    } catch {
      preconditionFailure("\(type(of: value)) cannot be encoded: \(error)")
    }
  }

  /// The value that `data` holds.
  ///
  /// - Throws: a `DecodingError` where it is no JSON, or none of that type; null is a number only where the type takes an
  ///   optional one
  package static func decode<Value: Decodable>(_: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: words.infinity, negativeInfinity: words.minusInfinity, nan: words.nan)
    return try decoder.decode(Value.self, from: data)
  }

  /// A number in its shortest form that reads back to the same value.
  package static func text(
    _ number: some BinaryFloatingPoint & CustomStringConvertible, _ notFinite: NotFinite
  )
    -> String
  {
    if number.isFinite { return number.description }
    if notFinite == .null { return "null" }
    return quoted(number.isNaN ? words.nan : number > 0 ? words.infinity : words.minusInfinity)
  }

  /// A text in quotation marks.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20: result += String(printf: "\\u%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
