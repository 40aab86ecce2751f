import Basics
import FoundationEssentials

/// A matrix of float32 in a NumPy file, mapped into memory: rows are read when they are asked for.
package struct NPYMatrix {
  /// The number of rows.
  package let rows: Int
  /// The number of columns.
  package let columns: Int
  private let data: Data
  private let start: Int

  /// The longest header that is read; what NumPy writes of a matrix has 118 bytes.
  private static let longestHeader = 10_000

  /// Opens `path`: format 1.0 or 2.0, little-endian float32, two dimensions, C order.
  package init(_ path: String) throws(ReportError) {
    let data = try InputFile.map(path, expected: "a NumPy file")
    guard data.count >= 12, data.starts(with: [0x93] + Array("NUMPY".utf8)), (1...2).contains(data[6]) else {
      throw ReportError(.malformed, path, "is not a NumPy file of version 1 or 2; numpy.save writes one")
    }
    let short = Int(data[8]) | Int(data[9]) << 8
    let isShort = data[6] == 1
    let length = isShort ? short : short | Int(data[10]) << 16 | Int(data[11]) << 24
    start = (isShort ? 10 : 12) + length
    guard length <= Self.longestHeader else {
      throw ReportError(
        .malformed, path,
        "expected a header of at most \(Self.longestHeader) bytes, found the length \(length)")
    }
    guard start <= data.count else { throw ReportError(.malformed, path, "ends within its header") }
    let header = String(decoding: data[(isShort ? 10 : 12)..<start], as: UTF8.self)
    let sizes =
      header.split(separator: "(").dropFirst().first?.split(separator: ")").first?
      .split(separator: ",").compactMap { Int($0.trimmed) } ?? []
    guard header.contains("'<f4'"), header.contains("False"), sizes.count == 2, sizes.allSatisfy({ $0 >= 1 })
    else {
      throw ReportError(
        .malformed, path,
        "expected float32 in two dimensions and C order, found \(header.trimmed)"
      )
    }
    let (count, overflow) = sizes[0].multipliedReportingOverflow(by: sizes[1])
    guard !overflow, count <= (data.count - start) / 4 else {
      throw ReportError(
        .malformed, path, "is too short for \(sizes[0]) × \(sizes[1]) numbers; was it copied completely?")
    }
    (rows, columns) = (sizes[0], sizes[1])
    self.data = data
  }

  /// Calls `body` with the numbers of row `row`, one by one.
  package func forEach(row: Int, _ body: (_ column: Int, _ value: Float) -> Void) {
    precondition(row >= 0 && row < rows, "there is no such row")
    data.withUnsafeBytes { bytes in
      for column in 0..<columns {
        let offset = start + 4 * (row * columns + column)
        body(column, bytes.loadUnaligned(fromByteOffset: offset, as: Float.self))
      }
    }
  }

  /// Copies all numbers, row by row, to `target`, which has room for `rows · columns`.
  package func copy(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count == rows * columns, "an array has rows × columns values")
    data.withUnsafeBytes { bytes in
      let values = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + 4 * target.count)])
      UnsafeMutableRawBufferPointer(target).copyMemory(from: values)
    }
  }
}
