import Lanes

/// Adds batch-norm sums over the whole mini-batch. The network knows no more than this of other ranks.
package protocol StatisticsReduction {
  /// The totals of `sums` over every lane group that takes part. **Collective** where ranks take part.
  func totals(_ sums: borrowing TreeSums<Double>) throws -> [Double]
}

/// The lane groups of one mini-batch that this rank works on.
package struct BatchContext {
  /// Images of the whole mini-batch, over all ranks.
  package let images: Int
  /// Images whose batch-norm statistics are shared: `images`, or this rank's own with local batch norm.
  package let normalizedImages: Int
  /// One mask per group of this rank: one per image, zero per padding lane.
  package let masks: [LaneVector]
  /// The order in which this rank's groups are added.
  package let schedule: ReductionTree.Schedule
  /// Adds batch-norm sums over the ranks.
  package let statistics: any StatisticsReduction
  /// The share of the mini-batch in the running statistics.
  package let momentum: Double

  /// The context of a mini-batch of `images` images, with one mask per group of `schedule`.
  package init(
    images: Int, normalizedImages: Int, masks: [LaneVector], schedule: ReductionTree.Schedule,
    statistics: any StatisticsReduction, momentum: Double = batchNormMomentum
  ) {
    precondition(schedule.pushes.count == masks.count)
    self.images = images
    self.normalizedImages = normalizedImages
    self.masks = masks
    self.schedule = schedule
    self.statistics = statistics
    self.momentum = momentum
  }

  /// Lane groups of this rank.
  package var groups: Int { masks.count }
}

/// Running mean and variance of one batch-norm layer, `[channels]` each, as PyTorch keeps them.
package struct RunningStatistics: Equatable, Sendable {
  /// `[channels]`
  package var mean: [Float]
  /// `[channels]`, unbiased.
  package var variance: [Float]

  init(channels: Int) {
    mean = Array(repeating: 0, count: channels)
    variance = Array(repeating: 1, count: channels)
  }

  /// Moves by the share `momentum` of the way to a mini-batch's mean and unbiased variance.
  mutating func update(
    mean batchMean: [Double], variance batchVariance: [Double], elements: Int, momentum: Double
  ) {
    let unbiased = elements > 1 ? Double(elements) / Double(elements - 1) : 1
    for channel in mean.indices {
      mean[channel] += Float(momentum * (batchMean[channel] - Double(mean[channel])))
      variance[channel] += Float(
        momentum * (batchVariance[channel] * unbiased - Double(variance[channel])))
    }
  }
}

/// The share of a mini-batch in the running statistics, PyTorch's default.
package let batchNormMomentum = 0.1

/// The share of a mini-batch in the running statistics where a pass over the data has so many steps: `batchNormMomentum`, or, of
/// fewer than 11 steps, as much as leaves a tenth of the old ones after two passes. With a smaller share the statistics, by which all
/// images are scored between passes, would stay behind the parameters.
package func batchNormMomentum(stepsPerPass steps: Int) -> Double {
  max(batchNormMomentum, 1 - Elementary.exp(Elementary.log(0.1) / Double(2 * max(1, steps))))
}
/// What is added to a variance before its root is taken, PyTorch's default.
package let batchNormEpsilon = 1e-5
