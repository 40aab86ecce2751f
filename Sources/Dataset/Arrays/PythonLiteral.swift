/// A value as Python writes it, as far as headers of `.npy` files have them.
indirect enum PythonLiteral {
  case text(String)
  case number(Int)
  case bool(Bool)
  /// A tuple or a list.
  case list([PythonLiteral])
  case dictionary([String: PythonLiteral])

  /// The value that `text` is, or nil where it is none.
  init?(_ text: some Sequence<UInt8>) {
    var reader = Reader(bytes: Array(text))
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipSpaces()
    guard reader.place == reader.bytes.count else { return nil }
    self = value
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    /// Deeper nesting than NumPy's own is no header.
    private static let deepest = 32

    mutating func skipSpaces() {
      while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Character) -> Bool {
      skipSpaces()
      guard next == character.asciiValue else { return false }
      place += 1
      return true
    }

    mutating func value(depth: Int) -> PythonLiteral? {
      guard depth < Self.deepest else { return nil }
      skipSpaces()
      switch next.map({ Character(Unicode.Scalar($0)) }) {
      case "'", "\"": return string().map { .text($0) }
      case "(": return list("(", ")", depth)
      case "[": return list("[", "]", depth)
      case "{": return dictionary(depth)
      default: return word()
      }
    }

    private mutating func string() -> String? {
      let quote = bytes[place]
      guard let end = bytes[(place + 1)...].firstIndex(of: quote) else { return nil }
      defer { place = end + 1 }
      return String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
    }

    private mutating func list(_ open: Character, _ close: Character, _ depth: Int) -> PythonLiteral? {
      guard take(open) else { return nil }
      var values: [PythonLiteral] = []
      while !take(close) {
        guard let value = value(depth: depth + 1) else { return nil }
        values.append(value)
        guard take(",") else { return take(close) ? .list(values) : nil }
      }
      return .list(values)
    }

    private mutating func dictionary(_ depth: Int) -> PythonLiteral? {
      guard take("{") else { return nil }
      var values: [String: PythonLiteral] = [:]
      while !take("}") {
        guard case .text(let key)? = value(depth: depth + 1), take(":"),
          let value = value(depth: depth + 1)
        else { return nil }
        values[key] = value
        guard take(",") else { return take("}") ? .dictionary(values) : nil }
      }
      return .dictionary(values)
    }

    private mutating func word() -> PythonLiteral? {
      let start = place
      while let next,
        next == 0x2d || (0x30...0x39).contains(next) || (0x41...0x5a).contains(next)
          || (0x61...0x7a).contains(next)
      { place += 1 }
      let word = String(decoding: bytes[start..<place], as: UTF8.self)
      switch word {
      case "True": return .bool(true)
      case "False": return .bool(false)
      // Python 2 wrote long numbers with an L.
      default: return Int(word.hasSuffix("L") ? String(word.dropLast()) : word).map { .number($0) }
      }
    }
  }
}
