import Foundation

/// A JSON object on one line, its keys in the order in which they were added.
package struct JSONLine {
  private var members: [String] = []

  /// An object without members.
  package init() {}

  /// The object's text, without a line end.
  package var text: String { "{\(members.joined(separator: ","))}" }

  /// Adds a text.
  package mutating func add(_ key: String, _ value: String) { add(key, raw: Self.quoted(value)) }
  /// Adds a whole number.
  package mutating func add(_ key: String, _ value: Int) { add(key, raw: "\(value)") }
  /// Adds a truth value.
  package mutating func add(_ key: String, _ value: Bool) { add(key, raw: "\(value)") }
  /// Adds an array of whole numbers.
  package mutating func add(_ key: String, _ value: [Int]) { add(key, raw: list(value.map(String.init))) }
  /// Adds an array of texts.
  package mutating func add(_ key: String, _ value: [String]) { add(key, raw: list(value.map(Self.quoted))) }
  /// Adds an array of numbers.
  package mutating func add(_ key: String, _ value: [Double]) {
    add(key, raw: list(value.map { $0.isFinite ? "\($0)" : "null" }))
  }
  /// Adds an array of objects.
  package mutating func add(_ key: String, _ value: [JSONLine]) { add(key, raw: list(value.map(\.text))) }
  /// Adds an object.
  package mutating func add(_ key: String, _ value: JSONLine) { add(key, raw: value.text) }

  /// Adds a number in its shortest form that reads back to the same value; null where it is not finite.
  package mutating func add(_ key: String, _ value: Double) {
    add(key, raw: value.isFinite ? "\(value)" : "null")
  }

  /// Adds nanoseconds as microseconds, exactly.
  mutating func add(_ key: String, microseconds nanoseconds: Int) {
    let fraction = "\(1000 + nanoseconds % 1000)".dropFirst()
    add(key, raw: "\(nanoseconds / 1000).\(fraction)")
  }

  private mutating func add(_ key: String, raw: String) { members.append("\(Self.quoted(key)):\(raw)") }

  private func list(_ values: [String]) -> String { "[\(values.joined(separator: ","))]" }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20: result += String(format: "\\u%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
