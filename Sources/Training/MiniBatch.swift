import FCAE
import Faults
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
  let plan: ReductionPlan
  /// The groups of this rank, counted within the mini-batch.
  let share: Range<Int>
  let context: BatchContext

  /// The images of this rank's group number `group`.
  func numbers(_ group: Int) -> ArraySlice<Int32> {
    let first = images.startIndex + (share.lowerBound + group) * laneCount
    return images[first..<min(first + laneCount, images.endIndex)]
  }
}

/// What is summed over the groups of a mini-batch besides gradients.
struct StepSums: ~Copyable {
  let sums: TreeSums<Double>
  let request: RunRequest

  /// Adds the loss of this rank's group number `group`; its first group carries what the rank asks for.
  func add(_ group: Int, loss: Double) {
    let leaf = sums.leaf(group)
    leaf[0] = loss
    leaf[1] = group == 0 && request.stop ? 1 : 0
    leaf[2] = group == 0 && request.save ? 1 : 0
    sums.add(group)
  }
}

extension Trainer {
  /// Mini-batch number `number` of a pass over the data in this order.
  func miniBatch(_ number: Int, of order: [Int32]) -> MiniBatch {
    let first = number * options.batchSize
    return miniBatch(order[first..<min(first + options.batchSize, order.count)])
  }

  /// The mini-batch of the images `images`, divided over the ranks by lane groups.
  private func miniBatch(_ images: ArraySlice<Int32>) -> MiniBatch {
    let plan = reduction.plan(groups: laneGroups(images: images.count))
    let share = plan.shares[reduction.communicator.rank]
    let sizes = share.map { min(laneCount, images.count - $0 * laneCount) }
    let statistics: any StatisticsReduction
    switch options.batchNorm {
    case .sync: statistics = RankStatistics(reduction: reduction, plan: plan, clock: clock)
    case .local: statistics = LocalStatistics()
    }
    let context = BatchContext(
      images: images.count,
      normalizedImages: options.batchNorm == .sync ? images.count : sizes.reduce(0, +),
      masks: sizes.map { laneMask(images: $0) }, schedule: plan.local, statistics: statistics)
    return MiniBatch(images: images, plan: plan, share: share, context: context)
  }

  /// Puts this rank's images of the mini-batch into the network, moved at random as pass number `pass` of a stage
  /// moves them.
  func load(_ batch: MiniBatch, _ purpose: RandomPurpose, pass: Int) {
    let augmentation = augmentation
    for group in 0..<batch.context.groups {
      batch.numbers(group).withUnsafeBufferPointer { numbers in
        if augmentation == .none {
          images.gather(numbers, to: network.imageGroup(group))
        } else {
          let maps = numbers.map {
            augmentation.map(
              seed: memberSeed, purpose: purpose, pass: pass, image: Int($0), images.grid)
          }
          images.gather(
            numbers, maps: maps, to: network.imageGroup(group), scratch: augmentationScratch.base)
        }
      }
    }
  }

  /// Sums over a mini-batch: the losses of its groups, and with them, at no message of their own, how many ranks ask
  /// for the run's end or for a checkpoint.
  func stepSums(_ batch: MiniBatch) -> StepSums {
    StepSums(sums: TreeSums(width: 3, schedule: batch.plan.local), request: control.request)
  }

  /// The mean over the mini-batch of the losses of its groups, and what any rank asks for. **Collective.** Throws on
  /// all ranks alike where the loss is not finite.
  mutating func outcome(
    _ sums: borrowing StepSums, _ batch: MiniBatch, _ stage: Stage, epoch: Int, step: Int
  ) throws -> (loss: Double, request: RunRequest) {
    let totals = try reduction.totals(sums.sums, batch.plan)
    let loss = totals[0] / Double(batch.images.count)
    guard loss.isFinite else {
      throw try agreed(
        .diverged(
          stage: stage, epoch: epoch, step: step, learningRate: optimizer.learningRate, loss: loss,
          before: recentLosses))
    }
    recentLosses = (recentLosses + [loss]).suffix(5)
    return (loss, RunRequest(stop: totals[1] > 0, save: totals[2] > 0))
  }

  /// Moves the parameters; with what a fault for tests does to this rank before and after.
  mutating func optimize(_ batch: MiniBatch, _ fault: FaultHook.Effect?) throws {
    if fault == .notANumber { gradients.node(0)[optimizer.range.lowerBound] = .nan }
    try reduction.totals(gradients, range: optimizer.range, batch.plan, into: gradient.base)
    clock.next(.optimizer)
    optimizer.step(network.parameters.base, gradient: gradient.base)
    if fault == .drift {
      let value = network.parameters.base + optimizer.range.lowerBound
      value.pointee = Float(bitPattern: value.pointee.bitPattern ^ 1)
    }
    clock.stop()
  }
}
