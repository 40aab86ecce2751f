import Lanes

/// Adds partial sums of lane groups over all ranks of a communicator of its own.
package final class GroupReduction {
  /// The ranks whose sums are added: a communicator of the reduction's own.
  package let communicator: Communicator
  /// How the ranks' sums are put together.
  package let mode: ReductionMode
  /// Adds in the memory that ranks of a node share; nil where no node has two ranks.
  private let shared: SharedReduction?
  private var plans: [Int: ReductionPlan] = [:]
  private let exchange = SumExchange()

  /// **Collective**: duplicates `communicator`.
  ///
  /// - Parameter nodes: which ranks share memory, by number of node; nil: MPI says
  package init(_ communicator: borrowing Communicator, mode: ReductionMode, nodes: [Int]? = nil) throws {
    self.communicator = try communicator.duplicate()
    self.mode = mode
    shared = communicator.size == 1 ? nil : try SharedReduction(self.communicator, nodes: nodes)
  }

  /// The ranks of this node; nil where no node has two ranks.
  package var team: NodeTeam? { shared?.team }

  /// The plan for `groups` lane groups, made once.
  package func plan(groups: Int) -> ReductionPlan {
    if let plan = plans[groups] { return plan }
    let plan = ReductionPlan(groups: groups, rank: communicator.rank, ranks: communicator.size)
    plans[groups] = plan
    return plan
  }

  /// The totals of double-precision sums, a few hundred at most: every rank gets all sums and adds them.
  /// **Collective.**
  package func totals(_ sums: borrowing TreeSums<Double>, _ plan: ReductionPlan) throws -> [Double] {
    let width = sums.width
    if mode == .native {
      var total = [Double](repeating: 0, count: width)
      for node in 0..<sums.schedule.remaining.count {
        for i in 0..<width { total[i] += sums.node(node)[i] }
      }
      return try communicator.allReduce(total, .sum)
    }
    if plan.ranks.count == 0 { return [] }
    if communicator.size == 1 { return Array(UnsafeBufferPointer(start: sums.node(0), count: width)) }
    if let shared { return try shared.totals(sums, plan, exchange) }
    return try exchange.totals(UnsafeBufferPointer(sums.nodes), plan.ranks, width: width, communicator)
  }

  /// The totals of the part `range` of single-precision sums, any number of them, written to `result`.
  /// **Collective.**
  ///
  /// Each rank adds its segment of all sums and hands the result to all: the traffic of a ring all-reduce.
  package func totals(
    _ sums: borrowing TreeSums<Float>, range: Range<Int>, _ plan: ReductionPlan,
    into result: UnsafeMutablePointer<Float>
  ) throws {
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
    if plan.ranks.count == 0 { return whole.update(repeating: 0) }
    let own = (0..<nodes).map { UnsafePointer(sums.node($0) + range.lowerBound) }
    if let shared { return try shared.totals(own, plan, into: whole, exchange) }
    try exchange.totals(own, plan.ranks, into: whole, communicator)
  }
}

/// Adds partial sums by messages.
final class SumExchange {
  /// Room for other ranks' sums, kept between calls: fresh memory costs more than the exchange from a few MiB on.
  private var receivedFloats = AlignedBuffer<Float>(count: 0)
  private var packedFloats = AlignedBuffer<Float>(count: 0)

  /// The total of doubles: every rank receives all sums and adds them. **Collective.**
  ///
  /// - Parameter own: this rank's sums, one after another
  func totals(
    _ own: UnsafeBufferPointer<Double>, _ sums: PartialSums, width: Int,
    _ communicator: borrowing Communicator
  ) throws(MPIError) -> [Double] {
    let all = AlignedBuffer<Double>(count: sums.count * width, for: "sums of all ranks")
    try communicator.allGatherV(
      own, into: all.all, segments: Segments(counts: sums.counts.map { $0 * width }))
    return sums.total(width: width) { UnsafePointer(all.base + $0 * width) }
  }

  /// The total of floats, written to `result`: every rank receives its segment of all sums, adds them, and hands the result to all.
  /// **Collective.**
  ///
  /// - Parameter own: this rank's sums
  func totals(
    _ own: [UnsafePointer<Float>], _ sums: PartialSums, into result: UnsafeMutableBufferPointer<Float>,
    _ communicator: borrowing Communicator
  ) throws(MPIError) {
    let segments = Segments(blocksOf: result.count, parts: communicator.size)
    let width = segments.counts[communicator.rank]
    let counts = sums.counts.map { $0 * width }
    let received = Self.room(sums.count * width, &receivedFloats)
    if own.count == 1 {
      let values = UnsafeBufferPointer(start: own[0], count: result.count)
      try communicator.allToAllV(
        values, sending: segments, into: received, receiving: Segments(counts: counts))
    } else {
      let packed = Self.room(own.count * result.count, &packedFloats)
      var next = packed.baseAddress!
      for rank in 0..<communicator.size {
        for values in own {
          next.update(from: values + segments.offsets[rank], count: segments.counts[rank])
          next += segments.counts[rank]
        }
      }
      try communicator.allToAllV(
        UnsafeBufferPointer(packed), sending: Segments(counts: segments.counts.map { $0 * own.count }),
        into: received, receiving: Segments(counts: counts))
    }
    sums.total(
      width: width, into: result.baseAddress! + segments.offsets[communicator.rank],
      value: { UnsafePointer(received.baseAddress! + $0 * width) })
    try communicator.allGatherV(inPlace: result, segments: segments)
  }

  /// `count` floats in `buffer`, which grows where they do not fit.
  private static func room(
    _ count: Int, _ buffer: inout AlignedBuffer<Float>
  ) -> UnsafeMutableBufferPointer<Float> {
    if buffer.count < count { buffer = AlignedBuffer(count: count, for: "sums of all ranks") }
    return UnsafeMutableBufferPointer(start: buffer.base, count: count)
  }
}

extension PartialSums {
  /// The total of sums of `width` doubles, of which `value` says where each is.
  func total(width: Int, value: (Int) -> UnsafePointer<Double>) -> [Double] {
    precondition(schedule.remaining.count == 1)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, schedule.depth * width)) { slots in
      fold(width: width, value: value, slot: { slots.baseAddress! + $0 * width }) { left, right, sum in
        for i in 0..<width { sum[i] = left[i] + right[i] }
      }
      return Array(slots[..<width])
    }
  }

  /// Writes the total of sums of `width` floats, of which `value` says where each is, to `result`.
  func total(
    width: Int, into result: UnsafeMutablePointer<Float>, value: (Int) -> UnsafePointer<Float>
  ) {
    precondition(schedule.remaining.count == 1)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, (schedule.depth - 1) * width)) { slots in
      fold(
        width: width, value: value,
        slot: { $0 == 0 ? result : slots.baseAddress! + ($0 - 1) * width },
        add: { addFloats($0, $1, to: $2, count: width) })
    }
  }
}

extension Segments {
  /// `count` numbers in one segment for each of `parts`, as even as possible in steps of 16.
  init(blocksOf count: Int, parts: Int) {
    let blocks = (count + 15) / 16
    let starts = (0...parts).map { min(count, $0 * blocks / parts * 16) }
    self.init(counts: (0..<parts).map { starts[$0 + 1] - starts[$0] })
  }
}
