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

/// What the scores of one chain epoch say.
package struct ChainState: Sendable {
  /// Images whose most probable cluster is another one than at the last update; all of them at the first.
  package let changed: Int
  /// The mean over images of the largest score.
  package let meanMaximumScore: Double
  /// Images per cluster.
  package let sizes: [Int]
  /// The most probable cluster of every image of the data set, on rank 0; empty elsewhere.
  package let assignments: [Int32]
}

/// S of this rank's images, and R of all images: one copy per node, in shared memory.
package final class TargetStore {
  /// K.
  package let clusters: Int
  /// S, `[own groups][clusters]` lane vectors; padding lanes zero.
  package let scores: AlignedBuffer<LaneVector>
  private let images: Int
  private let rule: BoostedTarget
  private let mode: TargetMode
  private let plan: ReductionPlan
  private let reduction: GroupReduction
  private let nodes: NodeCommunicators
  private let window: SharedWindow<LaneVector>
  /// The node (its leader's rank among the leaders) of every rank.
  private let nodeOfRank: [Int]
  private var previous: [Int32] = []
  /// Of the last `update`.
  package private(set) var times = TargetTimes()
  /// The assignments of the last update for the whole data set, on rank 0; empty elsewhere.
  package private(set) var assignments: [Int32] = []

  /// **Collective.** Throws where a node has too little shared memory.
  package init(
    images: Int, rule: BoostedTarget, mode: TargetMode, plan: ReductionPlan, reduction: GroupReduction,
    nodes: consuming NodeCommunicators
  ) throws {
    self.images = images
    self.rule = rule
    self.mode = mode
    self.plan = plan
    self.reduction = reduction
    clusters = rule.clusters
    scores = AlignedBuffer(
      count: plan.shares[reduction.communicator.rank].count * rule.clusters, for: "scores S")
    window = try SharedWindow(count: plan.tree.groups * rule.clusters, on: nodes.node, for: "the target R")
    var leader: Int64 = -1
    switch nodes.leaders {
    case .some(let leaders): leader = Int64(leaders.rank)
    case .none: break
    }
    let ofNode = try nodes.node.allReduce(leader, .max)
    nodeOfRank = try reduction.communicator.allGather(ofNode).map { Int($0) }
    self.nodes = nodes
  }

  /// r of image `image`: cluster j's value is `row[j * laneCount]`.
  package func targetRow(_ image: Int) -> UnsafePointer<Float> {
    let group = UnsafeRawPointer(window.all.baseAddress! + image / laneCount * clusters)
    return group.assumingMemoryBound(to: Float.self) + image % laneCount
  }

  /// R of the whole data set, `[groups][clusters]` lane vectors, as numbers.
  package var target: [Float] { Array(window.all.floats) }

  /// Goes back to the state after an earlier update. **Collective.**
  ///
  /// - Parameters:
  ///   - assignments: on rank 0, those of the whole data set
  ///   - target: on rank 0, what `target` was; nil, on all ranks, where an `update` comes before R is used
  package func restore(assignments: [Int32], target: [Float]?) throws {
    let all = try reduction.communicator.broadcast(assignments)
    self.assignments = assignments
    switch mode {
    case .root: previous = assignments
    case .distributed:
      let share = plan.shares[reduction.communicator.rank]
      previous = Array(
        all[min(share.lowerBound * laneCount, images)..<min(share.upperBound * laneCount, images)])
    }
    guard let target else { return }
    if reduction.communicator.isRoot { _ = window.all.floats.update(from: target) }
    try betweenNodes { try $0.broadcast(window.all.floats, from: 0) }
    try window.fence()
  }

  /// Forgets the assignments before.
  package func reset() {
    previous = []
    assignments = []
  }

  /// Replaces R by a partition: one in the cluster of every image, zero elsewhere. **Collective.**
  ///
  /// - Parameter partition: of this rank's images
  package func setTarget(to partition: [Int32]) throws {
    let share = plan.shares[reduction.communicator.rank]
    let rows = window.all.baseAddress! + share.lowerBound * clusters
    rows.update(repeating: .zero, count: share.count * clusters)
    for (image, cluster) in partition.enumerated() {
      rows[image / laneCount * clusters + Int(cluster)][image % laneCount] = 1
    }
    try window.fence()
    try shareRowsBetweenNodes()
  }

  /// Forms R from the `scores` of all ranks, and says what they mean. **Collective.**
  package func update() throws -> ChainState {
    times = TargetTimes()
    let state =
      switch mode {
      case .root: try updateOnRoot()
      case .distributed: try updateEverywhere()
      }
    assignments = state.assignments
    return state
  }

  private func updateOnRoot() throws -> ChainState {
    let perGroup = clusters * laneCount
    let all = AlignedBuffer<LaneVector>(
      count: reduction.communicator.isRoot ? plan.tree.groups * clusters : 0, for: "all scores S")
    try reduction.communicator.gatherV(
      UnsafeBufferPointer(scores.all.floats), into: all.all.floats,
      segments: Segments(counts: plan.shares.map { $0.count * perGroup }))
    times.gatherSeconds = times.lap()
    var summary = [Double](repeating: 0, count: 2 + clusters)
    if reduction.communicator.isRoot {
      summary = Whereabouts.working("target R") { formTarget(all.base) }
    } else {
      FaultHook.pass("broadcast")
    }
    times.formSeconds = times.lap()
    summary = try reduction.communicator.broadcast(summary)
    try betweenNodes { try $0.broadcast(window.all.floats, from: 0) }
    try window.fence()
    times.shareSeconds = times.lap()
    return state(summary, assignments: reduction.communicator.isRoot ? previous : [])
  }

  /// R of all images from their scores; returns what the other ranks have to know of it.
  private func formTarget(_ scores: UnsafePointer<LaneVector>) -> [Double] {
    let groups = plan.tree.groups
    let sums = columnSums(scores, groups: groups, schedule: plan.tree.schedule(groups: 0..<groups))
    let totals = Array(UnsafeBufferPointer(start: sums.node(0), count: sums.width))
    writeRows(scores, groups: groups, totals: totals, to: window.all.baseAddress!)
    let changed = reassign(scores, groups: groups, firstImage: 0)
    FaultHook.pass("broadcast")
    return [Double(changed), totals[clusters]] + totals[(clusters + 1)...]
  }

  private func updateEverywhere() throws -> ChainState {
    let share = plan.shares[reduction.communicator.rank]
    let sums = columnSums(scores.base, groups: share.count, schedule: plan.local)
    times.formSeconds = times.lap()
    let totals = try reduction.totals(sums, plan)
    times.gatherSeconds = times.lap()
    writeRows(
      scores.base, groups: share.count, totals: totals,
      to: window.all.baseAddress! + share.lowerBound * clusters)
    let changed = reassign(scores.base, groups: share.count, firstImage: share.lowerBound * laneCount)
    times.formSeconds += times.lap()
    let allChanged = try reduction.communicator.allReduce(Int64(changed), .sum)
    try window.fence()
    try shareRowsBetweenNodes()
    let parts = try reduction.communicator.gather(previous)
    times.shareSeconds = times.lap()
    return state(
      [Double(allChanged), totals[clusters]] + totals[(clusters + 1)...],
      assignments: parts.flatMap { $0 })
  }

  /// The contributions to n_j; then the sum of the largest scores; then the images per cluster.
  private func columnSums(
    _ scores: UnsafePointer<LaneVector>, groups: Int, schedule: ReductionTree.Schedule
  ) -> TreeSums<Double> {
    let sums = TreeSums<Double>(width: 2 * clusters + 1, schedule: schedule)
    for group in 0..<groups {
      let row = scores + group * clusters
      let leaf = sums.leaf(group)
      rule.columnSums(row, to: leaf)
      let best = hardAssignments(row, clusters: clusters)
      leaf[clusters] = best.scores.doubleSum()
      for cluster in 0..<clusters { leaf[clusters + 1 + cluster] = 0 }
      for lane in 0..<laneCount where best.scores[lane] > 0 {
        leaf[clusters + 1 + Int(best.clusters[lane])] += 1
      }
      sums.add(group)
    }
    return sums
  }

  private func writeRows(
    _ scores: UnsafePointer<LaneVector>, groups: Int, totals: [Double],
    to target: UnsafeMutablePointer<LaneVector>
  ) {
    for group in 0..<groups {
      rule.rows(scores + group * clusters, totals: totals, to: target + group * clusters)
    }
  }

  /// Replaces `previous` by the current hard assignments; returns how many differ.
  private func reassign(_ scores: UnsafePointer<LaneVector>, groups: Int, firstImage: Int) -> Int {
    var current: [Int32] = []
    for group in 0..<groups {
      let best = hardAssignments(scores + group * clusters, clusters: clusters).clusters
      let lanes = min(laneCount, images - firstImage - group * laneCount)
      for lane in 0..<lanes { current.append(best[lane]) }
    }
    defer { previous = current }
    return previous.isEmpty ? current.count : zip(previous, current).count { $0 != $1 }
  }

  /// Gives every node the rows that ranks of other nodes have written.
  private func shareRowsBetweenNodes() throws {
    let perGroup = clusters * laneCount
    try betweenNodes { leaders in
      guard leaders.size > 1 else { return }
      for (rank, share) in plan.shares.enumerated() {
        let part = window.all.floats[(share.lowerBound * perGroup)..<(share.upperBound * perGroup)]
        try leaders.broadcast(UnsafeMutableBufferPointer(rebasing: part), from: nodeOfRank[rank])
      }
    }
    try window.fence()
  }

  /// Runs `body` on the first rank of every node.
  private func betweenNodes(_ body: (borrowing Communicator) throws -> Void) throws {
    switch nodes.leaders {
    case .some(let leaders): try body(leaders)
    case .none: break
    }
  }

  private func state(_ summary: [Double], assignments: [Int32]) -> ChainState {
    ChainState(
      changed: Int(summary[0]), meanMaximumScore: summary[1] / Double(images),
      sizes: summary[2...].map { Int($0) }, assignments: assignments)
  }
}
