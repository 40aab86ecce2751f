import Clustering
import FCAE
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

/// Everything that decides the result of a run, besides the images. The values here are the defaults of `--recipe paper`.
///
/// Each property has a row in `OptionTable`, which says how it is called on the command line, what it defaults to with other
/// recipes, which values it may have, and whether bits depend on it.
package struct TrainingOptions: Sendable {
  /// K, the number of clusters, or the range in which it is to be found.
  package var clusterCount = ClusterCount(10)
  /// K; where it is to be found, what stands in for it until then: the middle of the range.
  package var clusters: Int {
    get { clusterCount.typical }
    set { clusterCount = ClusterCount(newValue) }
  }
  /// The seed of every random draw of the run.
  package var seed: UInt64 = 0
  /// Images of a mini-batch over all ranks, a multiple of 16.
  package var batchSize = 256
  /// Over which images batch normalisation takes its statistics.
  package var batchNorm = BatchNormScope.sync
  /// How sums over ranks are formed.
  package var allReduce = ReductionMode.fixedOrder
  /// The activation function behind the batch norm of the feature layer.
  package var featureActivation = FeatureActivation.relu
  /// How images are moved at random before training steps, in both stages.
  package var augmentation = AugmentationChoice.fixed(.none)

  /// How the learning rate of stage II changes from its first step to its last.
  package var schedule = LearningRateSchedule.constant

  /// Epochs of stage I.
  package var pretrainEpochs = 20
  /// The learning rate of stage I.
  package var pretrainLearningRate = 1e-3
  /// The optimiser of stage I.
  package var optimizer = OptimizerKind.adam

  /// Runs of k-means; the one with the lowest inertia wins.
  package var kmeansRestarts = 20
  /// Where the first partition comes from.
  package var initialPartition = InitialPartition.kmeans
  /// Nearest neighbours of every image in the neighbour graph; nil: the number that `graphNeighbours` finds.
  package var neighbours: Int?
  /// Networks that are trained one after another from different seeds. The first partition comes from the mean of their
  /// neighbour graphs.
  package var members = 1
  /// Images that the neighbour graph is made of at most. Where there are more, it is made of a sample, and the others follow
  /// their nearest neighbour in it. The exact search takes n²·d multiply-adds for n images of d features.
  package var graphLimit = 100_000
  /// Finer clusters per cluster while the features are refined between the stages.
  package var refinementFactor = 4
  /// Epochs of the refinement between the stages; 0 leaves it out.
  package var refinementEpochs = 0
  /// The learning rate of the refinement.
  package var refinementLearningRate = 1e-3
  /// ν, the degrees of freedom of the scores in the refinement.
  package var refinementDegreesOfFreedom = 1.0
  /// λ, the weight of the neighbours' scores in the target R of stage II: R is made of (1 − λ) S + λ D⁻¹A S.
  package var graphWeight = 0.0
  /// Epochs of stage II from one partition of the neighbour graph to the next; 0: there is the first one only.
  package var refreshEpochs = 0
  /// Weight of the reconstruction's mean squared error per image in the loss of refinement and stage II. With 0 the
  /// decoder stays as stage I left it.
  package var reconstructionWeight = 0.0
  /// Epochs of stage II for which a new partition of the neighbour graph is the target in place of R.
  package var partitionEpochs = 1
  /// Whether the raw pixels are clustered by k-means, too, for comparison.
  package var pixelKMeans = false

  /// T, the epochs of stage II at most.
  package var chainEpochs = 50
  /// B, the mini-batches per epoch of refinement and stage II; nil: one pass over the data.
  package var iterations: Int?
  /// The learning rate of stage II, before its schedule.
  package var learningRate = 1e-4
  /// The optimiser of refinement and stage II.
  package var chainOptimizer = OptimizerKind.adam
  /// α, the exponent of the boosted target R.
  package var boost = 2.0
  /// ν, the degrees of freedom of the scores in stage II.
  package var degreesOfFreedom = 1.0
  /// n_j, by which the target R divides a cluster's boosted scores.
  package var normalization = TargetNormalization.dbc
  /// Who computes the target R: one rank, or all of them, to the same bits.
  package var target = TargetMode.root

  /// The defaults of `--recipe paper`.
  package init() {}

  /// Nearest neighbours of every image in a graph of so many images. Unless `neighbours` says it, about the logarithm of a
  /// cluster's average size, from which on random neighbour graphs are connected (Maier, Hein, von Luxburg 2009), and at least 5.
  package func graphNeighbours(images: Int) -> Int {
    let rule = max(5, Int((1 + Elementary.log(Double(images) / Double(clusters))).rounded()))
    return min(neighbours ?? rule, images - 1)
  }

  /// The options once K, which was to be found, is known. The neighbours that have been found for `images` images of the graph
  /// stay as many.
  func decided(clusters: Int, graphImages images: Int) -> TrainingOptions {
    var options = self
    options.neighbours = graphNeighbours(images: images)
    options.clusters = clusters
    return options
  }

  /// What the neighbour graph of so many images is made of: all of them, or a sample.
  package func graphSample(images: Int) -> GroupSample { GroupSample(images: images, limit: graphLimit) }

  /// Training steps per pass over so many images.
  func stepsPerPass(images: Int) -> Int { (images + batchSize - 1) / batchSize }

  /// Lane groups (of 16 images) of a mini-batch, on all ranks together: so many ranks at most have a part in training steps.
  package func laneGroups(images: Int) -> Int { min(batchSize / laneCount, Lanes.laneGroups(images: images)) }

  /// The most lane groups of a mini-batch that one rank has.
  func laneGroupsPerRank(images: Int, ranks: Int) -> Int {
    (laneGroups(images: images) + ranks - 1) / ranks
  }

  /// Clusters of the refinement: at least eight images each on average.
  package func refinementClusters(images: Int) -> Int {
    max(clusters, min(refinementFactor * clusters, images / 8))
  }
}
