import Clustering
import Dataset
import FCAE
import Lanes
import MPI

/// A run: the images, the network, and what the ranks share. Its stages are in `Pretraining.swift` and
/// `LearningChain.swift`.
package struct Trainer: ~Copyable {
  package let options: TrainingOptions
  package let images: PixelStore
  package var network: AutoEncoder
  /// This rank's features of the whole data set.
  package let features: FeatureSlice
  package let reduction: GroupReduction
  package let clock: PhaseClock
  let observer: any TrainingObserver
  /// Class numbers, on rank 0, when there are labels.
  let labels: [Int32]?
  /// The partial gradients of a step, kept for the next one.
  var gradients: TreeSums<Float>
  /// The gradient of a step, `[layout.count]`.
  let gradient: AlignedBuffer<Float>

  /// Room for one lane group of moved images.
  let augmentationScratch: AlignedBuffer<Float>

  /// **Collective.**
  ///
  /// - Parameter clock: what the phases are counted and, where it records, traced by
  package init(
    _ options: TrainingOptions, architecture: Architecture, images: consuming PixelStore, labels: [Int32]?,
    reduction: GroupReduction, observer: any TrainingObserver, clock: PhaseClock = PhaseClock()
  ) {
    let rank = reduction.communicator.rank
    let ranks = reduction.communicator.size
    let groups = min(options.batchSize, (images.count + laneCount - 1) / laneCount * laneCount) / laneCount
    self.options = options
    network = AutoEncoder(
      architecture, activation: options.featureActivation, clusters: options.clusters,
      capacity: (groups + ranks - 1) / ranks)
    let plan = reduction.plan(groups: laneGroups(images: images.count))
    features = FeatureSlice(
      images: images.count, features: architecture.features, plan: plan, rank: rank)
    gradient = AlignedBuffer(count: network.layout.count)
    gradients = TreeSums(width: network.layout.count, schedule: reduction.plan(groups: groups).local)
    augmentationScratch = AlignedBuffer(
      count: options.augmentation == .none ? 0 : images.grid.scratchCount)
    self.images = images
    self.labels = labels
    self.reduction = reduction
    self.observer = observer
    self.clock = clock
  }

  /// Training steps per pass over the data.
  package var stepsPerPass: Int { (images.count + options.batchSize - 1) / options.batchSize }

  /// The centres μ, `[clusters][features]`.
  package var centres: UnsafeMutablePointer<Float> {
    network.parameters.base + network.layout["centres"].offset
  }

  /// ACC, NMI and ARI of a partition of the whole data set, where there are labels.
  func metrics(of assignments: [Int32]) -> PartitionMetrics? {
    guard let labels, assignments.count == labels.count else { return nil }
    return PartitionMetrics(assignments: assignments, labels: labels)
  }

  /// Evaluation-mode features of this rank's share of the data. **Collective** with local batch norm, whose
  /// running statistics are averaged over the ranks first.
  package mutating func encodeAll() throws {
    if options.batchNorm == .local { try averageRunningStatistics() }
    network.refreshWeights()
    let evaluation = network.evaluationTransforms()
    clock.start(.encode)
    defer { clock.stop() }
    for group in 0..<features.share.count {
      let numbers = imageNumbers(group)
      numbers.withUnsafeBufferPointer { images.gather($0, to: network.imageGroup(0)) }
      network.encode(mask: laneMask(images: numbers.count), evaluation: evaluation, to: features.group(group))
    }
  }

  /// The images of this rank's group number `group` of the whole data set.
  private func imageNumbers(_ group: Int) -> [Int32] {
    let first = (features.share.lowerBound + group) * laneCount
    return (first..<(first + features.imageCount(group))).map { Int32($0) }
  }

  private mutating func averageRunningStatistics() throws {
    let ranks = Float(reduction.communicator.size)
    for index in network.running.indices {
      var statistics = network.running[index].statistics
      let sums = try reduction.communicator.allReduce(statistics.mean + statistics.variance, .sum)
      statistics.mean = sums.prefix(statistics.mean.count).map { $0 / ranks }
      statistics.variance = sums.suffix(statistics.variance.count).map { $0 / ranks }
      network.setRunning(index, statistics)
    }
  }

  /// k-means of the features: sets the centres. **Collective.**
  package func clusterFeatures() throws {
    clock.start(.kmeans)
    defer { clock.stop() }
    let started = monotonicSeconds()
    let options = KMeansOptions(
      clusters: options.clusters, restarts: options.kmeansRestarts, seed: options.seed)
    let result = try kMeans(features, options, reduction)
    guard result.inertia.isFinite else {
      throw try agreed(
        .notFinite(
          stage: .pretraining, epoch: self.options.pretrainEpochs,
          learningRate: self.options.pretrainLearningRate))
    }
    centres.update(from: result.centres, count: result.centres.count)
    try report(result, ofPixels: false, since: started)
  }

  /// k-means of the raw pixels, for comparison only. **Collective.**
  package func clusterPixels() throws {
    let started = monotonicSeconds()
    let slice = FeatureSlice(
      images: images.count, features: images.shape.byteCount, plan: features.plan,
      rank: reduction.communicator.rank)
    for group in 0..<slice.share.count {
      imageNumbers(group).withUnsafeBufferPointer { images.gather($0, to: slice.group(group)) }
    }
    let options = KMeansOptions(
      clusters: options.clusters, restarts: options.kmeansRestarts, seed: options.seed)
    try report(try kMeans(slice, options, reduction), ofPixels: true, since: started)
  }

  /// `error`, which all ranks have found, as one that is reported once. **Collective.**
  func agreed(_ error: TrainingError) throws -> CollectiveFailure {
    do {
      try reduction.communicator.onRoot { throw error }
    } catch let failure as CollectiveFailure {
      return failure
    }
    preconditionFailure("onRoot has thrown")
  }

  private func report(_ result: KMeansResult, ofPixels: Bool, since started: Double) throws {
    let all = try reduction.communicator.gather(result.assignments).flatMap { $0 }
    try observer.didCluster(
      KMeansRecord(
        ofPixels: ofPixels, inertia: result.inertia, iterations: result.iterations,
        restarts: options.kmeansRestarts, seconds: monotonicSeconds() - started, metrics: metrics(of: all)))
  }
}
