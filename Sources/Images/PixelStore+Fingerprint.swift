internal import CZlib
import MPI

extension PixelStore {
  /// Number, shape and CRC-32 of the images: equal for equal images, whatever files they come from and however many
  /// ranks there are. **Collective** over `node`, whose ranks divide the work.
  package func fingerprint(node: borrowing Communicator) throws -> String {
    let blockBytes = 1 << 20
    let bytes = count * shape.byteCount
    let blocks = (bytes + blockBytes - 1) / blockBytes
    var sums = [Int64](repeating: 0, count: blocks)
    for block in stride(from: node.rank, to: blocks, by: node.size) {
      let start = block * blockBytes
      let length = min(blockBytes, bytes - start)
      sums[block] = Int64(crc32_z(0, pixels(looking: 1, at: length) + start, length))
    }
    sums = try node.allReduce(sums, .max)
    let sum = sums.withUnsafeBytes {
      crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
    }
    let shape = shape
    return
      "\(count) images \(shape.width)×\(shape.height)×\(shape.channels), CRC-32 \(String(sum, radix: 16))"
  }
}
