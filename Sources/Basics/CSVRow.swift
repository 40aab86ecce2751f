/// Rows of a table as bytes, made field by field: what `CSV.field` and `FileName.bytes` give, without a text for every row.
package struct CSVRow: Sendable {
  /// All that was added.
  package private(set) var bytes: [UInt8] = []
  private var isBegun = false

  /// Nothing yet.
  package init() {}

  /// Takes everything away, but not its memory.
  package mutating func clear() {
    bytes.removeAll(keepingCapacity: true)
    isBegun = false
  }

  /// Adds the fields that `other` has from byte `first` on, and no line end yet.
  package mutating func add(_ other: CSVRow, from first: Int = 0) {
    begin()
    other.bytes.withUnsafeBufferPointer {
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0[first...]))
    }
  }

  /// Adds a whole number from 0 on.
  package mutating func add(_ number: Int) {
    begin()
    append(number)
  }

  /// Adds a number in its shortest form that reads back to the same float; an empty field where there is none.
  package mutating func add(_ number: Float?) {
    begin()
    if let number { bytes += number.description.utf8 }
  }

  /// Adds a text, and behind it, where there is a number, `#` and this.
  package mutating func add(_ text: String, number: Int? = nil) {
    begin()
    guard appendPlain(text) else {
      let whole = number.map { "\(text)#\($0)" } ?? text
      bytes += FileName.bytes(of: CSV.field(whole))
      return
    }
    guard let number else { return }
    bytes.append(UInt8(ascii: "#"))
    append(number)
  }

  /// Ends the line.
  package mutating func end() {
    bytes.append(UInt8(ascii: "\n"))
    isBegun = false
  }

  private mutating func begin() {
    if isBegun { bytes.append(UInt8(ascii: ",")) }
    isBegun = true
  }

  private mutating func append(_ number: Int) {
    precondition(number >= 0)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var (left, first) = (UInt(number), 20)
      repeat {
        first -= 1
        digits[first] = UInt8(ascii: "0") + UInt8(left % 10)
        left /= 10
      } while left > 0
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
    }
  }

  /// Appends the text as it is; not so where a byte asks for quotation marks, or may stand for another one (`FileName`).
  private mutating func appendPlain(_ text: String) -> Bool {
    text.utf8.withContiguousStorageIfAvailable { text in
      for byte in text {
        let isPlain =
          byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
          && byte != UInt8(ascii: "\r") && byte != FileName.leading
        guard isPlain else { return false }
      }
      bytes.append(contentsOf: text)
      return true
    } ?? false
  }
}
