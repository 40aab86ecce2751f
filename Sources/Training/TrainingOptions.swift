import Clustering
import FCAE
import Foundation
import Lanes
import MPI

/// The method of gradient descent.
package enum OptimizerKind: String, CaseIterable, Sendable {
  /// Stochastic gradient descent with momentum 0.9.
  case sgd
  /// Adam (Kingma and Ba 2015) with PyTorch's defaults.
  case adam
}

/// Over which images batch normalisation takes its statistics while training.
package enum BatchNormScope: String, CaseIterable, Sendable {
  /// Over the whole mini-batch, on all ranks.
  case sync
  /// Over a rank's own part of it: no exchange, and results that depend on the number of ranks.
  case local
}

/// Everything that decides the result of a run, besides the images.
package struct TrainingOptions: Sendable {
  /// K.
  package var clusters = 10
  /// Of every random draw.
  package var seed: UInt64 = 0
  /// Images of a mini-batch over all ranks, a multiple of 16.
  package var batchSize = 256
  /// Over which images statistics are taken.
  package var batchNorm = BatchNormScope.sync
  /// How sums over ranks are formed.
  package var allReduce = ReductionMode.fixedOrder
  /// Behind the batch norm of the feature layer.
  package var featureActivation = FeatureActivation.relu
  /// How images are moved before training steps, in both stages.
  package var augmentation = AugmentationChoice.fixed(.none)

  /// Of the learning rate of stage II.
  package var schedule = LearningRateSchedule.constant

  /// Epochs of stage I.
  package var pretrainEpochs = 20
  /// Step size of stage I.
  package var pretrainLearningRate = 1e-3
  /// Of stage I.
  package var optimizer = OptimizerKind.adam

  /// Runs of k-means; the one with the lowest inertia wins.
  package var kmeansRestarts = 20
  /// Where the first partition comes from.
  package var initialPartition = InitialPartition.kmeans
  /// Of every image in the neighbour graph; nil: see `graphNeighbours`.
  package var neighbours: Int?
  /// Whether a graph of the pixels has a say in the graph's partition.
  package var pixelGraph = true
  /// Networks that are trained one after another from different seeds; the first partition comes from the mean of their
  /// graphs, or from one of them.
  package var members = 1
  /// Images that the graph is made of at most; where there are more, it is made of a sample, and the others follow their
  /// nearest neighbour in it. The exact search takes n²·d multiply-adds.
  package var graphLimit = 100_000
  /// Finer clusters per cluster while the features are refined between the stages.
  package var refinementFactor = 4
  /// Epochs of the refinement; 0 leaves it out.
  package var refinementEpochs = 0
  /// Step size of the refinement.
  package var refinementLearningRate = 1e-3
  /// ν of the scores in the refinement.
  package var refinementDegreesOfFreedom = 1.0
  /// How often the graph's partition replaces the chain's after the first time.
  package var refreshes = 0
  /// Epochs between these.
  package var refreshEpochs = 10
  /// Weight of the reconstruction's mean squared error per image in the loss of refinement and stage II; with 0 the
  /// decoder stays as stage I left it.
  package var reconstructionWeight = 0.0
  /// Epochs for which the graph's partition is the target.
  package var partitionEpochs = 1
  /// Also cluster the raw pixels by k-means, for comparison.
  package var pixelKMeans = false

  /// T, epochs of stage II at most.
  package var chainEpochs = 50
  /// B, mini-batches per epoch of refinement and stage II; nil: one pass over the data.
  package var iterations: Int?
  /// Step size of stage II.
  package var learningRate = 1e-4
  /// Of refinement and stage II.
  package var chainOptimizer = OptimizerKind.adam
  /// α of the target.
  package var boost = 2.0
  /// ν of the scores of stage II.
  package var degreesOfFreedom = 1.0
  /// n_j of the target.
  package var normalization = TargetNormalization.dbc
  /// Who forms the target.
  package var target = TargetMode.root

  /// Of a graph of so many images any number of eigenvectors can be found.
  private static let smallGraph = 4000

  /// The defaults.
  package init() {}

  /// Neighbours of every image in a graph of so many: unless they are given, about the logarithm of a cluster's average
  /// size, from which on random neighbour graphs are connected (Maier, Hein, von Luxburg 2009).
  package func graphNeighbours(images: Int) -> Int {
    let rule = max(3, Int((1 + log(Double(images) / Double(clusters))).rounded()))
    return min(neighbours ?? rule, images - 1)
  }

  /// What the graph of so many images is made of.
  package func graphSample(images: Int) -> GroupSample { GroupSample(images: images, limit: graphLimit) }

  /// Training steps per pass over so many images.
  func stepsPerPass(images: Int) -> Int { (images + batchSize - 1) / batchSize }

  /// Lane groups of a mini-batch.
  func laneGroups(images: Int) -> Int { min(batchSize / laneCount, Lanes.laneGroups(images: images)) }

  /// The most of them that one rank has.
  func laneGroupsPerRank(images: Int, ranks: Int) -> Int {
    (laneGroups(images: images) + ranks - 1) / ranks
  }

  /// Clusters of the refinement: at least eight images each on average.
  package func refinementClusters(images: Int) -> Int {
    max(clusters, min(refinementFactor * clusters, images / 8))
  }
}

