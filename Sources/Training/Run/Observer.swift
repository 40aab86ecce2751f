/// What came of an attempt to keep the state of a run.
package enum SaveOutcome: Sendable {
  /// It is safe on disk, or on its way there.
  case written
  /// It failed, but an older state is there.
  case older
  /// It failed, or nobody keeps states, and there is none.
  case nothing
}

/// Told of a run's progress, on every rank. An error of one rank's observer ends the whole job.
///
/// Every member has an implementation that does nothing.
package protocol TrainingObserver: AnyObject {
  /// Epoch `epoch` of the part at `place` begins, with `steps` steps.
  func willBegin(_ stage: Stage, epoch: Int, steps: Int, at place: RunPlace)
  /// A step is over; `images` images of this epoch have been seen over all ranks.
  func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double)
  /// Something is over that has a line in metrics.jsonl. Metrics and cluster sizes of k-means are known on rank 0 only. A partition of the
  /// graph is told on rank 0 only.
  func record(_ record: MetricsRecord) throws
  /// Whether reconstructions are to be made after the epochs that train the decoder; asked on rank 0.
  var wantsReconstructions: Bool { get }
  /// An epoch that trains the decoder is over, and this is what it makes of some images; on rank 0, behind the epoch's record.
  func didReconstruct(_ pictures: Reconstructions, _ stage: Stage, epoch: Int)
  /// The features of some images after an epoch of stage II, for the report; on rank 0, behind the epoch's record.
  func keep(_ sample: FeatureSample, epoch: Int)
  /// Something is not as it should be, and the run goes on all the same.
  func warn(_ text: String)
  /// Keeps the state of the run, on rank 0. A failure is the observer's to report: the run goes on without.
  ///
  /// - Parameter waits: whether the state must be safe, or known not to be, when this returns; otherwise the answer is
  ///   of what was known at the time, and the state is kept while the run goes on
  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome
}

extension TrainingObserver {
  package func willBegin(_ stage: Stage, epoch: Int, steps: Int, at place: RunPlace) {}
  package func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double) {}
  package func record(_ record: MetricsRecord) throws {}
  package var wantsReconstructions: Bool { false }
  package func didReconstruct(_ pictures: Reconstructions, _ stage: Stage, epoch: Int) {}
  package func keep(_ sample: FeatureSample, epoch: Int) {}
  package func warn(_ text: String) {}
  package func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome { .nothing }
}

/// Shows and keeps nothing.
package final class SilentObserver: TrainingObserver {
  /// An observer that does nothing.
  package init() {}
}
