import Lanes

/// Numbers that lie in a file one after another: an IDX file, a `.npy` file, a member of an `.npz` file.
///
/// The first of `sizes` counts items, such as images.
struct RawArray: Codable, Sendable {
  /// How the bytes are stored.
  enum Packing: Codable, Sendable {
    /// In a part of the file.
    case plain(Range<Int>)
    /// The whole file is gzip.
    case gzip
    /// A member of a zip file, which lies in a part of it.
    case deflate(ZipMember, Range<Int>)
  }

  let path: String
  /// The path and the member, for messages.
  let name: String
  let packing: Packing
  /// Bytes before the numbers, counted in what is unpacked.
  let headerBytes: Int
  let sizes: [Int]
  /// Bytes of one number or text.
  let elementBytes: Int
  /// Whether the first index counts fastest, instead of the last.
  let isFortran: Bool

  /// Images or labels.
  var count: Int { sizes[0] }
  /// Numbers of one item.
  var itemCount: Int { sizes.dropFirst().reduce(1, *) }
  /// Bytes of one item.
  var itemBytes: Int { itemCount * elementBytes }
  /// Whether the numbers of one item do not lie one after another.
  private var isAcross: Bool { isFortran && itemCount > 1 }
  /// Whether reading a part means unpacking all that is before it.
  var isPacked: Bool { if case .plain = packing { false } else { true } }

  /// The same numbers as one item.
  var asOneItem: RawArray {
    RawArray(
      path: path, name: name, packing: packing, headerBytes: headerBytes, sizes: [1] + sizes,
      elementBytes: elementBytes,
      isFortran: isFortran)
  }

  /// Where the numbers begin in the file, if they are there as they are read.
  var directOffset: Int? {
    guard case .plain(let part) = packing, !isAcross else { return nil }
    return part.lowerBound + headerBytes
  }

  /// Bytes that are read at a time.
  private static let blockBytes = 1 << 22
  /// Bytes that are read at a time where the items lie across one another; the more, the longer are the pieces that are read.
  private static let fortranBlockBytes = 1 << 26

  /// Items that are best read together.
  var unitSize: Int {
    if isPacked { return count }
    if isAcross { return min(count, max(1, Self.fortranBlockBytes / max(1, itemBytes))) }
    return min(count, max(1, min(4096, (1 << 24) / max(1, itemBytes))))
  }

  /// The bytes of all items, or nil where a size is 0 or their product is beyond all files.
  static func total(_ sizes: [Int], _ elementBytes: Int) -> Int? {
    var total = max(1, elementBytes)
    for size in sizes {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      guard size > 0, !overflow, product < Int.max / 2 else { return nil }
      total = product
    }
    return total
  }

  /// Calls `body` with the bytes of all numbers and of what is before them.
  private func withSource<Result>(
    _ body: (any ByteSource) throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    switch packing {
    case .plain(let part):
      let file = try FileStream(path)
      file.limit(to: part)
      return try body(file)
    case .gzip: return try body(try ByteStream(path))
    case .deflate(let member, let part):
      let file = try FileStream(path)
      file.limit(to: part)
      return try body(try InflateStream(file, member, name: name))
    }
  }

  /// Reads items `range` in blocks, in order, in the order of the last index fastest: calls `body` with the number of a block's
  /// first item and the bytes of its items. At the end of the file, checks that nothing follows.
  func read(
    _ range: Range<Int>,
    _ body: (_ first: Int, _ items: UnsafeRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard !range.isEmpty else { return }
    if isAcross { return try readAcross(range, body) }
    let step = max(1, min(range.count, Self.blockBytes / max(1, itemBytes)))
    let buffer = AlignedBuffer<UInt8>(count: step * itemBytes, for: "a block of an array")
    try withSource { source throws(DatasetError) in
      try source.skip(headerBytes + range.lowerBound * itemBytes)
      for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
        let items = min(step, range.upperBound - first)
        let block = UnsafeMutableRawBufferPointer(start: buffer.base, count: items * itemBytes)
        let found = try source.read(into: block)
        guard found == block.count else { throw truncated(after: first + found / max(1, itemBytes)) }
        if first + items == count {
          guard try source.read(1).isEmpty else {
            throw DatasetError(
              .malformed, name, "holds more than the \(count) items that its header promises")
          }
        }
        try body(first, UnsafeRawBufferPointer(block))
      }
    }
  }

