import Synchronization

/// Pieces of work that the ranks of a node divide as they go: whoever is free takes the next one.
///
/// What a piece gives may not depend on who does it.
package final class NodeQueue {
  private let ranks: Int
  private let tickets: SharedWindow<UInt8>
  /// The ticket of the first piece of this round: every rank has the same one.
  private var first = 0

  /// **Collective** over `node`.
  package init(_ node: borrowing Communicator) throws {
    ranks = node.size
    tickets = try SharedWindow(count: NodePoints.line, on: node, for: "who does which piece of work")
    if node.isRoot { tickets.all.update(repeating: 0) }
    try tickets.fence()
  }

  /// Does pieces out of `0..<count` until none is left; others may still be at their last ones then. Every rank of the node comes
  /// here, with the same `count`, and all have come back before any comes again.
  ///
  /// - Returns: the pieces that this rank did
  package func share(_ count: Int, _ work: (Int) throws -> Void) rethrows -> Int {
    let next = UnsafeMutableRawPointer(tickets.all.baseAddress!).assumingMemoryBound(to: Atomic<Int>.self)
    // Each rank takes one ticket for which there is no piece.
    defer { first += count + ranks }
    var done = 0
    while true {
      let piece = next.pointee.wrappingAdd(1, ordering: .relaxed).oldValue - first
      guard piece < count else { return done }
      try work(piece)
      done += 1
    }
  }
}
