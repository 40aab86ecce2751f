internal import CHDF5
import Glibc
import Lanes

extension HDF5Dataset {
  /// Items that are best read together: whole chunks.
  var unitSize: Int {
    let band = max(1, chunkItems * itemBytes)
    return min(count, max(1, min(4096 / chunkItems, (1 << 24) / band)) * chunkItems)
  }

  /// Bytes of the items that are read at a time, at most, unless that is one item.
  private static let blockBytes = 1 << 28

  /// Reads items `range` in blocks, in order: calls `body` with the number of a block's first item and the bytes of its items.
  func read(
    _ range: Range<Int>, _ body: (_ first: Int, _ items: UnsafeRawBufferPointer) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    guard !range.isEmpty else { return }
    let step = max(1, min(range.count, unitSize, Self.blockBytes / itemBytes))
    let blocks = blocks(range, step)
    let process = try HDF5Process(path, blockBytes: step * itemBytes, bytes: range.count * itemBytes) {
      send throws(DatasetError) in try sendAll(blocks, step, send)
    }
    let buffer = AlignedBuffer<UInt8>(count: step * itemBytes, for: "a block of an array")
    for block in blocks {
      let items = UnsafeMutableRawBufferPointer(start: buffer.base, count: block.count * itemBytes)
      try process.receive(into: items)
      try body(block.lowerBound, UnsafeRawBufferPointer(items))
    }
  }

  /// Parts of `range` that are read at a time. They end where units do, so that every chunk is unpacked once.
  private func blocks(_ range: Range<Int>, _ step: Int) -> [Range<Int>] {
    var blocks: [Range<Int>] = []
    var first = range.lowerBound
    while first < range.upperBound {
      let end = min(range.upperBound, (first / step + 1) * step)
      blocks.append(first..<end)
      first = end
    }
    return blocks
  }

  /// The child's part of `read`.
  private func sendAll(
    _ blocks: [Range<Int>], _ step: Int, _ send: (UnsafeRawBufferPointer) -> Void
  ) throws(DatasetError) {
    let file = try HDF5.file(path)
    let dataset = try Self.open(file, path, key)
    let bytes = step * itemBytes
    guard let memory = malloc(bytes) else {
      throw DatasetError(.malformed, name, "cannot be read: there is too little memory for \(bytes) bytes")
    }
    for block in blocks {
      let items = UnsafeMutableRawBufferPointer(start: memory, count: block.count * itemBytes)
      try readBlock(dataset, block, into: items)
      send(UnsafeRawBufferPointer(items))
    }
  }

  /// All numbers.
  func readAll(for purpose: StaticString) throws(DatasetError) -> AlignedBuffer<UInt8> {
    let all = AlignedBuffer<UInt8>(count: count * itemBytes, for: purpose)
    try read(0..<count) { first, items in
      (all.base + first * itemBytes).update(
        from: items.baseAddress!.assumingMemoryBound(to: UInt8.self), count: items.count)
    }
    return all
  }

  private func readBlock(
    _ dataset: HDF5.Handle, _ items: Range<Int>, into block: UnsafeMutableRawBufferPointer
  ) throws(DatasetError) {
    guard let space = HDF5.Handle(H5Dget_space(dataset.id), { H5Sclose($0) }),
      try Self.sizes(space, name) == sizes,
      let stored = HDF5.Handle(H5Dget_type(dataset.id), { H5Tclose($0) }),
      try Self.type(stored, name) == (samples, element)
    else {
      throw DatasetError(.malformed, name, "has changed since it was looked at; start again")
    }
    var start = [hsize_t](repeating: 0, count: sizes.count)
    start[0] = hsize_t(items.lowerBound)
    var part = sizes.map { hsize_t($0) }
    part[0] = hsize_t(items.count)
    let type: hid_t =
      switch element.samples {
      case .bool: stored.id
      case .float16, .float32, .float64: dbc_h5_native_float(Int32(element.byteCount))
      case .int8, .int16, .int32, .int64: dbc_h5_native_integer(Int32(element.byteCount), 1)
      default: dbc_h5_native_integer(Int32(element.byteCount), 0)
      }
    guard dbc_h5_read(dataset.id, type, Int32(sizes.count), start, part, block.baseAddress!) >= 0 else {
      throw Self.damaged(name)
    }
  }
}
