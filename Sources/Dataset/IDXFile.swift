import Foundation
import Lanes

/// A file in the IDX format of the MNIST data: a magic number, big-endian sizes, bytes; plain or gzip.
struct IDXFile: Codable, Sendable {
  let path: String
  let isCompressed: Bool
  /// Images or labels first, then the sizes of one image.
  let sizes: [Int]
  let headerBytes: Int

  var count: Int { sizes[0] }
  /// Bytes of one item.
  var itemBytes: Int { sizes.dropFirst().reduce(1, *) }

  /// Reads the header and checks what it says against the file.
  ///
  /// - Parameter dimensions: the numbers of dimensions that are allowed: 1 for labels, 3 or 4 for images
  init(_ path: String, dimensions: Set<Int>, of what: String) throws(DatasetError) {
    self.path = path
    let stream = try ByteStream(path)
    isCompressed = stream.isCompressed
    let magic = try stream.read(4)
    let allowed = dimensions.sorted().map { "00 00 08 0\($0)" }.joined(separator: " or ")
    guard magic.count == 4, magic[0] == 0, magic[1] == 0, magic[2] == 8, dimensions.contains(Int(magic[3]))
    else {
      throw DatasetError(
        .malformed, path,
        "is not an IDX file of \(what): expected the magic number \(allowed), found "
          + (magic.count == 4 ? ByteStream.hex(magic) : "\(magic.count) bytes in all"))
    }
    let header = try stream.read(4 * Int(magic[3]))
    guard header.count == 4 * Int(magic[3]) else {
      throw DatasetError(.malformed, path, "ends inside its header: the file is truncated; fetch it again")
    }
    sizes = stride(from: 0, to: header.count, by: 4).map { start in
      header[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    headerBytes = 4 + header.count
    var total = 1
    for size in sizes {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      guard size > 0, !overflow, product < Int.max / 2 else {
        throw DatasetError(.malformed, path, "has a header with impossible sizes: \(sizes)")
      }
      total = product
    }
    try checkSize(total, fileBytes: stream.fileBytes)
  }

  /// What deflate packs at most, rounded up: a gzip file that promises more lies.
  private static let highestCompression = 1100

  private func checkSize(_ total: Int, fileBytes bytes: Int) throws(DatasetError) {
    if isCompressed {
      guard total / Self.highestCompression <= bytes else {
        throw DatasetError(
          .malformed, path,
          "its header promises \(total) bytes, more than a gzip file of \(bytes) bytes can hold")
      }
      return
    }
    let found = bytes - headerBytes
    guard found == total else {
      throw DatasetError(
        .malformed, path,
        "its header promises \(sizes.map(String.init).joined(separator: " × ")) = \(total) bytes, "
          + "the file holds \(found); it is \(found < total ? "truncated" : "followed by something else")")
    }
  }

  /// Reads items `range` into `buffer`; at the end of the file, checks that nothing follows.
  func read(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    precondition(buffer.count == range.count * itemBytes && range.upperBound <= count)
    let stream = try ByteStream(path)
    try stream.skip(headerBytes + range.lowerBound * itemBytes)
    let found = try stream.read(into: buffer)
    guard found == buffer.count else {
      throw DatasetError(
        .malformed, path,
        "its header promises \(count) items of \(itemBytes) bytes, the file ends after "
          + "\(range.lowerBound + found / itemBytes); it is truncated")
    }
    if range.upperBound == count {
      guard try stream.read(1).isEmpty else {
        throw DatasetError(.malformed, path, "holds more than the \(count) items that its header promises")
      }
    }
  }

  /// All items as bytes.
  func readAll() throws(DatasetError) -> [UInt8] {
    let bytes = AlignedBuffer<UInt8>(count: count * itemBytes, for: "labels")
    try read(0..<count, into: UnsafeMutableRawBufferPointer(bytes.all))
    MemoryShortage.require(bytes.count, of: UInt8.self, for: "labels")
    return Array(bytes.all)
  }
}
