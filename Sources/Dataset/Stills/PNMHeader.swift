/// The words in front of a PNM file's samples.
struct PNMHeader {
  /// The character behind P: 1 to 7, F or f.
  let kind: Character
  var width = 0
  var height = 0
  /// Samples per pixel.
  var depth = 1
  /// The sample that is white.
  var largest = 1
  /// The kind of pixels that a PAM file (P7) names; empty where it names none.
  var tuple = ""
  /// Of floating-point samples: whether the lowest byte comes first.
  var isLittleEndian = false
  /// Where the samples begin.
  var end = 0

  /// What can be wrong.
  enum Problem: Error {
    /// The header goes on behind the bytes that are there.
    case short
    /// Something else was expected.
    case malformed(String)
  }

  private var words: Words

  /// Reads the header of a file that begins so.
  init(_ start: UnsafeRawBufferPointer) throws(Problem) {
    kind = Character(UnicodeScalar(start[1]))
    words = Words(start)
    if kind == "7" {
      try readLines()
    } else {
      width = try words.number("width")
      height = try words.number("height")
      depth = "36F".contains(kind) ? 3 : 1
      if kind == "F" || kind == "f" {
        let scale = try words.next()
        guard let factor = Double(scale), factor.isFinite, factor != 0 else {
          throw .malformed("expected a scale, found \(scale)")
        }
        isLittleEndian = factor < 0
      } else if kind != "1", kind != "4" {
        largest = try words.number("largest value")
      }
    }
    guard (1...65535).contains(largest) else { throw .malformed("its largest value is \(largest)") }
    // One white space character, then samples.
    end = words.place + (kind == "7" ? 0 : 1)
  }

  /// PAM: lines of a name and a value, up to ENDHDR.
  private mutating func readLines() throws(Problem) {
    while true {
      let name = try words.next()
      switch name {
      case "ENDHDR":
        try words.skipLine()
        return
      case "WIDTH": width = try words.number(name)
      case "HEIGHT": height = try words.number(name)
      case "DEPTH": depth = try words.number(name)
      case "MAXVAL": largest = try words.number(name)
      case "TUPLTYPE": tuple = try words.next()
      default: throw .malformed("its header has an unknown line, \(name)")
      }
    }
  }

  /// Words between white space and comments.
  private struct Words {
    let data: UnsafeRawBufferPointer
    var place = 2

    init(_ data: UnsafeRawBufferPointer) { self.data = data }

    mutating func next() throws(Problem) -> String {
      while place < data.count, PNMHeader.isSpace(data[place]) || data[place] == 0x23 {
        if data[place] == 0x23 { try skipLine() } else { place += 1 }
      }
      let rest = data[place...]
      let word = rest.prefix { !PNMHeader.isSpace($0) && $0 != 0x23 }
      guard word.endIndex < data.count else { throw .short }
      guard word.count <= 32 else { throw .malformed("its header has a word of \(word.count) characters") }
      place = word.endIndex
      return String(decoding: word, as: UTF8.self)
    }

    mutating func number(_ name: String) throws(Problem) -> Int {
      let word = try next()
      guard let value = Int32(word), value >= 0 else {
        throw .malformed("expected its \(name), found \(word)")
      }
      return Int(value)
    }

    mutating func skipLine() throws(Problem) {
      guard let end = data[place...].firstIndex(of: 0x0a) else { throw .short }
      place = end + 1
    }
  }

  /// Space, tab, line feed, vertical tab, form feed, carriage return.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
