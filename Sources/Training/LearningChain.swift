import Clustering
import FCAE
import Faults
import Lanes

/// Stage II, Algorithm 2 of the paper: encode all → S → R → B mini-batches → again, until no assignment changes.
extension Trainer {
  /// Runs the learning chain from the current encoder and centres: that of stage II, or, in `refine`, that of the
  /// finer clusters. **Collective.**
  ///
  /// - Returns: the state after the last epoch, which the features, `targets.scores` and the centres belong to.
  package mutating func runChain(_ targets: TargetStore) throws -> ChainState {
    try resumeChain(targets)
    let stage = chainStage
    let epochs = stage == .refinement ? options.refinementEpochs : options.chainEpochs
    while true {
      let epoch = progress.epoch
      var rate = 0.0
      if epoch > 0 {
        if progress.step < chainSteps {
          observer.willBegin(stage, epoch: epoch, of: epochs, steps: chainSteps)
        }
        try miniBatches(targets, stage, epoch: epoch)
        rate = Double(progress.images) / (monotonicSeconds() - epochStarted)
        try endEpoch(epoch, last: epoch == epochs, targets: targets)
      }
      if stage == .chain {
        if options.refreshes(afterEpoch: epoch) { partition = try refreshPartition(targets) }
        if !options.isGuided(afterEpoch: epoch) { partition = nil }
      }
      let state = try scoreAll(targets)
      guard state.meanMaximumScore.isFinite else {
        throw try agreed(.notFinite(stage: stage, epoch: epoch, learningRate: optimizer.learningRate))
      }
      try observer.record(
        .epoch(
          EpochRecord(
            stage: stage, epoch: epoch, origin: origin,
            loss: epoch > 0 ? progress.lossSum / Double(progress.images) : nil,
            learningRate: chainRate(stage), imagesPerSecond: rate,
            seconds: monotonicSeconds() - epochStarted, phases: clock.take(), chain: state,
            metrics: metrics(of: state.assignments))))
      if epoch == epochs || (epoch > 0 && state.changed == 0 && partition == nil) { return state }
      if let partition { try targets.setTarget(to: partition) }
      begin(Progress(progress.part, epoch: epoch + 1))
    }
  }

  /// Mini-batches of a chain epoch.
  var chainSteps: Int { options.iterations ?? stepsPerPass }

  /// Which of the two chains runs, or comes next.
  private var chainStage: Stage { progress.part == .refinement ? .refinement : .chain }

  func makeChainOptimizer() -> Optimizer {
    let rate = chainStage == .refinement ? options.refinementLearningRate : options.learningRate
    return Optimizer(
      options.chainOptimizer, learningRate: rate,
      range: options.reconstructionWeight > 0 ? 0..<network.layout.count : network.layout.clustering)
  }

  /// The learning rate of the last step of a chain that is over, or of its next one.
  private func chainRate(_ stage: Stage) -> Double {
    if stage == .refinement { return options.refinementLearningRate }
    let steps = Double(chainSteps)
    let step = Double(max(0, progress.epoch - 1)) * steps + Double(min(progress.step, chainSteps - 1))
    return options.learningRate * options.schedule.factor(step / max(1, Double(options.chainEpochs) * steps))
  }

  /// Gives `targets` what a checkpoint within the chain holds of it, or begins the chain. **Collective.**
  private mutating func resumeChain(_ targets: TargetStore) throws {
    guard try reduction.communicator.broadcast(UInt8(restored == nil ? 0 : 1)) == 1 else { return }
    var assignments: [Float] = []
    var target: [Float] = []
    if progress.epoch > 0 {
      let middle = progress.step < chainSteps
      try reduction.communicator.onRoot {
        guard let restored else { return }
        assignments = try restored.values("assignments", count: images.count)
        if middle { target = try restored.values("target", count: targets.target.count) }
      }
      try targets.restore(assignments: assignments.map { Int32($0) }, target: middle ? target : nil)
    }
    restored = nil
  }

  /// Steps (a) and (b): features of all images, S, and from it R on every node. **Collective.**
  private mutating func scoreAll(_ targets: TargetStore) throws -> ChainState {
    try encodeAll()
    clock.start(.target)
    defer { clock.stop() }
    let scores = softScores
    let kernels = AlignedBuffer<LaneVector>(count: clusters)
    for group in 0..<features.share.count {
      scores.score(
        features.group(group), centres: centres, mask: laneMask(images: features.imageCount(group)),
        scores: targets.scores.base + group * clusters, kernels: kernels.base)
    }
    return try targets.update()
  }

