import Clustering
import Dataset
import FCAE
import Lanes
import MPI

/// A run: the images, the network, and what the ranks share. Its stages are in `Pretraining.swift` and
/// `LearningChain.swift`.
package struct Trainer: ~Copyable {
  /// Everything that decides the result, besides the images.
  package let options: TrainingOptions
  /// The images, one copy per node.
  package let images: PixelStore
  /// The auto-encoder.
  package var network: AutoEncoder
  /// This rank's features of the whole data set.
  package let features: FeatureSlice
  /// Sums over the ranks.
  package let reduction: GroupReduction
  /// What the phases are counted by.
  package let clock: PhaseClock
  let observer: any TrainingObserver
  /// Class numbers, on rank 0, when there are labels.
  let labels: [Int32]?
  /// The partial gradients of a step, kept for the next one.
  var gradients: TreeSums<Float>
  /// The gradient of a step, `[layout.count]`.
  var gradient: AlignedBuffer<Float>
  /// Of the stage that runs.
  var optimizer: Optimizer
  /// What may stop the run.
  let control: RunControl
  /// Where the run is. Messages about a rank that is late or has failed can name it.
  package internal(set) var progress: Progress { didSet { progress.publish() } }
  /// When the current epoch began, as if the run had never been interrupted.
  var epochStarted = monotonicSeconds()
  /// What a checkpoint holds for the part of the run that it was made in, on rank 0.
  var restored: Snapshot?
  /// The losses of the last steps.
  var recentLosses: [Double] = []

  /// The neighbours that the members of the ensemble have found so far.
  var neighbours = NeighbourTables()
  /// The clusters of this rank's images in the graph's partition, while it is the target.
  var partition: [Int32]?
  /// Room for one lane group of moved images.
  let augmentationScratch: AlignedBuffer<Float>

  /// A run at its beginning, alike on all ranks. The network's parameters are zero until `network.initialize` or `restore`
  /// sets them.
  ///
  /// - Parameters:
  ///   - labels: class numbers, on rank 0, of all images; nil elsewhere and where there are none
  ///   - control: what may stop the run; its deadline is read on rank 0 only
  ///   - clock: what the phases are counted and, where it records, traced by
  package init(
    _ options: TrainingOptions, architecture: Architecture, images: consuming PixelStore, labels: [Int32]?,
    reduction: GroupReduction, observer: any TrainingObserver, control: RunControl = RunControl(),
    clock: PhaseClock = PhaseClock()
  ) {
    let rank = reduction.communicator.rank
    let ranks = reduction.communicator.size
    let groups = options.laneGroups(images: images.count)
    self.options = options
    network = AutoEncoder(
      architecture, activation: options.featureActivation, clusters: options.clusters,
      capacity: options.laneGroupsPerRank(images: images.count, ranks: ranks))
    let plan = reduction.plan(groups: laneGroups(images: images.count))
    features = FeatureSlice(
      images: images.count, features: architecture.features, plan: plan, rank: rank)
    gradient = AlignedBuffer(count: network.layout.count, for: "gradients")
    gradients = TreeSums(width: network.layout.count, schedule: reduction.plan(groups: groups).local)
    augmentationScratch = AlignedBuffer(
      count: options.augmentation == .fixed(.none) ? 0 : images.grid.scratchCount)
    optimizer = Optimizer(
      options.optimizer, learningRate: options.pretrainLearningRate, range: network.layout.autoEncoder)
    progress = options.pixelKMeans ? Progress(.pixelKMeans) : Progress(.pretraining, epoch: 1)
    self.control = control
    self.images = images
    self.labels = labels
    self.reduction = reduction
    self.observer = observer
    self.clock = clock
  }

  /// Goes on to the next part or epoch.
  ///
  /// The network in training stays the same.
  mutating func begin(_ next: Progress) {
    let network = progress.network
    progress = next
    progress.network = network
    epochStarted = monotonicSeconds()
  }

  /// The seed of the member's random draws; the first member has the run's.
  var memberSeed: UInt64 { options.seed &+ UInt64(progress.network.member) &* 0x9E37_79B9_7F4A_7C15 }

  /// Training steps per pass over the data.
  package var stepsPerPass: Int { (images.count + options.batchSize - 1) / options.batchSize }

  /// Rows of the centres: K, or more while the features are refined.
  var clusters: Int { network.layout["centres"].shape[0] }

  /// The centres μ, `[clusters][features]`.
  package var centres: UnsafeMutablePointer<Float> {
    network.parameters.base + network.layout["centres"].offset
  }

  /// ACC, NMI and ARI of a partition of the whole data set, where there are labels.
  func metrics(of assignments: [Int32]) -> PartitionMetrics? { metrics(of: assignments, labels) }

  /// The same of the images that `labels` belong to.
  func metrics(of assignments: [Int32], _ labels: [Int32]?) -> PartitionMetrics? {
    guard let labels, assignments.count == labels.count else { return nil }
    return Whereabouts.working("metrics") { PartitionMetrics(assignments: assignments, labels: labels) }
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
      Whereabouts.beat()
      let numbers = imageNumbers(group)
      numbers.withUnsafeBufferPointer { images.gather($0, to: network.imageGroup(0)) }
      network.encode(mask: laneMask(images: numbers.count), evaluation: evaluation, to: features.group(group))
    }
  }

  /// The images of this rank's group number `group` of the whole data set.
  func imageNumbers(_ group: Int) -> [Int32] {
    let first = (features.share.lowerBound + group) * laneCount
    return (first..<(first + features.imageCount(group))).map { Int32($0) }
  }

  private mutating func averageRunningStatistics() throws {
    let ranks = Double(reduction.communicator.size)
    for index in network.running.indices {
      var statistics = network.running[index].statistics
      // In double precision the mean of equal numbers is that number: a run that is resumed may average twice.
      let own = (statistics.mean + statistics.variance).map { Double($0) }
      let means = try reduction.communicator.allReduce(own, .sum).map { Float($0 / ranks) }
      statistics.mean = Array(means.prefix(statistics.mean.count))
      statistics.variance = Array(means.suffix(statistics.variance.count))
      network.setRunning(index, statistics)
    }
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
}
