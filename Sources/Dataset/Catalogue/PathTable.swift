import Basics

/// The paths of many files as one run of bytes, which goes to other ranks, or lies in memory that they share, as it is.
///
/// Layout: the number of paths and, for each, the end of its bytes (Int64 each), then the bytes.
package struct PathTable: @unchecked Sendable {
  private let table: UnsafeRawBufferPointer

  /// What `bytes` made, in memory that stays as long as this is used; empty memory holds no path.
  package init(_ table: UnsafeRawBufferPointer) { self.table = table }

  /// The table of `paths`, which are texts as `FileName` makes them.
  package static func bytes(_ count: Int, path: (Int) -> String) -> [UInt8] {
    var ends = [Int64(count)]
    ends.reserveCapacity(count + 1)
    var text: [UInt8] = []
    for number in 0..<count {
      text += path(number).utf8
      ends.append(Int64(text.count))
    }
    return ends.withUnsafeBytes { Array($0) } + text
  }

  /// The number of paths.
  package var count: Int { table.isEmpty ? 0 : Int(table.loadUnaligned(as: Int64.self)) }

  /// Path number `number`.
  package subscript(number: Int) -> String {
    func end(_ place: Int) -> Int {
      place < 0 ? 0 : Int(table.loadUnaligned(fromByteOffset: 8 * (1 + place), as: Int64.self))
    }
    let start = 8 * (1 + count)
    let bytes = UnsafeRawBufferPointer(rebasing: table[(start + end(number - 1))..<(start + end(number))])
    return String(decoding: bytes, as: UTF8.self)
  }
}