  private func truncated(after items: Int) -> DatasetError {
    DatasetError(
      .malformed, name,
      "its header promises \(count) items of \(itemBytes) bytes, the file ends after \(items); it is truncated"
    )
  }

  /// `read` for files whose first index counts fastest: one number of every item, then the next number of every item.
  ///
  /// A piece of the file is read for each number of an item, as long as the items read together are many; packed files are
  /// read once, and all items asked for are then in memory.
  private func readAcross(
    _ range: Range<Int>,
    _ body: (_ first: Int, _ items: UnsafeRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let step = isPacked ? range.count : unitSize
    for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let part = first..<min(first + step, range.upperBound)
      let items = AlignedBuffer<UInt8>(
        count: part.count * itemBytes, for: "a block of an array in Fortran order")
      try withSource { source throws(DatasetError) in
        try source.skip(headerBytes)
        try gather(part, from: source, into: UnsafeMutableRawPointer(items.base))
      }
      try body(first, UnsafeRawBufferPointer(items.all))
    }
  }

  /// Reads items `part` from the start of the numbers into `items`, `[item][…]` with the last index fastest.
  private func gather(
    _ part: Range<Int>, from source: any ByteSource, into items: UnsafeMutableRawPointer
  ) throws(DatasetError) {
    // Rows of the file, one per number of an item, that are read at a time: one where parts of them are skipped.
    let isWhole = part.count == count
    let rows = isWhole ? max(1, Self.blockBytes / (count * elementBytes)) : 1
    let rowBytes = part.count * elementBytes
    let buffer = AlignedBuffer<UInt8>(count: min(rows, itemCount) * rowBytes, for: "a block of an array")
    var place = 0
    while place < itemCount {
      let taken = min(rows, itemCount - place)
      try source.skip(part.lowerBound * elementBytes)
      let block = UnsafeMutableRawBufferPointer(start: buffer.base, count: taken * rowBytes)
      guard try source.read(into: block) == block.count else { throw truncated(after: 0) }
      try source.skip((count - part.upperBound) * elementBytes)
      for row in 0..<taken {
        scatter(
          block.baseAddress! + row * rowBytes, part.count, to: items + cPlace(place + row) * elementBytes)
      }
      place += taken
    }
    if isWhole, !(try source.read(1).isEmpty) {
      throw DatasetError(.malformed, name, "holds more than the \(count) items that its header promises")
    }
  }

  /// Writes number after number of `row` to `target` and the places of the same number in the items behind.
  private func scatter(_ row: UnsafeMutableRawPointer, _ count: Int, to target: UnsafeMutableRawPointer) {
    let stride = itemBytes
    func run<Stored: BitwiseCopyable>(_: Stored.Type) {
      for item in 0..<count {
        let value = row.loadUnaligned(fromByteOffset: item &* MemoryLayout<Stored>.size, as: Stored.self)
        target.storeBytes(of: value, toByteOffset: item &* stride, as: Stored.self)
      }
    }
    switch elementBytes {
    case 1: run(UInt8.self)
    case 2: run(UInt16.self)
    case 4: run(UInt32.self)
    case 8: run(UInt64.self)
    default: preconditionFailure("texts have one dimension")
    }
  }

  /// Where the number is in an item in C order that is number `place` of it in Fortran order.
  private func cPlace(_ place: Int) -> Int {
    var rest = place
    var result = 0
    var stride = itemCount
    for size in sizes.dropFirst() {
      stride /= size
      result += rest % size * stride
      rest /= size
    }
    return result
  }
}
