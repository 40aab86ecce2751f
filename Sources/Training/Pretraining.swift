import FCAE
import Faults
import Lanes
import MPI

extension Trainer {
  /// Stage I: trains the auto-encoder to reconstruct the images. **Collective.**
  ///
  /// Like every stage throws, on all ranks alike, a `CollectiveFailure` of a `TrainingError` (a loss that is not finite, ranks
  /// that drifted apart), or of an `EarlyExit` with `stoppedExitCode` where the run is stopped.
  package mutating func pretrain() throws {
    guard progress.part == .pretraining else { return }
    while progress.part == .pretraining, progress.epoch <= options.pretrainEpochs {
      let epoch = progress.epoch
      if progress.step == 0 { epochStarted = monotonicSeconds() }
      observer.willBegin(.pretraining, epoch: epoch, of: options.pretrainEpochs, steps: stepsPerPass)
      try pretrainingEpoch(epoch)
      let seconds = monotonicSeconds() - epochStarted
      try observer.record(
        .epoch(
          EpochRecord(
            stage: .pretraining, epoch: epoch, origin: origin, loss: progress.lossSum / Double(images.count),
            learningRate: optimizer.learningRate, imagesPerSecond: Double(images.count) / seconds,
            seconds: seconds, phases: clock.take(), chain: nil, metrics: nil)))
      let last = epoch == options.pretrainEpochs
      begin(last ? afterPretraining : Progress(.pretraining, epoch: epoch + 1))
      try endEpoch(epoch, last: last)
    }
    if progress.part == .pretraining {
      if !network.hasStatistics { try findStatistics() }
      begin(afterPretraining)
    }
  }

  /// Running statistics for an encoder that is used as it was drawn: it sees fifty mini-batches, which leave half a
  /// percent of what the statistics began with. **Collective.**
  private mutating func findStatistics() throws {
    network.refreshWeights()
    let order = randomPermutation(count: images.count, seed: memberSeed, purpose: .shuffle, epoch: 0)
    for step in 0..<50 {
      let (pass, position) = step.quotientAndRemainder(dividingBy: stepsPerPass)
      let batch = miniBatch(position, of: order)
      clock.start(.data)
      load(batch, .augmentation, pass: pass)
      clock.next(.forward)
      try network.forwardEncoder(batch.context)
      clock.stop()
      Whereabouts.beat()
    }
  }

  /// The steps of an epoch from the one that is next.
  private mutating func pretrainingEpoch(_ epoch: Int) throws {
    let order = randomPermutation(count: images.count, seed: memberSeed, purpose: .shuffle, epoch: epoch)
    while progress.step < stepsPerPass {
      let batch = miniBatch(progress.step, of: order)
      let step = progress.step + 1
      let (loss, request) = try reconstructionStep(batch, epoch: epoch, step: step)
      progress.step = step
      progress.lossSum += loss * Double(batch.images.count)
      progress.images += batch.images.count
      observer.didStep(.pretraining, epoch: epoch, step: step, images: progress.images, loss: loss)
      try serve(request)
    }
  }

  /// One step of stage I; returns the mean squared error per image before it. **Collective.**
  private mutating func reconstructionStep(
    _ batch: MiniBatch, epoch: Int, step: Int
  ) throws -> (loss: Double, request: RunRequest) {
    let fault = FaultHook.pass("step", ["epoch": epoch, "step": step], stage: Stage.pretraining.rawValue)
    let context = batch.context
    clock.start(.data)
    load(batch, .augmentation, pass: epoch)
    clock.next(.forward)
    network.refreshWeights()
    try network.forwardEncoder(context)
    try network.forwardDecoder(context)
    let sums = stepSums(batch)
    for group in 0..<context.groups {
      sums.add(
        group,
        loss: network.reconstructionLoss(
          group, scale: 1 / Float(context.images), mask: context.masks[group]))
    }
    clock.next(.backward)
    gradients.restart(batch.plan.local)
    try network.backward(context, gradients: gradients)
    clock.next(.waiting)
    let outcome = try outcome(sums, batch, .pretraining, epoch: epoch, step: step)
    clock.next(.gradientExchange)
    try optimize(batch, fault)
    return outcome
  }
}
