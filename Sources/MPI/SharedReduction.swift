import Lanes

/// Adds partial sums of ranks in the memory that those of a node share; then between nodes, one rank of each, by messages.
///
/// The order of all additions is the tree's, whoever makes them.
final class SharedReduction {
  /// The ranks of this node.
  let team: NodeTeam
  private let ranks: NodeCommunicators
  private let points: NodePoints
  /// The number of each rank's node, and of this rank's.
  private let nodes: [Int]
  private let node: Int
  /// Whether there are other nodes.
  private let hasOthers: Bool
  /// Whether all ranks of the job take part.
  private let isWorld: Bool
  private var plans: [Int: NodePlan] = [:]
  /// Memory for small sums, in two halves that take turns: a rank may write the next sums while others still read.
  private let small = GrowingWindow()
  private var half = 0
  /// Memory for a part of large sums, and of their total.
  private let large = GrowingWindow()

  /// Floats of a part that is added at once: enough that waiting is little beside it, and little enough that it stays in caches, and
  /// in the little shared memory that containers have.
  private static let partFloats = 4096...524288
  /// Bytes of the parts of all ranks of a node, if these limits allow.
  private static let partBytes = 16 << 20

  /// nil where no node has two ranks. **Collective.**
  ///
  /// - Parameter given: the number of each rank's node, from 0 in the order of their first ranks; nil: MPI says
  init?(_ communicator: borrowing Communicator, nodes given: [Int]?) throws {
    if let given {
      let node = try communicator.split(color: given[communicator.rank], key: communicator.rank)!
      let leaders = try communicator.split(color: node.isRoot ? 0 : nil, key: communicator.rank)
      ranks = NodeCommunicators(node: node, leaders: leaders)
    } else {
      ranks = try communicator.splitByNode()
    }
    nodes = try ranks.numbers(of: communicator)
    node = nodes[communicator.rank]
    isWorld = communicator.size == communicator.worldSize
    hasOthers = Set(nodes).count > 1
    if Set(nodes).count == nodes.count { return nil }
    points = try NodePoints(ranks)
    team = NodeTeam(ranks, points, hasRoot: node == nodes[0])
  }

  /// The total of small sums of doubles. **Collective.**
  func totals(
    _ sums: borrowing TreeSums<Double>, _ plan: ReductionPlan, _ exchange: SumExchange
  ) throws -> [Double] {
    let (nodePlan, width) = (self.plan(plan), sums.width)
    // The sums of the node's ranks, and behind them the total.
    let stride = Self.wholeLines(width * MemoryLayout<Double>.stride)
    let count = nodePlan.inside.count
    let start = try small.memory(2 * (count + 1) * stride, on: ranks.node)
    half = 1 - half
    let base = start + half * (small.bytes / 2 / NodePoints.line * NodePoints.line)
    func place(_ number: Int) -> UnsafeMutablePointer<Double> {
      (base + number * stride).assumingMemoryBound(to: Double.self)
    }
    return try Whereabouts.inside("the sum over ranks", counted: isWorld) {
      let first = nodePlan.firsts[ranks.node.rank]
      for number in 0..<sums.schedule.remaining.count {
        place(first + number).update(from: sums.node(number), count: width)
      }
      points.arrive()
      guard hasOthers else {
        points.waitForAll()
        return nodePlan.inside.total(width: width) { UnsafePointer(place($0)) }
      }
      try ranks.betweenNodes { leaders in
        points.waitForAll()
        let own = AlignedBuffer<Double>(count: max(1, nodePlan.inside.schedule.depth) * width)
        nodePlan.inside.fold(
          width: width, value: { UnsafePointer(place($0)) }, slot: { own.base + $0 * width }
        ) { left, right, sum in
          for i in 0..<width { sum[i] = left[i] + right[i] }
        }
        let left = nodePlan.inside.schedule.remaining.count * width
        let total = try exchange.totals(
          UnsafeBufferPointer(rebasing: own.all[..<left]), nodePlan.between, width: width, leaders)
        place(count).update(from: total, count: width)
      }
      points.arrive()
      points.wait(for: 0)
      return Array(UnsafeBufferPointer(start: place(count), count: width))
    }
  }

