import FCAE
import Faults
import Lanes
import MPI

/// The training steps of one stage of one network: mini-batches in, gradients summed over the ranks, parameters moved.
///
/// Parameters and centres count as one array here, the arena: the network's parameters, then the centres.
final class TrainingSteps: Checkpointed {
  /// What tells the stages' steps apart.
  struct Settings {
    /// The stage that the steps belong to.
    let stage: Stage
    /// Steps of an epoch.
    let steps: Int
    /// Epochs at most.
    let epochs: Int
    let optimizer: OptimizerKind
    /// The step size, and how it changes over the stage.
    let learningRate: Double
    let schedule: LearningRateSchedule
    /// The random draws of the order of images, and of how they are moved.
    let shuffle: RandomPurpose
    let augmentation: RandomPurpose

    /// The learning rate of step `step` (from 0) of epoch `epoch` (from 1).
    func rate(epoch: Int, step: Int) -> Double {
      let done = Double(max(0, epoch - 1)) * Double(steps) + Double(min(step, steps - 1))
      return learningRate * schedule.factor(done / max(1, Double(epochs) * Double(steps)))
    }
  }

  let settings: Settings
  /// The partial gradients of a step, `[arena]` each, kept for the next one.
  var gradients: TreeSums<Float>
  /// Where the centres begin in the arena.
  let centresStart: Int
  /// The rate of the last epoch's steps; 0 before the first.
  private(set) var imagesPerSecond = 0.0
  private let context: RunContext
  private let model: Model
  private let progress: RunProgress
  /// The part of the arena that is trained.
  private let trained: Range<Int>
  /// The gradient of a step, `[trained]`.
  private let gradient: AlignedBuffer<Float>
  private var optimizer: Optimizer
  /// How images are moved, and room for one lane group of them.
  private let augmentation: Augmentation
  private let scratch: AlignedBuffer<Float>
  /// The losses of the last steps.
  private var recentLosses: [Double] = []

  /// The steps of a stage; the optimiser has made none.
  ///
  /// - Parameter trained: what is trained of the arena, up to its end; the centres are part of it where the model has any
  init(
    _ settings: Settings, from trained: Int, _ model: Model, _ context: RunContext, _ progress: RunProgress
  ) {
    (self.settings, self.model, self.context, self.progress) = (settings, model, context, progress)
    centresStart = model.network.layout.count
    let count = centresStart + model.centreCount
    self.trained = trained..<count
    let groups = context.options.laneGroups(images: context.images.count)
    gradients = TreeSums(width: count, schedule: context.reduction.plan(groups: groups).local)
    gradient = AlignedBuffer(count: count - trained, for: "gradients")
    optimizer = Optimizer(settings.optimizer, count: count - trained)
    augmentation = progress.augmentation
    scratch = AlignedBuffer(count: augmentation == .none ? 0 : context.images.grid.scratchCount)
  }

  /// The learning rate of the step that is next, or, at an epoch's end, of its last one.
  var learningRate: Double {
    settings.rate(epoch: progress.state.epoch, step: progress.state.step)
  }

  /// The steps of the current epoch from the one that is next, in as many passes over the data as they take. **Collective.**
  ///
  /// - Parameters:
  ///   - part: the part of the run that the steps belong to
  ///   - compute: one forward and backward pass over the images that are in the network: it hands every group's loss to the
  ///     sums and leaves the gradients in `gradients`
  func runEpoch(
    _ part: any Checkpointed, _ compute: (MiniBatch, borrowing StepSums) throws -> Void
  ) throws {
    let epoch = progress.state.epoch
    let stepsPerPass = context.stepsPerPass
    let passesPerEpoch = (settings.steps + stepsPerPass - 1) / stepsPerPass
    if progress.state.step < settings.steps {
      context.observer.willBegin(
        settings.stage, epoch: epoch, steps: settings.steps, at: progress.state.place)
    }
    var order: [Int32] = []
    while progress.state.step < settings.steps {
      let (pass, position) = progress.state.step.quotientAndRemainder(dividingBy: stepsPerPass)
      if position == 0 || order.isEmpty {
        order = randomPermutation(
          count: context.images.count, seed: progress.seed, purpose: settings.shuffle, epoch: epoch,
          index: pass)
      }
      let batch = miniBatch(position, of: order)
      let (loss, request) = try step(batch, pass: epoch * passesPerEpoch + pass, compute)
      progress.state.step += 1
      progress.state.lossSum += loss * Double(batch.images.count)
      progress.state.images += batch.images.count
      context.observer.didStep(
        settings.stage, epoch: epoch, step: progress.state.step, images: progress.state.images, loss: loss)
      try progress.serve(request, part)
    }
    imagesPerSecond = Double(progress.state.images) / progress.elapsedSeconds
  }