/// A run that cannot go on, or cannot start as asked for.
package enum TrainingError: Error, CustomStringConvertible {
  /// Options that contradict each other, the data or the number of ranks.
  case options(String)
  /// The loss became NaN or infinite.
  ///
  /// - Parameter before: the losses of the last steps before
  case diverged(stage: Stage, epoch: Int, step: Int, learningRate: Double, loss: Double, before: [Double])
  /// The features became NaN or infinite although the loss was not.
  case notFinite(stage: Stage, epoch: Int, learningRate: Double)
  /// Ranks that should hold the same parameters do not.
  case drifted(String)
  /// A snapshot that does not fit the run.
  case snapshot(String)
  /// Stopped, and nothing could be kept.
  case stoppedUnsaved(String)

  /// What is wrong and what to try.
  package var description: String {
    switch self {
    case .options(let text), .drifted(let text), .snapshot(let text), .stoppedUnsaved(let text): return text
    case .diverged(let stage, let epoch, let step, let learningRate, let loss, let before):
      let losses = before.map { String(format: "%.5g", $0) }.joined(separator: ", ")
      return "the loss became \(loss) in \(stage.title), epoch \(epoch), step \(step), at learning rate "
        + "\(learningRate)\(before.isEmpty ? "" : " (losses before: \(losses))"); try a smaller "
        + "\(stage.learningRateOption), or a larger --batch-size; if the losses before were steady, resume the "
        + "run: a fault of the machine is then likely"
    case .notFinite(let stage, let epoch, let learningRate):
      return
        "the features are not finite, or too large to be compared, after \(stage.title), epoch \(epoch), at learning rate "
        + "\(learningRate); try a smaller \(stage.learningRateOption)"
    }
  }
}

/// The two stages of the method, and the refinement between them.
package enum Stage: String, Sendable {
  /// Stage I, the auto-encoder.
  case pretraining = "fcae"
  /// Stage II, the learning chain.
  case chain = "dbc"
  /// Between them, the learning chain for finer clusters.
  case refinement = "refine"

  var learningRateOption: String {
    switch self {
    case .pretraining: "--pretrain-learning-rate"
    case .refinement: "--refinement-learning-rate"
    case .chain: "--learning-rate"
    }
  }

  /// The stage in words.
  package var title: String {
    switch self {
    case .pretraining: "stage I (auto-encoder)"
    case .refinement: "the refinement of the features"
    case .chain: "stage II (learning chain)"
    }
  }
}

