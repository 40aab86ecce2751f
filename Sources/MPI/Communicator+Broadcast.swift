internal import COpenMPI
import Lanes

/// The most bytes that one call sends; larger buffers go in several calls, which keeps every count far from the
/// limit of 32 bits and costs nothing at this size.
let chunkBytes = 1 << 26

/// The parts, of at most `limit` elements, in which a buffer of `count` elements goes over the wire.
func chunks<Element>(of count: Int, _: Element.Type, most limit: Int = .max) -> [Range<Int>] {
  let most = min(limit, chunkBytes / MemoryLayout<Element>.stride)
  return stride(from: 0, to: count, by: most).map { $0..<min($0 + most, count) }
}

extension Communicator {
  /// Copies `buffer` of rank `root` into `buffer` of every other rank, all of one length. **Collective.**
  ///
  /// Any length: large buffers are sent in parts.
  ///
  /// - Parameter limit: elements of one part at most
  package func broadcast<Element: MPIScalar>(
    _ buffer: UnsafeMutableBufferPointer<Element>, from root: Int = 0, limit: Int = .max
  ) throws(MPIError) {
    for part in chunks(of: buffer.count, Element.self, most: limit) {
      let address = buffer.baseAddress! + part.lowerBound
      try collective("MPI_Bcast") {
        MPI_Bcast(address, Int32(part.count), Element.mpiKind.handle, Int32(root), handle)
      }
    }
  }

  /// The value of rank `root`; the others' are ignored. **Collective.**
  package func broadcast<Element: MPIScalar>(
    _ value: Element, from root: Int = 0
  ) throws(MPIError) -> Element {
    var value = value
    try collective("MPI_Bcast") { MPI_Bcast(&value, 1, Element.mpiKind.handle, Int32(root), handle) }
    return value
  }

  /// The array of rank `root`, whose length the others need not know; theirs are ignored. **Collective.**
  package func broadcast<Element: MPIScalar>(
    _ values: [Element], from root: Int = 0
  ) throws(MPIError) -> [Element] {
    let count = Int(try broadcast(Int64(values.count), from: root))
    if rank != root { MemoryShortage.require(count, of: Element.self, for: "values of another rank") }
    var result = rank == root ? values : [Element](repeating: .zero, count: count)
    try result.withUnsafeMutableBufferPointer { (buffer) throws(MPIError) in
      try broadcast(buffer, from: root)
    }
    return result
  }

  /// The text of rank `root`; the others' are ignored. **Collective.**
  package func broadcast(_ text: String, from root: Int = 0) throws(MPIError) -> String {
    String(decoding: try broadcast(rank == root ? Array(text.utf8) : [], from: root), as: UTF8.self)
  }
}