  /// The total of large sums, written to `result`. **Collective.**
  ///
  /// Part by part: every rank adds its segment of the part of all ranks' sums, and reads the whole total.
  ///
  /// - Parameter own: this rank's sums
  func totals(
    _ own: [UnsafePointer<Float>], _ plan: ReductionPlan, into result: UnsafeMutableBufferPointer<Float>,
    _ exchange: SumExchange
  ) throws {
    let nodePlan = self.plan(plan)
    let (count, left) = (nodePlan.inside.count, nodePlan.inside.schedule.depth)
    let size = MemoryLayout<Float>.stride
    // Alike on all nodes.
    let fitting = Self.partBytes / size / max(1, nodePlan.most) / 16 * 16
    let part = min(
      max(fitting, Self.partFloats.lowerBound), Self.partFloats.upperBound, max(16, result.count))
    let stride = Self.wholeLines(part * size)
    // The total, in the same place for all widths, as others may still read the last one; the sums of the node's ranks; what they
    // are added to.
    let totalBytes = Self.partFloats.upperBound * size
    let start = try large.memory(totalBytes + (count + left) * stride, on: ranks.node)
    let total = start.assumingMemoryBound(to: Float.self)
    func place(_ number: Int) -> UnsafeMutablePointer<Float> {
      (start + totalBytes + number * stride).assumingMemoryBound(to: Float.self)
    }
    try Whereabouts.inside("the sum over ranks", counted: isWorld) {
      let first = nodePlan.firsts[ranks.node.rank]
      for begin in Swift.stride(from: 0, to: result.count, by: part) {
        let width = min(part, result.count - begin)
        let segments = Segments(blocksOf: width, parts: ranks.node.size)
        let (offset, length) = (segments.offsets[ranks.node.rank], segments.counts[ranks.node.rank])
        // What the others add; this rank's segment is where it is.
        for (number, values) in own.enumerated() {
          for other in [0..<offset, (offset + length)..<width] {
            (place(first + number) + other.lowerBound).update(
              from: values + begin + other.lowerBound, count: other.count)
          }
        }
        func segment(_ number: Int) -> UnsafePointer<Float> {
          own.indices.contains(number - first)
            ? own[number - first] + begin + offset : UnsafePointer(place(number) + offset)
        }
        points.arrive()
        points.waitForAll()
        let target = result.baseAddress! + begin
        if hasOthers {
          nodePlan.inside.fold(
            width: length, value: segment,
            slot: { place(count + $0) + offset }, add: { addFloats($0, $1, to: $2, count: length) })
          points.arrive()
          try ranks.betweenNodes { leaders in
            points.waitForAll()
            let sums = (0..<nodePlan.inside.schedule.remaining.count).map { UnsafePointer(place(count + $0)) }
            try exchange.totals(
              sums, nodePlan.between, into: UnsafeMutableBufferPointer(start: total, count: width), leaders)
          }
          points.arrive()
          points.wait(for: 0)
          target.update(from: total, count: width)
        } else {
          nodePlan.inside.total(width: length, into: target + offset, value: segment)
          (total + offset).update(from: target + offset, count: length)
          points.arrive()
          points.waitForAll()
          for other in [0..<offset, (offset + length)..<width] {
            (target + other.lowerBound).update(from: total + other.lowerBound, count: other.count)
          }
        }
      }
    }
  }

  private func plan(_ plan: ReductionPlan) -> NodePlan {
    if let found = plans[plan.tree.groups] { return found }
    let made = NodePlan(plan, nodes: nodes, node: node)
    plans[plan.tree.groups] = made
    return made
  }

  private static func wholeLines(_ bytes: Int) -> Int {
    (bytes + NodePoints.line - 1) / NodePoints.line * NodePoints.line
  }
}

/// Memory of a node that grows.
private final class GrowingWindow {
  private var window: SharedWindow<UInt8>?
  private var start: UnsafeMutableRawPointer?
  /// What there is.
  private(set) var bytes = 0

  /// At least `bytes` bytes, alike on all ranks of `node`. Where they do not fit, **collective**: what was there is lost.
  func memory(_ bytes: Int, on node: borrowing Communicator) throws -> UnsafeMutableRawPointer {
    if let start, bytes <= self.bytes { return start }
    (start, self.bytes) = (nil, 0)
    try window.take()?.free()
    let made = try SharedWindow<UInt8>(count: max(bytes, 1 << 16), on: node, for: "sums of a node")
    let start = UnsafeMutableRawPointer(made.all.baseAddress!)
    (self.bytes, self.start) = (made.all.count, start)
    window = consume made
    return start
  }
}
