import Clustering
import Images
import Lanes
import MPI

/// What all parts of a run share. None of them changes it, but for the one that finds K.
package final class RunContext {
  /// Everything that decides the result, besides the images. Only K changes, once, where it is to be found.
  package private(set) var options: TrainingOptions
  /// The order of the run's parts.
  package let plan: RunPlan
  /// The images, one copy per node.
  package let images: PixelStore
  /// The class number of every image, on rank 0, where there are labels.
  package let labels: [Int32]?
  /// Sums over the ranks.
  package let reduction: GroupReduction
  /// The ranks of this node, and the first ranks of all nodes.
  package let nodes: NodeCommunicators
  /// What the phases are counted by.
  package let clock: PhaseClock
  let observer: any TrainingObserver
  /// What may stop the run.
  let control: RunControl
  private var groups: RankGroups?

  /// - Parameters:
  ///   - labels: on rank 0; nil elsewhere and where there are none
  ///   - control: what may stop the run; its deadline is read on rank 0 only
  ///   - clock: what the phases are counted and, where it records, traced by
  package init(
    _ options: TrainingOptions, images: consuming PixelStore, labels: [Int32]? = nil,
    reduction: GroupReduction, nodes: NodeCommunicators, observer: any TrainingObserver,
    control: RunControl = RunControl(), clock: PhaseClock = PhaseClock()
  ) {
    self.options = options
    plan = RunPlan(options)
    self.images = images
    self.labels = labels
    (self.reduction, self.nodes, self.observer) = (reduction, nodes, observer)
    (self.control, self.clock) = (control, clock)
  }

  /// From now on there are `clusters` clusters, on all ranks.
  func decide(clusters: Int) {
    options = options.decided(clusters: clusters, graphImages: graphSample.images)
  }

  /// How the lane groups of the whole data set are divided over the ranks.
  var dataPlan: ReductionPlan { reduction.plan(groups: laneGroups(images: images.count)) }

  /// Groups of the ranks, made at the first call. **Collective.**
  func rankGroups() throws -> RankGroups {
    let made = try groups ?? RankGroups(reduction)
    groups = made
    return made
  }

  /// Training steps per pass over the data.
  var stepsPerPass: Int { options.stepsPerPass(images: images.count) }

  /// The images that the neighbour graph is made of.
  var graphSample: GroupSample { options.graphSample(images: images.count) }

  /// Memory for `values` numbers of each of this rank's images, all zero.
  func slice(values: Int) -> FeatureSlice {
    FeatureSlice(
      images: images.count, features: values, plan: dataPlan, rank: reduction.communicator.rank)
  }

  /// The pixels of this rank's images, like features.
  func pixels() -> FeatureSlice {
    let slice = slice(values: images.grid.count)
    for group in 0..<slice.share.count {
      images.gather(slice.imageNumbers(ofGroup: group), to: slice.group(group))
    }
    return slice
  }

  /// The pixels of this rank's thumbnails, like features.
  func thumbnails() -> FeatureSlice {
    let slice = slice(values: images.grid.thumbnail.count)
    let group = AlignedBuffer<LaneVector>(count: images.grid.count)
    for number in 0..<slice.share.count {
      images.gather(slice.imageNumbers(ofGroup: number), to: group.base)
      images.grid.makeThumbnails(group.base, to: slice.group(number))
    }
    return slice
  }

  /// ACC, NMI and ARI of a partition of the whole data set, on rank 0, where there are labels.
  func metrics(of assignments: [Int32]) -> PartitionMetrics? { metrics(of: assignments, labels) }

  /// ACC, NMI and ARI of a partition of the images that `labels` belong to, where there are labels.
  func metrics(of assignments: [Int32], _ labels: [Int32]?) -> PartitionMetrics? {
    guard let labels, assignments.count == labels.count else { return nil }
    return Whereabouts.working("metrics") { PartitionMetrics(assignments: assignments, labels: labels) }
  }

  /// What any rank asks for now. **Collective.**
  func agreedRequest() throws -> RunRequest {
    let asked = control.request
    let all = try reduction.communicator.allReduce(
      [asked.stop ? 1 : 0, asked.save ? 1 : 0] as [Int32], .max)
    return RunRequest(stop: all[0] > 0, save: all[1] > 0)
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

extension FeatureSlice {
  /// The numbers of the images in this rank's group `group`, at most 16.
  func imageNumbers(ofGroup group: Int) -> [Int32] {
    let first = (share.lowerBound + group) * laneCount
    return (first..<(first + imageCount(group))).map { Int32($0) }
  }
}

extension PixelStore {
  /// Writes the images `numbers`, at most 16, as one lane group of values in 0…1.
  func gather(_ numbers: [Int32], to group: UnsafeMutablePointer<LaneVector>) {
    numbers.withUnsafeBufferPointer { gather($0, to: group) }
  }
}
