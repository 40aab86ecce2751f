import Basics

/// A JSON object on one line, its keys in the order in which they were added: for what no type of the program describes.
package struct JSONLine {
  private var members: [String] = []

  /// An object without members.
  package init() {}

  /// The object's text, without a line end.
  package var text: String { "{\(members.joined(separator: ","))}" }

  /// Adds a text.
  package mutating func add(_ key: String, _ value: String) { add(key, raw: JSON.quoted(value)) }
  /// Adds a whole number.
  package mutating func add(_ key: String, _ value: Int) { add(key, raw: "\(value)") }
  /// Adds a truth value.
  package mutating func add(_ key: String, _ value: Bool) { add(key, raw: "\(value)") }
  /// Adds an array of whole numbers.
  package mutating func add(_ key: String, _ value: [Int]) { add(key, raw: list(value.map(String.init))) }
  /// Adds an array of texts.
  package mutating func add(_ key: String, _ value: [String]) { add(key, raw: list(value.map(JSON.quoted))) }
  /// Adds an array of numbers.
  package mutating func add(_ key: String, _ value: [Double]) {
    add(key, raw: list(value.map { JSON.text($0, .null) }))
  }
  /// Adds an array of objects.
  package mutating func add(_ key: String, _ value: [JSONLine]) { add(key, raw: list(value.map(\.text))) }
  /// Adds an object.
  package mutating func add(_ key: String, _ value: JSONLine) { add(key, raw: value.text) }

  /// Adds a number in its shortest form that reads back to the same value; null where it is not finite.
  package mutating func add(_ key: String, _ value: Double) {
    add(key, raw: JSON.text(value, .null))
  }

  /// Adds a number in its shortest form that reads back to the same float; null where there is none, or it is not finite.
  package mutating func add(_ key: String, _ value: Float?) {
    add(key, raw: value.flatMap { $0.isFinite ? "\($0)" : nil } ?? "null")
  }

  /// Adds nanoseconds as microseconds, exactly.
  mutating func add(_ key: String, microseconds nanoseconds: Int) {
    let fraction = "\(1000 + nanoseconds % 1000)".dropFirst()
    add(key, raw: "\(nanoseconds / 1000).\(fraction)")
  }

  private mutating func add(_ key: String, raw: String) { members.append("\(JSON.quoted(key)):\(raw)") }

  private func list(_ values: [String]) -> String { "[\(values.joined(separator: ","))]" }
}
