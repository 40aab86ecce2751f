import Clustering
import FCAE
import Images
import Lanes
import MPI

/// What is trained: the network and the centres, which all ranks hold alike; and the features that the network makes of this
/// rank's images.
package final class Model: Checkpointed {
  private let context: RunContext
  /// The auto-encoder.
  package var network: AutoEncoder
  /// Rows of the centres: K, more while the features are refined, and none before the first clustering.
  package private(set) var clusters = 0
  private var centreMemory = AlignedBuffer<Float>(count: 0)
  /// The features of this rank's images by the last `encode`.
  package let features: FeatureSlice

  /// A model whose parameters are zero until `network.initialize`, a file or a checkpoint sets them.
  package init(_ architecture: Architecture, _ context: RunContext) {
    self.context = context
    let options = context.options
    network = AutoEncoder(
      architecture, activation: options.featureActivation,
      capacity: options.laneGroupsPerRank(
        images: context.images.count, ranks: context.reduction.communicator.size))
    features = context.slice(values: architecture.features)
  }

  /// The centres μ, `[clusters][features]`, with zeros up to a multiple of 16 numbers behind them.
  package var centres: UnsafeMutablePointer<Float> { centreMemory.base }

  /// The centres as an array, `[clusters][features]`.
  package var centreValues: [Float] { Array(centreMemory.all.prefix(clusters * network.features)) }

  /// The numbers of the centres, the zeros behind them included.
  var centreCount: Int { centreMemory.count }

  /// Replaces the centres by others, of any number.
  ///
  /// - Parameter values: `[clusters][features]`
  func setCentres(_ values: [Float]) {
    clusters = values.count / network.features
    let count = (values.count + laneCount - 1) / laneCount * laneCount
    if centreMemory.count != count { centreMemory = AlignedBuffer(count: count) }
    centreMemory.base.update(from: values, count: values.count)
  }

  /// Fills `features`, by the running statistics of batch norm. **Collective** with local batch norm, whose statistics are
  /// averaged over the ranks first.
  ///
  /// - Parameter maps: the features are the mean of those of the image itself and of its copies moved by these
  package func encode(moved maps: [AffineMap] = []) throws {
    if context.options.batchNorm == .local { try averageRunningStatistics() }
    network.refreshWeights()
    let evaluation = network.evaluationTransforms()
    context.clock.start(.encode)
    defer { context.clock.stop() }
    for group in 0..<features.share.count {
      Whereabouts.beat()
      network.encode(
        context.images, features.imageNumbers(ofGroup: group), moved: maps, evaluation,
        to: features.group(group))
    }
  }

  /// Whether every feature is finite and small enough for finite squared distances, on all ranks. **Collective.**
  func hasFiniteFeatures() throws -> Bool {
    let finite = features.lanes.all.floats.allSatisfy { abs($0) < 1e17 }
    return try context.reduction.communicator.allReduce(finite ? 1 : 0 as Int32, .min) == 1
  }

  private func averageRunningStatistics() throws {
    let ranks = Double(context.reduction.communicator.size)
    // In double precision the mean of equal numbers is that number: a run that is resumed may average twice.
    let sums = try context.reduction.communicator.allReduce(network.runningValues.map { Double($0) }, .sum)
    network.runningValues = sums.map { Float($0 / ranks) }
  }

  func save(to snapshot: inout Snapshot) throws {
    let own = network.runningValues
    let running =
      context.options.batchNorm == .local
      ? try context.reduction.communicator.gatherJoined(own) : own
    snapshot.add("parameters", network.parameters.array)
    snapshot.add("running", running)
    snapshot.add("centres", centreValues)
  }

  func restore(from snapshot: SnapshotReader) throws {
    let parameters = try snapshot.values("parameters", count: network.layout.count)
    network.parameters.base.update(from: parameters, count: parameters.count)
    let count = network.runningValues.count
    let copies = context.options.batchNorm == .local ? context.reduction.communicator.size : 1
    let running = try snapshot.values("running", count: count * copies)
    let first = copies > 1 ? context.reduction.communicator.rank * count : 0
    network.runningValues = Array(running[first..<(first + count)])
    // How many there must be, the part that needs them knows.
    let centres = try snapshot.count("centres") / network.features * network.features
    setCentres(try snapshot.values("centres", count: centres))
  }

  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) {
    visit(UnsafeBufferPointer(network.parameters.all))
    visit(UnsafeBufferPointer(centreMemory.all))
    if context.options.batchNorm == .sync { network.runningValues.withUnsafeBufferPointer(visit) }
  }
}

extension AutoEncoder {
  /// The features of the images `numbers`, at most 16, in evaluation mode, independent of all other images.
  ///
  /// - Parameters:
  ///   - maps: the features are the mean of those of the image itself and of its copies moved by these
  ///   - features: `[features]` lane vectors, overwritten; zero in padding lanes
  package func encode(
    _ images: borrowing PixelStore, _ numbers: [Int32], moved maps: [AffineMap] = [],
    _ evaluation: EvaluationTransforms, to features: UnsafeMutablePointer<LaneVector>
  ) {
    let mask = laneMask(images: numbers.count)
    images.gather(numbers, to: imageGroup(0))
    encode(mask: mask, evaluation: evaluation, to: features)
    guard !maps.isEmpty else { return }
    let copy = AlignedBuffer<LaneVector>(count: self.features)
    let scratch = AlignedBuffer<Float>(count: images.grid.scratchCount)
    for map in maps {
      Whereabouts.beat()
      let same = Array(repeating: map, count: numbers.count)
      numbers.withUnsafeBufferPointer {
        images.gather($0, maps: same, to: imageGroup(0), scratch: scratch.base)
      }
      encode(mask: mask, evaluation: evaluation, to: copy.base)
      for i in 0..<self.features { features[i] += copy.base[i] }
    }
    for i in 0..<self.features { features[i] /= Float(maps.count + 1) }
  }
}
