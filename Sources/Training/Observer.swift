import Clustering

/// What one epoch of a stage came to.
package struct EpochRecord: Sendable {
  /// The stage that the epoch belongs to.
  package let stage: Stage
  /// Stage I: 1…; stage II: the number of passes of mini-batches that lie behind this partition, 0….
  package let epoch: Int
  /// The mean over images of the squared error (stage I) or of KL(R‖S) (stage II, nil at epoch 0).
  package let loss: Double?
  /// Of the optimiser.
  package let learningRate: Double
  /// Images per second over all ranks, training steps only.
  package let imagesPerSecond: Double
  /// The whole epoch, in seconds.
  package let seconds: Double
  /// This rank's seconds per phase.
  package let phases: [(phase: Phase, seconds: Double)]
  /// Stage II, what the scores say.
  package let chain: ChainState?
  /// Stage II, with labels, on rank 0.
  package let metrics: PartitionMetrics?
}

/// A partition by k-means.
package struct KMeansRecord: Sendable {
  /// Whether the raw pixels were clustered instead of the features.
  package let ofPixels: Bool
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

/// What came of an attempt to keep the state of a run.
package enum SaveOutcome: Sendable {
  case written
  /// It failed, but an older state is there.
  case older
  /// It failed, and there is none.
  case nothing
}

/// Told of a run's progress, on every rank.
package protocol TrainingObserver: AnyObject {
  /// A stage's epoch `epoch` of `epochs` begins, with `steps` steps.
  func willBegin(_ stage: Stage, epoch: Int, of epochs: Int, steps: Int)
  /// A step is over; `images` images of this epoch have been seen over all ranks.
  func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double)
  func didEnd(_ record: EpochRecord) throws
  func didCluster(_ record: KMeansRecord) throws
  func didCompare(_ record: ComparisonRecord) throws
  func didPartition(_ record: GraphRecord) throws
  /// Keeps the state of the run, on rank 0. A failure is the observer's to report: the run goes on without.
  ///
  /// - Parameter waits: whether the state must be safe, or known not to be, when this returns; otherwise the answer is
  ///   of what was known at the time, and the state is kept while the run goes on
  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome
}
