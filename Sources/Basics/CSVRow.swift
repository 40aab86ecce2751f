/// Rows of a table as bytes, made field by field: what `CSV.field` and `FileName.bytes` give, without a text for every row.
package struct CSVRow: Sendable {
  /// The bytes, and room behind them.
  private var memory: [UInt8] = []
  private var count = 0
  private var isBegun = false

  /// Nothing yet.
  package init() {}

  /// All that was added.
  package var bytes: ArraySlice<UInt8> { memory[..<count] }

  /// Takes everything away, but not its memory.
  package mutating func clear() {
    count = 0
    isBegun = false
  }

  /// Adds the fields that `other` has from byte `first` on, and no line end yet.
  package mutating func add(_ other: CSVRow, from first: Int = 0) {
    add(whole: other.bytes[first...])
  }

  /// Adds a whole number from 0 on.
  package mutating func add(_ number: Int) {
    precondition(number >= 0)
    add(most: Self.digits) { Self.put(number, at: $0) }
  }

  /// Adds a number in its shortest form that reads back to the same float; an empty field where there is none.
  package mutating func add(_ number: Float?) {
    guard let number else { return add(most: 0) { _ in 0 } }
    add(whole: number.description.utf8)
  }

  /// Adds a text, and behind it, where there is a number, `#` and this.
  package mutating func add(_ text: String, number: Int? = nil) {
    precondition(number ?? 0 >= 0)
    let isPlain =
      text.utf8.withContiguousStorageIfAvailable { text in
        guard text.allSatisfy(Self.isPlain) else { return false }
        add(most: text.count + 1 + Self.digits) { place in
          if let start = text.baseAddress { place.update(from: start, count: text.count) }
          guard let number else { return text.count }
          place[text.count] = UInt8(ascii: "#")
          return text.count + 1 + Self.put(number, at: place + text.count + 1)
        }
        return true
      } ?? false
    guard !isPlain else { return }
    add(whole: FileName.bytes(of: CSV.field(number.map { "\(text)#\($0)" } ?? text)))
  }

  /// Ends the line.
  package mutating func end() {
    append(most: 1) { place in
      place.pointee = UInt8(ascii: "\n")
      return 1
    }
    isBegun = false
  }

  /// Adds a field that is these bytes.
  @inline(__always)
  private mutating func add(whole field: some Collection<UInt8>) {
    add(most: field.count) { place in
      UnsafeMutableBufferPointer(start: place, count: field.count).initialize(fromContentsOf: field)
    }
  }

  /// Adds a field, and a comma before all but the first of a line.
  ///
  /// - Parameter write: writes at most `most` bytes, and gives their number
  @inline(__always)
  private mutating func add(most: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
    let isFirst = !isBegun
    append(most: most + 1) { place in
      guard !isFirst else { return write(place) }
      place.pointee = UInt8(ascii: ",")
      return 1 + write(place + 1)
    }
    isBegun = true
  }

  /// Appends what `write` writes, at most `most` bytes, whose number it gives.
  @inline(__always)
  private mutating func append(most: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
    let needed = count + most
    if memory.count < needed {
      memory += repeatElement(0, count: max(needed - memory.count, memory.count, 4096))
    }
    memory.withUnsafeMutableBufferPointer { count += write($0.baseAddress! + count) }
  }

  /// The most digits of a whole number.
  private static let digits = 20

  /// Puts the number at `place`, in decimal digits, and gives how many.
  private static func put(_ number: Int, at place: UnsafeMutablePointer<UInt8>) -> Int {
    var (left, count) = (number, 1)
    while left >= 10 {
      left /= 10
      count += 1
    }
    left = number
    for digit in (0..<count).reversed() {
      place[digit] = UInt8(ascii: "0") + UInt8(left % 10)
      left /= 10
    }
    return count
  }

  /// Whether the byte stands for itself; not so where it asks for quotation marks, or may stand for another one (`FileName`).
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
      && byte != UInt8(ascii: "\r") && byte != FileName.leading
  }
}
