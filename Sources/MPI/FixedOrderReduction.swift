import Lanes

/// How sums over lane groups are formed across ranks.
package enum ReductionMode: String, CaseIterable, Sendable {
  /// In the order of the `ReductionTree`: the same bits on any number of ranks.
  case fixedOrder = "fixed-order"
  /// By MPI_Allreduce: the library's order, which may depend on the number of ranks.
  case native
}

/// Which groups of a number of lane groups belong to which rank, and how their partial sums are put together.
package struct ReductionPlan: Sendable {
  /// The order of all additions.
  package let tree: ReductionTree
  /// The groups of each rank.
  package let shares: [Range<Int>]
  /// The order in which this rank adds its own groups.
  package let local: ReductionTree.Schedule
  /// The number of nodes that each rank is left with.
  let nodes: [Int]
  /// The order in which all ranks' nodes are added.
  let root: ReductionTree.Schedule

  /// The plan of rank `rank` of `ranks` for `groups` groups, divided as evenly as possible.
  package init(groups: Int, rank: Int, ranks: Int) {
    let tree = ReductionTree(groups: groups)
    let shares = (0..<ranks).map { tree.share(rank: $0, of: ranks) }
    let schedules = shares.map { tree.schedule(groups: $0) }
    self.tree = tree
    self.shares = shares
    local = schedules[rank]
    nodes = schedules.map(\.remaining.count)
    root = tree.schedule(folding: schedules.flatMap(\.remaining))
  }
}

