import Clustering

/// What one epoch of a stage came to.
package struct EpochRecord: Sendable {
  /// The stage that the epoch belongs to.
  package let stage: Stage
  /// Stage I: 1…; refinement and stage II: the number of chain epochs that lie behind this partition, 0….
  package let epoch: Int
  /// The mean over images of the squared error (stage I) or of KL(R‖S), with a reconstruction weight plus its share of
  /// the squared error (refinement and stage II; nil at epoch 0).
  package let loss: Double?
  /// Of the optimiser.
  package let learningRate: Double
  /// Images per second over all ranks, training steps only.
  package let imagesPerSecond: Double
  /// The whole epoch, in seconds.
  package let seconds: Double
  /// This rank's seconds per phase.
  package let phases: [(phase: Phase, seconds: Double)]
  /// Refinement and stage II: what the scores say.
  package let chain: ScoreSummary?
  /// Refinement and stage II, with labels, on rank 0.
  package let metrics: PartitionMetrics?
}

/// What k-means clusters.
package enum KMeansSource: String, Codable, Sendable {
  /// The raw pixels, for comparison.
  case pixels = "pixel-kmeans"
  /// The features of stage I: what the paper calls FCAE + k-means.
  case features = "kmeans"
  /// The features after the refinement.
  case refinedFeatures = "refined-kmeans"
}

/// A partition by k-means.
package struct KMeansRecord: Sendable {
  /// What was clustered.
  package let source: KMeansSource
  /// Σ of squared distances to the nearest centre.
  package let inertia: Double
  /// Lloyd iterations of the best run.
  package let iterations: Int
  /// Runs.
  package let restarts: Int
  /// All runs, in seconds.
  package let seconds: Double
  /// With labels, on rank 0.
  package let metrics: PartitionMetrics?
}

/// A graph that is partitioned.
package enum GraphSource: Hashable, Sendable {
  /// The mean of the graphs of all networks' features.
  case features
  /// The mean of that and the pixels' graph.
  case featuresAndPixels
  /// The graph of one network's features, where there are several.
  case member(Int)

  /// As it stands in a table.
  package var name: String {
    switch self {
    case .features: "features"
    case .featuresAndPixels: "features+pixels"
    case .member(let number): "member\(number)"
    }
  }
}

/// The neighbour graph and its partitions.
package struct GraphRecord: Sendable {
  /// One partition that was looked at.
  package struct Candidate: Sendable {
    /// The graph that it comes from.
    package let source: GraphSource
    /// Leading eigenvectors that k-means saw.
    package let eigenvectors: Int
    /// Number of the start of k-means.
    package let start: Int
    /// What the graph says of it, without labels.
    package let quality: PartitionQuality
    /// With labels, on rank 0; nothing is chosen by them.
    package let metrics: PartitionMetrics?
  }

  /// Networks whose features have a say.
  package let members: Int
  /// Per image.
  package let neighbours: Int
  /// Leading eigenvalues, descending, of the graph that the partition comes from.
  package let eigenvalues: [Double]
  /// Time of the neighbour search, where it was not done before.
  package let searchSeconds: Double
  /// Time of the eigenproblems.
  package let eigenSeconds: Double
  /// All partitions that were looked at.
  package let candidates: [Candidate]
  /// The number of the candidate that was taken.
  package let chosen: Int
  /// The whole, in seconds.
  package let seconds: Double
}

/// What the features of a network say of the augmentation that it is trained with, where augmentations are compared.
package struct ComparisonRecord: Sendable {
  /// How its images are moved.
  package let augmentation: Augmentation
  /// Whether its features have been refined, or come from stage I alone.
  package let isRefined: Bool
  /// The partition of its neighbour graph.
  package let partition: GraphRecord
  /// In the end, what is taken.
  package internal(set) var taken: Augmentation?
}

/// What came of an attempt to keep the state of a run.
package enum SaveOutcome: Sendable {
  /// It is safe on disk, or on its way there.
  case written
  /// It failed, but an older state is there.
  case older
  /// It failed, and there is none.
  case nothing
}

/// Told of a run's progress, on every rank. An error of one rank's observer ends the whole job.
package protocol TrainingObserver: AnyObject {
  /// A stage's epoch `epoch` of `epochs` begins, with `steps` steps.
  func willBegin(_ stage: Stage, epoch: Int, of epochs: Int, steps: Int)
  /// A step is over; `images` images of this epoch have been seen over all ranks.
  func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double)
  /// An epoch of a stage is over, or, as epoch 0 of a chain, its first scores are there.
  func didEnd(_ record: EpochRecord) throws
  /// k-means of pixels or features is over.
  func didCluster(_ record: KMeansRecord) throws
  /// A network has been judged by what it is trained with; twice each, where augmentations are compared.
  func didCompare(_ record: ComparisonRecord) throws
  /// The neighbour graph has been partitioned, for the first epoch of stage II or anew.
  func didPartition(_ record: GraphRecord) throws
  /// Keeps the state of the run, on rank 0. A failure is the observer's to report: the run goes on without.
  ///
  /// - Parameter waits: whether the state must be safe, or known not to be, when this returns; otherwise the answer is
  ///   of what was known at the time, and the state is kept while the run goes on
  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome
}
