import FCAE
import Lanes
import MPI

/// Stage I of one network: the auto-encoder learns to reconstruct the images.
final class Pretraining: Checkpointed {
  private let context: RunContext
  private let model: Model
  private let progress: RunProgress
  private let steps: TrainingSteps

  init(_ context: RunContext, _ model: Model, _ progress: RunProgress) {
    (self.context, self.model, self.progress) = (context, model, progress)
    let options = context.options
    model.setCentres([])
    steps = TrainingSteps(
      TrainingSteps.Settings(
        stage: .pretraining, steps: context.stepsPerPass, epochs: options.pretrainEpochs,
        optimizer: options.optimizer, learningRate: options.pretrainLearningRate, schedule: .constant,
        shuffle: .shuffle, augmentation: .augmentation),
      from: 0, model, context, progress)
  }

  /// Trains all epochs. **Collective.**
  ///
  /// Like every stage throws, on all ranks alike, a `CollectiveFailure` of a `TrainingError` (a loss that is not finite, ranks
  /// that drifted apart), or of an `EarlyExit` with `stoppedExitCode` where the run is stopped.
  func run() throws {
    let epochs = context.options.pretrainEpochs
    try progress.enter(self, epoch: 1, of: epochs, steps: context.stepsPerPass)
    while progress.state.epoch <= epochs {
      let epoch = progress.state.epoch
      try steps.runEpoch(self, reconstruct)
      // The last epoch ends with the part.
      if epoch < epochs { try progress.endEpoch(self, of: epochs) }
      try context.observer.record(
        .epoch(
          EpochRecord(
            stage: .pretraining, epoch: epoch, origin: progress.origin,
            loss: progress.state.lossSum / Double(context.images.count),
            learningRate: steps.learningRate, imagesPerSecond: steps.imagesPerSecond,
            seconds: progress.elapsedSeconds, phases: context.clock.take(), chain: nil, metrics: nil)))
      context.showReconstructions(model, .pretraining, epoch: epoch)
      progress.begin(epoch: epoch + 1, steps: context.stepsPerPass)
    }
    if !model.network.hasStatistics { try findStatistics() }
  }

  /// The mean squared error per image of a mini-batch and its gradient. **Collective.**
  private func reconstruct(_ batch: MiniBatch, _ sums: borrowing StepSums) throws {
    try model.network.forwardEncoder(batch.context)
    try model.network.forwardDecoder(batch.context)
    for group in 0..<batch.context.groups {
      sums.add(
        group,
        loss: model.network.reconstructionLoss(
          group, scale: 1 / Float(batch.context.images), mask: batch.context.masks[group]))
    }
    context.clock.next(.backward)
    try model.network.backward(batch.context, gradients: steps.gradients)
  }

  /// Running statistics for an encoder that is used as it was drawn: it sees fifty mini-batches, which leave half a
  /// percent of what the statistics began with. **Collective.**
  private func findStatistics() throws {
    model.network.refreshWeights()
    let order = randomPermutation(
      count: context.images.count, seed: progress.seed, purpose: .shuffle, epoch: 0)
    for step in 0..<50 {
      let (pass, position) = step.quotientAndRemainder(dividingBy: context.stepsPerPass)
      let batch = steps.miniBatch(position, of: order)
      context.clock.start(.data)
      steps.load(batch, pass: pass)
      context.clock.next(.forward)
      try model.network.forwardEncoder(batch.context)
      context.clock.stop()
      Whereabouts.beat()
    }
  }

  func save(to snapshot: inout Snapshot) { steps.save(to: &snapshot) }
  func restore(from snapshot: SnapshotReader) throws { try steps.restore(from: snapshot) }
  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) { steps.replicated(visit) }
}