/// Adds partial sums of lane groups over all ranks of a communicator of its own.
package final class GroupReduction {
  /// The ranks whose sums are added: a communicator of the reduction's own.
  package let communicator: Communicator
  /// How the ranks' sums are put together.
  package let mode: ReductionMode
  private var plans: [Int: ReductionPlan] = [:]
  /// Room for other ranks' nodes, kept between calls: fresh memory costs more than the exchange from a few MiB on.
  private var receivedFloats = AlignedBuffer<Float>(count: 0)
  private var packedFloats = AlignedBuffer<Float>(count: 0)

  /// **Collective**: duplicates `communicator`.
  package init(_ communicator: borrowing Communicator, mode: ReductionMode) throws(MPIError) {
    self.communicator = try communicator.duplicate()
    self.mode = mode
  }

  /// The plan for `groups` lane groups, made once.
  package func plan(groups: Int) -> ReductionPlan {
    if let plan = plans[groups] { return plan }
    let plan = ReductionPlan(groups: groups, rank: communicator.rank, ranks: communicator.size)
    plans[groups] = plan
    return plan
  }

  /// The totals of double-precision sums, a few hundred at most: every rank receives all nodes and adds them.
  /// **Collective.**
  package func totals(_ sums: borrowing TreeSums<Double>, _ plan: ReductionPlan) throws(MPIError) -> [Double]
  {
    let width = sums.width
    if mode == .native {
      var total = [Double](repeating: 0, count: width)
      for node in 0..<sums.schedule.remaining.count {
        for i in 0..<width { total[i] += sums.node(node)[i] }
      }
      return try communicator.allReduce(total, .sum)
    }
    if communicator.size == 1 { return Array(UnsafeBufferPointer(start: sums.node(0), count: width)) }
    let all = AlignedBuffer<Double>(count: plan.nodes.reduce(0, +) * width, for: "sums of all ranks")
    try communicator.allGatherV(
      UnsafeBufferPointer(sums.nodes), into: all.all,
      segments: Segments(counts: plan.nodes.map { $0 * width }))
    fold(plan.root) { left, right in
      for i in 0..<width { all.base[left * width + i] += all.base[right * width + i] }
    }
    return Array(UnsafeBufferPointer(start: all.base, count: min(width, all.count)))
  }

  /// The totals of the part `range` of single-precision sums, any number of them, written to `result`.
  /// **Collective.**
  ///
  /// Each rank receives its segment of all nodes, adds them, and hands the result to all: the traffic of a ring
  /// all-reduce.
  package func totals(
    _ sums: borrowing TreeSums<Float>, range: Range<Int>, _ plan: ReductionPlan,
    into result: UnsafeMutablePointer<Float>
  ) throws(MPIError) {
    let count = range.count
    let whole = UnsafeMutableBufferPointer(start: result, count: count)
    let nodes = sums.schedule.remaining.count
    if mode == .native || communicator.size == 1 {
      if nodes == 0 { whole.update(repeating: 0) }
      for node in 0..<nodes {
        let values = sums.node(node) + range.lowerBound
        if node == 0 {
          result.update(from: values, count: count)
        } else {
          addFloats(values, to: result, count: count)
        }
      }
      if communicator.size > 1 { try communicator.allReduce(inPlace: whole, .sum) }
      return
    }
    let segments = Self.segments(count, ranks: communicator.size)
    let width = segments.counts[communicator.rank]
    let counts = plan.nodes.map { $0 * width }
    let received = Self.room(counts.reduce(0, +), &receivedFloats)
    try exchange(sums, range, segments, into: received, counts: counts)
    let first = received.baseAddress!
    let own = result + segments.offsets[communicator.rank]
    var left = plan.nodes.reduce(0, +) - 1
    if left == 0 { own.update(from: first, count: width) }
    fold(plan.root) { a, b in
      left -= 1
      // The last sum goes straight to its place.
      addFloats(first + a * width, first + b * width, to: left == 0 ? own : first + a * width, count: width)
    }
    try communicator.allGatherV(inPlace: whole, segments: segments)
  }

  /// Sends every rank its segment of this rank's nodes.
  private func exchange(
    _ sums: borrowing TreeSums<Float>, _ range: Range<Int>, _ segments: Segments,
    into received: UnsafeMutableBufferPointer<Float>, counts: [Int]
  ) throws(MPIError) {
    let nodes = sums.schedule.remaining.count
    let receiving = Segments(counts: counts)
    if nodes == 1 {
      let node = UnsafeBufferPointer(start: sums.node(0) + range.lowerBound, count: range.count)
      try communicator.allToAllV(node, sending: segments, into: received, receiving: receiving)
      return
    }
    let packed = Self.room(nodes * range.count, &packedFloats)
    var next = packed.baseAddress!
    for rank in 0..<communicator.size {
      for node in 0..<nodes {
        let count = segments.counts[rank]
        next.update(from: sums.node(node) + range.lowerBound + segments.offsets[rank], count: count)
        next += count
      }
    }
    try communicator.allToAllV(
      UnsafeBufferPointer(packed), sending: Segments(counts: segments.counts.map { $0 * nodes }),
      into: received, receiving: receiving)
  }

  /// `count` floats in `buffer`, which grows where they do not fit.
  private static func room(
    _ count: Int, _ buffer: inout AlignedBuffer<Float>
  ) -> UnsafeMutableBufferPointer<Float> {
    if buffer.count < count { buffer = AlignedBuffer(count: count, for: "sums of all ranks") }
    return UnsafeMutableBufferPointer(start: buffer.base, count: count)
  }

  /// Walks a schedule over numbered values: `add(left, right)` for every addition.
  private func fold(_ schedule: ReductionTree.Schedule, add: (Int, Int) -> Void) {
    var stack: [Int] = []
    for (value, push) in schedule.pushes.enumerated() {
      stack.append(value)
      for _ in 0..<push.merges {
        let right = stack.removeLast()
        add(stack[stack.count - 1], right)
      }
    }
  }

  /// `count` numbers in one segment per rank, in steps of 16.
  private static func segments(_ count: Int, ranks: Int) -> Segments {
    let blocks = (count + 15) / 16
    let starts = (0...ranks).map { min(count, $0 * blocks / ranks * 16) }
    return Segments(counts: (0..<ranks).map { starts[$0 + 1] - starts[$0] })
  }
}