extension TrainingOptions {
  /// Throws where the options do not fit together, `images` images or `ranks` ranks.
  package func validate(images: Int, ranks: Int) throws(TrainingError) {
    func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(TrainingError) {
      if !condition { throw .options(text()) }
    }
    try require(
      images <= Int(Int32.max), "\(images) images are more than the \(Int32.max) that can be numbered")
    // Larger numbers are slips of the pen, and would overflow.
    for (name, count) in [
      ("--batch-size", batchSize), ("--iterations", iterations ?? 1), ("--members", members),
      ("--refinement-factor", refinementFactor),
    ] {
      try require(count <= Int(Int32.max), "\(name) must be at most \(Int32.max), found \(count)")
    }
    try require(clusters >= 2, "--clusters must be at least 2, found \(clusters)")
    try require(clusters <= images, "--clusters \(clusters) is more than the \(images) images")
    try require(
      batchSize >= 16 && batchSize % 16 == 0,
      "--batch-size must be a multiple of 16 (16 images share a vector register), found \(batchSize)")
    try require(
      batchSize / 16 >= ranks,
      "--batch-size \(batchSize) is \(batchSize / 16) groups of 16 images, fewer than the \(ranks) ranks: "
        + "use --batch-size \(16 * ranks) or more, or fewer ranks")
    try require(
      (images + 15) / 16 >= ranks,
      "\(images) images are fewer than \(ranks) ranks need: at least \(16 * (ranks - 1) + 1), "
        + "16 for each rank; use fewer ranks")
    try require(pretrainEpochs >= 0, "--pretrain-epochs must not be negative, found \(pretrainEpochs)")
    try require(chainEpochs >= 0, "--chain-epochs must not be negative, found \(chainEpochs)")
    try require(
      iterations.map { $0 >= 1 } ?? true, "--iterations must be at least 1, found \(iterations ?? 0)")
    try require(
      refinementEpochs >= 0, "--refinement-epochs must not be negative, found \(refinementEpochs)")
    try require(refinementFactor >= 1, "--refinement-factor must be at least 1, found \(refinementFactor)")
    try require(refreshes >= 0, "--refreshes must not be negative, found \(refreshes)")
    try require(refreshEpochs >= 1, "--refresh-epochs must be at least 1, found \(refreshEpochs)")
    try require(members >= 1, "--members must be at least 1, found \(members)")
    try require(
      members == 1 || initialPartition == .graph, "--members \(members) needs --initial-partition graph")
    try require(
      augmentation != .compared || members > 1,
      "--augment auto compares networks by their neighbour graphs, and needs --initial-partition graph and --members 2 "
        + "or more; without them use --augment affine or none")
    try require(
      neighbours.map { $0 >= 1 } ?? true, "--neighbours must be at least 1, found \(neighbours ?? 0)")
    // Beyond it, checkpoints could not hold an image's number as a float.
    try require(graphLimit <= 1 << 24, "--graph-images must be at most \(1 << 24), found \(graphLimit)")
    try require(graphLimit >= laneCount, "--graph-images must be at least \(laneCount), found \(graphLimit)")
    let graph = graphSample(images: images)
    try require(
      !graph.isPart || initialPartition == .kmeans || graph.images >= 4 * clusters,
      "--graph-images \(graphLimit) makes a graph of \(graph.images) images, too few for \(clusters) clusters: at least "
        + "four images for each are needed")
    try require(
      initialPartition == .kmeans || graph.images <= Self.smallGraph || graph.images >= 5 * clusters,
      "--clusters \(clusters) of \(graph.images) images are too many for the neighbour graph, which needs five images for each; "
        + "use --initial-partition kmeans")
    try require(kmeansRestarts >= 1, "--kmeans-restarts must be at least 1, found \(kmeansRestarts)")
    for (name, value) in [
      ("--pretrain-learning-rate", pretrainLearningRate), ("--learning-rate", learningRate),
      ("--refinement-learning-rate", refinementLearningRate),
    ] {
      try require(value > 0 && value.isFinite, "\(name) must be a positive number, found \(value)")
    }
    for (name, value) in [
      ("--degrees-of-freedom", degreesOfFreedom),
      ("--refinement-degrees-of-freedom", refinementDegreesOfFreedom),
    ] {
      try require((0.001...10000).contains(value), "\(name) must be between 0.001 and 10000, found \(value)")
    }
    try require(
      reconstructionWeight >= 0 && reconstructionWeight.isFinite,
      "--reconstruction-weight must be 0 or a positive number, found \(reconstructionWeight)")
    try require(
      partitionEpochs >= 0, "--partition-epochs must not be negative, found \(partitionEpochs)")
    try require(boost > 1 && boost.isFinite, "--boost must be larger than 1, found \(boost)")
  }
}
