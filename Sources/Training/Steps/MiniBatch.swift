import FCAE
import Lanes
import MPI

/// Batch-norm sums over the ranks, timed.
struct RankStatistics: StatisticsReduction {
  let reduction: GroupReduction
  let plan: ReductionPlan
  let clock: PhaseClock

  func totals(_ sums: borrowing TreeSums<Double>) throws -> [Double] {
    clock.start(.normExchange)
    defer { clock.stop() }
    return try reduction.totals(sums, plan)
  }
}

/// Batch-norm sums over this rank's own groups.
struct LocalStatistics: StatisticsReduction {
  func totals(_ sums: borrowing TreeSums<Double>) throws -> [Double] {
    var total = [Double](repeating: 0, count: sums.width)
    for node in 0..<sums.schedule.remaining.count {
      for i in 0..<sums.width { total[i] += sums.node(node)[i] }
    }
    return total
  }
}

/// One mini-batch: which images, and this rank's part of them.
struct MiniBatch {
  /// The images of the whole mini-batch.
  let images: ArraySlice<Int32>
  /// How its lane groups are divided over the ranks.
  let plan: ReductionPlan
  /// The groups of this rank, counted within the mini-batch.
  let share: Range<Int>
  /// What the network needs to know of it.
  let context: BatchContext

  /// The mini-batch of `images`, divided over the ranks by lane groups.
  init(_ images: ArraySlice<Int32>, _ run: RunContext) {
    let plan = run.reduction.plan(groups: laneGroups(images: images.count))
    let share = plan.shares[run.reduction.communicator.rank]
    let sizes = share.map { min(laneCount, images.count - $0 * laneCount) }
    let isLocal = run.options.batchNorm == .local
    let statistics: any StatisticsReduction =
      isLocal
      ? LocalStatistics() : RankStatistics(reduction: run.reduction, plan: plan, clock: run.clock)
    context = BatchContext(
      images: images.count, normalizedImages: isLocal ? sizes.reduce(0, +) : images.count,
      masks: sizes.map { laneMask(images: $0) }, schedule: plan.local, statistics: statistics,
      momentum: batchNormMomentum(stepsPerPass: run.stepsPerPass))
    (self.images, self.plan, self.share) = (images, plan, share)
  }

  /// The images of this rank's group number `group`.
  func numbers(_ group: Int) -> ArraySlice<Int32> {
    let first = images.startIndex + (share.lowerBound + group) * laneCount
    return images[first..<min(first + laneCount, images.endIndex)]
  }
}

/// What is summed over the groups of a mini-batch besides gradients.
struct StepSums: ~Copyable {
  let sums: TreeSums<Double>
  private let control: RunControl

  init(_ batch: MiniBatch, _ control: RunControl) {
    sums = TreeSums(width: 3, schedule: batch.plan.local)
    self.control = control
  }

  /// Adds the loss of this rank's group number `group`. What the rank asks for now travels with that of its first group, at no
  /// message of its own.
  func add(_ group: Int, loss: Double) {
    let request = group == 0 ? control.request : RunRequest()
    let leaf = sums.leaf(group)
    leaf[0] = loss
    leaf[1] = request.stop ? 1 : 0
    leaf[2] = request.save ? 1 : 0
    sums.add(group)
  }
}
