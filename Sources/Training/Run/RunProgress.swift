import Basics
import MPI

/// Where a run is, and since when: the loop counter of all parts. A run that is resumed enters the loops in the middle.
final class RunProgress {
  let context: RunContext
  /// Where the run is.
  var state: RunState { didSet { state.publish() } }
  /// Whatever belongs to the run in every part, and is in every checkpoint.
  var always: [any Checkpointed] = []
  /// When the current epoch, or the part where it has no epochs, began, as if the run had never been interrupted.
  private(set) var epochStarted = monotonicSeconds()
  /// The state that the last checkpoint holds.
  var kept: RunState?
  /// What the checkpoint holds of the part that the run resumes in.
  private var resumed: SnapshotReader?

  /// The beginning of a run.
  init(_ context: RunContext) {
    self.context = context
    state = RunState(context.plan.first)
    state.publish()
  }

  /// The part that runs.
  var part: RunPart { state.place.part }

  /// The seed of the random draws for the network in training.
  var seed: UInt64 { state.place.seed(run: context.options.seed) }

  /// How the images of the network in training are moved.
  var augmentation: Augmentation { context.plan.augmentation(at: state.place) }

  /// What records say of the network in training.
  var origin: RecordOrigin {
    RecordOrigin(
      member: state.place.member + 1, members: context.options.members, augment: augmentation.name)
  }

  /// Seconds since the epoch, or the part, began.
  var elapsedSeconds: Double { monotonicSeconds() - epochStarted }

  /// Begins the current part, or goes on where a checkpoint was made within it. **Collective.**
  ///
  /// - Parameters:
  ///   - part: what takes its state from the checkpoint
  ///   - epoch: the number of the first epoch
  ///   - epochs: the number of the last one
  ///   - steps: of an epoch, or of the part where it has no epochs
  /// - Returns: whether it goes on.
  @discardableResult
  func enter(_ part: any Checkpointed, epoch: Int = 0, of epochs: Int = 0, steps: Int) throws -> Bool {
    let resumed = self.resumed
    self.resumed = nil
    guard let resumed, state.isBegun else {
      // The part has begun when the one before it ended, or the run.
      (state.isBegun, state.epoch, state.steps) = (true, epoch, steps)
      return false
    }
    guard state.steps == steps, state.epoch <= epochs else { throw try context.agreed(state.isNowhere) }
    try part.restore(from: resumed)
    return true
  }

  /// Begins an epoch of the current part.
  func begin(epoch: Int, steps: Int) {
    (state.epoch, state.step, state.steps) = (epoch, 0, steps)
    (state.lossSum, state.images) = (0, 0)
    startClock()
  }

  /// The time of the epoch, or of the part where it has no epochs, counts from now.
  func startClock() { epochStarted = monotonicSeconds() }

  /// Goes on to the next part.
  ///
  /// - Returns: whether there is one.
  func advance() -> Bool {
    guard let next = context.plan.next(after: state.place) else { return false }
    state = RunState(next)
    return true
  }

  /// Goes to the place of a checkpoint; the part takes its own state when it is entered.
  func resume(_ state: RunState, _ snapshot: SnapshotReader) {
    self.state = state
    kept = state
    if state.isBegun { resumed = snapshot }
    epochStarted = monotonicSeconds() - state.elapsedSeconds
    for (name, seconds) in state.phaseSeconds {
      Phase(rawValue: name).map { context.clock.add($0, seconds) }
    }
  }

  /// The features are NaN or infinite, or too large to be compared: an error that all ranks throw, with the stage that has
  /// trained them last. **Collective.**
  func notFiniteFeatures() throws -> CollectiveFailure {
    let options = context.options
    let isRefined =
      options.refinementEpochs > 0 && [.refinedNeighbours, .refinedKMeans, .chain].contains(part)
    let trained: (Stage, Int, Double) =
      switch part {
      case .chain where state.epoch > 0: (.chain, state.epoch, options.learningRate)
      case .refinement where state.epoch > 0: (.refinement, state.epoch, options.refinementLearningRate)
      default:
        isRefined
          ? (.refinement, options.refinementEpochs, options.refinementLearningRate)
          : (.pretraining, options.pretrainEpochs, options.pretrainLearningRate)
      }
    return try context.agreed(.notFinite(stage: trained.0, epoch: trained.1, learningRate: trained.2))
  }
}