  /// Step (c): mini-batches against the fixed R, in as many passes over the data as they take, from the one that is
  /// next. **Collective.**
  private mutating func miniBatches(_ targets: TargetStore, _ stage: Stage, epoch: Int) throws {
    let shuffle = stage == .refinement ? RandomPurpose.refinementShuffle : .chainShuffle
    var order: [Int32] = []
    let passesPerEpoch = (chainSteps + stepsPerPass - 1) / stepsPerPass
    while progress.step < chainSteps {
      let step = progress.step + 1
      let (pass, position) = progress.step.quotientAndRemainder(dividingBy: stepsPerPass)
      if position == 0 || order.isEmpty {
        order = randomPermutation(
          count: images.count, seed: memberSeed, purpose: shuffle, epoch: epoch, index: pass)
      }
      let batch = miniBatch(position, of: order)
      let (loss, request) = try clusteringStep(
        batch, targets, stage, epoch: epoch, pass: epoch * passesPerEpoch + pass, step: step)
      progress.step = step
      progress.lossSum += loss * Double(batch.images.count)
      progress.images += batch.images.count
      observer.didStep(stage, epoch: epoch, step: step, images: progress.images, loss: loss)
      try serve(request, targets: targets)
    }
  }

  /// One step of stage II: forward, gradients (4) and (5), all-reduce, step of θ and μ. **Collective.**
  private mutating func clusteringStep(
    _ batch: MiniBatch, _ targets: TargetStore, _ stage: Stage, epoch: Int, pass: Int, step: Int
  ) throws -> (loss: Double, request: RunRequest) {
    let fault = FaultHook.pass("step", ["epoch": epoch, "step": step], stage: stage.rawValue)
    optimizer.learningRate = chainRate(stage)
    clock.start(.data)
    load(batch, stage == .refinement ? .refinementAugmentation : .chainAugmentation, pass: pass)
    clock.next(.forward)
    network.refreshWeights()
    try network.forwardEncoder(batch.context)
    if reconstructs { try network.forwardDecoder(batch.context) }
    clock.next(.backward)
    let sums = stepSums(batch)
    gradients.restart(batch.plan.local)
    let losses = try reconstructs ? reconstructionGradients(batch) : nil
    divergenceGradients(batch, targets, sums, reconstruction: losses)
    try network.backwardEncoder(batch.context, gradients: gradients)
    clock.next(.waiting)
    let outcome = try outcome(sums, batch, stage, epoch: epoch, step: step)
    clock.next(.gradientExchange)
    try optimize(batch, fault)
    return outcome
  }

  /// Whether the reconstruction has a part in stage II's loss.
  private var reconstructs: Bool { options.reconstructionWeight > 0 }

  /// The reconstruction's part of every group's loss; its gradients at the decoder's parameters and at the features.
  /// **Collective.**
  private mutating func reconstructionGradients(_ batch: MiniBatch) throws -> [Double] {
    let weight = options.reconstructionWeight
    let losses = (0..<batch.context.groups).map {
      weight
        * network.reconstructionLoss(
          $0, scale: Float(weight) / Float(batch.context.images), mask: batch.context.masks[$0])
    }
    try network.backwardDecoder(batch.context, gradients: gradients)
    return losses
  }

  /// KL(R‖S) of every group of this rank, its gradient at the features, and that at the centres. Where there is a
  /// `reconstruction`, its losses and its gradient at the features are added.
  private func divergenceGradients(
    _ batch: MiniBatch, _ targets: TargetStore, _ sums: borrowing StepSums, reconstruction: [Double]?
  ) {
    let rule = softScores
    let entry = network.layout["centres"]
    let memory = AlignedBuffer<LaneVector>(
      count: 3 * clusters + network.features + rule.gradientScratch)
    let scores = memory.base
    let kernels = scores + clusters
    let target = kernels + clusters
    let ofReconstruction = target + clusters
    let scratch = ofReconstruction + network.features
    for group in 0..<batch.context.groups {
      let features = network.featureGroup(group)
      rule.score(
        features, centres: centres, mask: batch.context.masks[group], scores: scores, kernels: kernels)
      for cluster in 0..<clusters { target[cluster] = .zero }
      for (lane, image) in batch.numbers(group).enumerated() {
        let row = targets.targetRow(Int(image))
        for cluster in 0..<clusters { target[cluster][lane] = row[cluster * laneCount] }
      }
      let dFeatures = network.featureGradientGroup(group)
      if reconstruction != nil { ofReconstruction.update(from: dFeatures, count: network.features) }
      let loss = rule.gradients(
        features, centres: centres, scores: scores, kernels: kernels, target: target,
        scale: 1 / Float(batch.context.images), dFeatures: dFeatures,
        dCentres: gradients.leaf(group) + entry.offset, scratch: scratch)
      if reconstruction != nil {
        for feature in 0..<network.features { dFeatures[feature] += ofReconstruction[feature] }
      }
      sums.add(group, loss: loss + (reconstruction?[group] ?? 0))
      gradients.add(group, range: entry.range)
    }
  }

  private var softScores: SoftScores {
    let freedom =
      chainStage == .refinement ? options.refinementDegreesOfFreedom : options.degreesOfFreedom
    return SoftScores(clusters: clusters, features: network.features, degreesOfFreedom: Float(freedom))
  }
}
