import MPI

/// Bytes of rank 0 in memory that the ranks of each node share.
package final class NodeBytes {
  private var window: SharedWindow<UInt8>?
  /// All bytes, until `free`.
  package let bytes: UnsafeRawBufferPointer

  /// Copies what rank 0 gives to every node; the others' are ignored. **Collective.**
  package init(
    _ own: [UInt8], _ world: borrowing Communicator, _ nodes: NodeCommunicators, for purpose: StaticString
  ) throws {
    let count = Int(try world.broadcast(Int64(own.count)))
    let window = try SharedWindow<UInt8>(count: count, on: nodes.node, for: purpose)
    if world.isRoot { _ = window.all.update(from: own) }
    try nodes.betweenNodes { try $0.broadcast(window.all) }
    try window.fence()
    bytes = UnsafeRawBufferPointer(window.all)
    self.window = consume window
  }

  /// Gives the memory back; nobody may use `bytes` afterwards. **Collective** over the node.
  package func free() throws {
    try window.take()?.free()
  }
}
