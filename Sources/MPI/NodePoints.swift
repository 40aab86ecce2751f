internal import COpenMPI
import Glibc
import Lanes
import Synchronization

/// Points at which the ranks of a node wait for each other, without messages.
///
/// Every rank counts the points that it has come to, in a cache line of its own. What a rank wrote to shared memory before it came to
/// a point is there for everybody who has waited for it.
final class NodePoints {
  private let ranks: NodeCommunicators
  private let counters: SharedWindow<UInt8>
  /// Points that this rank has come to.
  private var point = 0

  /// Bytes that two ranks never write at once: two lines of 64, as the next line is often fetched, too.
  static let line = 128
  /// How often a rank looks before it lets others have the core: for as long as a message takes, and once only where the node has more
  /// ranks than cores.
  private let patience: Int32

  /// **Collective** over the node.
  init(_ ranks: NodeCommunicators) throws {
    self.ranks = ranks
    patience = ranks.node.size > sysconf(Int32(_SC_NPROCESSORS_ONLN)) ? 0 : 1000
    counters = try SharedWindow(count: ranks.node.size * Self.line, on: ranks.node, for: "sums of a node")
    if ranks.node.isRoot { counters.all.update(repeating: 0) }
    try counters.fence()
  }

  /// This rank has come to the next point.
  func arrive() {
    point += 1
    counter(ranks.node.rank).pointee.store(point, ordering: .releasing)
  }

  /// Waits until all ranks of the node have come to this rank's point.
  func waitForAll() {
    for rank in 0..<ranks.node.size { wait(for: rank) }
  }

  /// Waits until the node's rank `rank` has come to this rank's point.
  func wait(for rank: Int) {
    var look: Int32 = 0
    while counter(rank).pointee.load(ordering: .acquiring) < point {
      look = look == .max ? patience + 1 : look + 1
      dbc_wait(look, patience, ranks.node.handle)
    }
  }

  private func counter(_ rank: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    UnsafeMutableRawPointer(counters.all.baseAddress! + rank * Self.line).assumingMemoryBound(
      to: Atomic<Int>.self)
  }
}
