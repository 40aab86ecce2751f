import Basics
import Clustering
import Faults
import Lanes
import MPI

/// Who forms the target R.
package enum TargetMode: String, CaseIterable, Sendable {
  /// Rank 0 gathers S, computes R and broadcasts it, as the paper's algorithm reads.
  case root
  /// Every rank forms its own rows from all-reduced column sums: the same bits, for data too large for one rank.
  case distributed
}

/// What the mini-batches of a chain epoch pull the scores towards: one row per image, one copy per node in shared memory.
package final class Target: Checkpointed {
  /// What the rows are made of.
  package enum Source {
    /// R, the boosted scores (equation 2), averaged before over every image's neighbours where there is such an average.
    /// With `sizes`, images per cluster, n_j are those that give every cluster about as many of R (`BoostedTarget.balanced`).
    case boosted(ScoreSheet, NeighbourAverage?, sizes: [Int]?)
    /// A given partition: one in the cluster of every image, zero elsewhere. The clusters are those of this rank's images.
    case partition([Int32])
  }

  private let images: Int
  private let rule: BoostedTarget
  private let mode: TargetMode
  private let plan: ReductionPlan
  private let reduction: GroupReduction
  private let nodes: NodeCommunicators
  private var window: SharedWindow<LaneVector>?
  /// `[groups][clusters]` lane vectors.
  private let rows: UnsafeMutableBufferPointer<LaneVector>
  /// The node (its leader's rank among the leaders) of every rank.
  private let nodeOfRank: [Int]
  /// Whether the rows are R.
  private var isBoosted = false
  /// Whether the rows are those of an epoch that a checkpoint was made in.
  private var isRestored = false
  /// Where the time of the last `set` went on this rank.
  package private(set) var times = TargetTimes()

  /// Room for the rows of all images. **Collective.** Throws where a node has too little shared memory.
  package init(
    _ rule: BoostedTarget, images: Int, mode: TargetMode, plan: ReductionPlan, _ reduction: GroupReduction,
    nodes: NodeCommunicators
  ) throws {
    (self.rule, self.images, self.mode, self.plan) = (rule, images, mode, plan)
    (self.reduction, self.nodes) = (reduction, nodes)
    let window = try SharedWindow<LaneVector>(
      count: plan.tree.groups * rule.clusters, on: nodes.node, for: "the target R")
    rows = window.all
    self.window = consume window
    nodeOfRank = try nodes.numbers(of: reduction.communicator)
  }

  /// Gives the memory back; the target is not to be used any more. **Collective.**
  package func free() throws { try window.take()?.free() }

  /// The row of image `image`: cluster j's value is `row[j * laneCount]`.
  package func row(_ image: Int) -> UnsafePointer<Float> {
    let group = UnsafeRawPointer(rows.baseAddress! + image / laneCount * rule.clusters)
    return group.assumingMemoryBound(to: Float.self) + image % laneCount
  }

  /// Forms the rows and gives them to all ranks; in an epoch that a checkpoint was made in, they are there already.
  /// **Collective.**
  package func set(_ source: Source) throws {
    times = TargetTimes()
    defer { isRestored = false }
    switch source {
    case .partition(let clusters):
      isBoosted = false
      try write(clusters)
    case .boosted(let sheet, let average, let sizes):
      isBoosted = true
      if isRestored { return }
      guard let average else { return try boost(sheet.lanes, sizes) }
      let scores = AlignedBuffer<LaneVector>(count: sheet.lanes.count, for: "scores S")
      scores.base.update(from: sheet.lanes.base, count: scores.count)
      try average.replace(scores.base, columns: rule.clusters)
      times.gatherSeconds = times.lap()
      try boost(scores, sizes)
    }
  }

  /// R of `scores`, this rank's. **Collective.**
  private func boost(_ scores: borrowing AlignedBuffer<LaneVector>, _ sizes: [Int]?) throws {
    switch mode {
    case .root: try boostOnRoot(scores, sizes)
    case .distributed: try boostEverywhere(scores, sizes)
    }
  }

  private func boostOnRoot(_ scores: borrowing AlignedBuffer<LaneVector>, _ sizes: [Int]?) throws {
    let all = AlignedBuffer<LaneVector>(
      count: reduction.communicator.isRoot ? plan.tree.groups * rule.clusters : 0,
      for: "the scores S of all images")
    try reduction.communicator.gatherV(
      UnsafeBufferPointer(scores.all.floats), into: all.all.floats,
      segments: Segments(counts: plan.shares.map { $0.count * rule.clusters * laneCount }))
    times.gatherSeconds += times.lap()
    if reduction.communicator.isRoot {
      try Whereabouts.working("target R") {
        let groups = 0..<plan.tree.groups
        let schedule = plan.tree.schedule(groups: groups)
        let totals = try normalization(all.base, groups: groups.count, schedule, sizes) {
          Array(UnsafeBufferPointer(start: $0.node(0), count: $0.width))
        }
        boost(all.base, groups, totals: totals)
        FaultHook.pass("broadcast")
      }
    } else {
      FaultHook.pass("broadcast")
    }
    times.formSeconds = times.lap()
    // A call of all ranks, so that one that does not come can be named.
    try reduction.communicator.barrier()
    try nodes.betweenNodes { try $0.broadcast(rows.floats, from: 0) }
    try fence()
    times.shareSeconds = times.lap()
  }

  private func boostEverywhere(_ scores: borrowing AlignedBuffer<LaneVector>, _ sizes: [Int]?) throws {
    let share = plan.shares[reduction.communicator.rank]
    let totals = try normalization(scores.base, groups: share.count, plan.local, sizes) {
      try reduction.totals($0, plan)
    }
    boost(scores.base, share, totals: totals)
    times.formSeconds = times.lap()
    try fence()
    try shareRowsBetweenNodes()
    times.shareSeconds = times.lap()
  }

  /// n_j of `groups` groups of scores; `total` adds the sums of all ranks' groups.
  private func normalization(
    _ scores: UnsafePointer<LaneVector>, groups: Int, _ schedule: ReductionTree.Schedule, _ sizes: [Int]?,
    total: (borrowing TreeSums<Double>) throws -> [Double]
  ) throws -> [Double] {
    /// One tree sum per cluster of what `leaf` writes for each group.
    func sums(_ leaf: (UnsafePointer<LaneVector>, UnsafeMutablePointer<Double>) -> Void) throws -> [Double] {
      let sums = TreeSums<Double>(width: rule.clusters, schedule: schedule)
      for group in 0..<groups {
        Whereabouts.beat()
        leaf(scores + group * rule.clusters, sums.leaf(group))
        sums.add(group)
      }
      return try total(sums)
    }
    let totals = try sums { rule.columnSums($0, to: $1) }
    guard let sizes else { return totals }
    return try rule.balanced(totals, sizes: sizes) { totals in
      try sums { rule.shares($0, totals: totals, to: $1) }
    }
  }

  /// R of the groups `share` of the data set, from their `scores`.
  private func boost(_ scores: UnsafePointer<LaneVector>, _ share: Range<Int>, totals: [Double]) {
    for (number, group) in share.enumerated() {
      Whereabouts.beat()
      rule.rows(
        scores + number * rule.clusters, totals: totals, to: rows.baseAddress! + group * rule.clusters)
    }
  }

  private func write(_ partition: [Int32]) throws {
    let share = plan.shares[reduction.communicator.rank]
    let own = rows.baseAddress! + share.lowerBound * rule.clusters
    own.update(repeating: .zero, count: share.count * rule.clusters)
    for (image, cluster) in partition.enumerated() {
      own[image / laneCount * rule.clusters + Int(cluster)][image % laneCount] = 1
    }
    try fence()
    try shareRowsBetweenNodes()
  }

  /// Gives every node the rows that ranks of other nodes have written.
  private func shareRowsBetweenNodes() throws {
    let perGroup = rule.clusters * laneCount
    try nodes.betweenNodes { leaders in
      guard leaders.size > 1 else { return }
      for (rank, share) in plan.shares.enumerated() {
        let part = rows.floats[(share.lowerBound * perGroup)..<(share.upperBound * perGroup)]
        try leaders.broadcast(UnsafeMutableBufferPointer(rebasing: part), from: nodeOfRank[rank])
      }
    }
    try fence()
  }

  private func fence() throws {
    switch window {
    case .some(let window): try window.fence()
    case .none: preconditionFailure("the target was freed")
    }
  }

  /// R, where the run is in the middle of an epoch on it; a partition is its owner's.
  func save(to snapshot: inout Snapshot) {
    guard isBoosted, snapshot.state.isInsideEpoch else { return }
    if reduction.communicator.isRoot {
      MemoryShortage.require(rows.floats.count, of: Float.self, for: "a checkpoint's target R")
    }
    snapshot.add("target", Array(rows.floats))
  }

  func restore(from snapshot: SnapshotReader) throws {
    isRestored = true
    guard try snapshot.has("target") else { return }
    isBoosted = true
    let values = try snapshot.valuesOnRoot("target", count: rows.count * laneCount)
    if reduction.communicator.isRoot { _ = rows.floats.update(from: values) }
    try nodes.betweenNodes { try $0.broadcast(rows.floats, from: 0) }
    try fence()
  }
}

/// Where the time of one `Target.set` went on this rank, in seconds.
package struct TargetTimes: Sendable {
  /// Averages over neighbours, and rows of S to rank 0; waiting for the slowest rank is part of it.
  package fileprivate(set) var gatherSeconds = 0.0
  /// Column sums and R; where every rank forms its own rows, the exchange of the sums is part of it.
  package fileprivate(set) var formSeconds = 0.0
  /// R to every node.
  package fileprivate(set) var shareSeconds = 0.0

  private var since = monotonicSeconds()

  /// The seconds since the beginning or the last call.
  fileprivate mutating func lap() -> Double {
    let now = monotonicSeconds()
    defer { since = now }
    return now - since
  }
}