  /// Mini-batch number `number` of a pass over the data in this order.
  func miniBatch(_ number: Int, of order: [Int32]) -> MiniBatch {
    let first = number * context.options.batchSize
    return MiniBatch(order[first..<min(first + context.options.batchSize, order.count)], context)
  }

  /// One step. **Collective.** Returns the mean loss of the mini-batch, and what any rank asks for.
  private func step(
    _ batch: MiniBatch, pass: Int, _ compute: (MiniBatch, borrowing StepSums) throws -> Void
  ) throws -> (loss: Double, request: RunRequest) {
    let (epoch, number) = (progress.state.epoch, progress.state.step + 1)
    let rate = settings.rate(epoch: epoch, step: progress.state.step)
    let fault = FaultHook.pass(
      "step", ["epoch": epoch, "step": number], stage: settings.stage.rawValue)
    let clock = context.clock
    clock.start(.data)
    load(batch, pass: pass)
    clock.next(.forward)
    model.network.refreshWeights()
    let sums = StepSums(batch, context.control)
    gradients.restart(batch.plan.local)
    try compute(batch, sums)
    clock.next(.waiting)
    let totals = try context.reduction.totals(sums.sums, batch.plan)
    let loss = totals[0] / Double(batch.images.count)
    guard loss.isFinite else {
      throw try context.agreed(
        .diverged(
          stage: settings.stage, epoch: epoch, step: number, learningRate: rate, loss: loss,
          before: recentLosses))
    }
    recentLosses = (recentLosses + [loss]).suffix(5)
    clock.next(.gradientExchange)
    if fault == .notANumber { gradients.node(0)[trained.lowerBound] = .nan }
    try context.reduction.totals(gradients, range: trained, batch.plan, into: gradient.base)
    clock.next(.optimizer)
    let parameters = model.network.parameters.base + trained.lowerBound
    optimizer.step(
      [(parameters, centresStart - trained.lowerBound), (model.centres, model.centreCount)],
      gradient: gradient.base, learningRate: rate)
    if fault == .drift { parameters.pointee = Float(bitPattern: parameters.pointee.bitPattern ^ 1) }
    clock.stop()
    return (loss, RunRequest(stop: totals[1] > 0, save: totals[2] > 0))
  }

  /// Puts this rank's images of the mini-batch into the network, moved at random as pass number `pass` of the stage moves
  /// them.
  func load(_ batch: MiniBatch, pass: Int) {
    for group in 0..<batch.context.groups {
      let target = model.network.imageGroup(group)
      batch.numbers(group).withUnsafeBufferPointer { numbers in
        if augmentation == .none {
          context.images.gather(numbers, to: target)
        } else {
          let maps = numbers.map {
            augmentation.map(
              seed: progress.seed, purpose: settings.augmentation, pass: pass, image: Int($0),
              context.images.grid)
          }
          context.images.gather(numbers, maps: maps, to: target, scratch: scratch.base)
        }
      }
    }
  }

  func save(to snapshot: inout Snapshot) { optimizer.save(to: &snapshot) }
  func restore(from snapshot: SnapshotReader) throws { try optimizer.restore(from: snapshot) }
  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) { optimizer.replicated(visit) }
}
