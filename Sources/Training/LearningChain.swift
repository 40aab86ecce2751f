import Clustering
import FCAE
import Lanes

/// Stage II, Algorithm 2 of the paper: encode all → S → R → B mini-batches → again, until no assignment changes.
extension Trainer {
  /// Runs the learning chain from the current encoder and centres. **Collective.**
  ///
  /// - Returns: the state after the last epoch, which the features, `targets.scores` and the centres belong to.
  package mutating func runChain(_ targets: TargetStore) throws -> ChainState {
    var optimizer = Optimizer(
      options.chainOptimizer, learningRate: options.learningRate, range: network.layout.clustering)
    let steps = options.iterations ?? stepsPerPass
    var loss: Double?
    var started = monotonicSeconds()
    var rate = 0.0
    var epoch = 0
    while true {
      let state = try scoreAll(targets)
      guard state.meanMaximumScore.isFinite else {
        throw try agreed(.notFinite(stage: .chain, epoch: epoch, learningRate: options.learningRate))
      }
      try observer.didEnd(
        EpochRecord(
          stage: .chain, epoch: epoch, loss: loss, learningRate: options.learningRate, imagesPerSecond: rate,
          seconds: monotonicSeconds() - started, phases: clock.take(), chain: state,
          metrics: metrics(of: state.assignments)))
      if epoch == options.chainEpochs || (epoch > 0 && state.changed == 0) { return state }
      epoch += 1
      started = monotonicSeconds()
      observer.willBegin(.chain, epoch: epoch, of: options.chainEpochs, steps: steps)
      let pass = try miniBatches(targets, &optimizer, epoch: epoch, steps: steps)
      loss = pass.loss
      rate = Double(pass.images) / (monotonicSeconds() - started)
    }
  }

  /// Steps (a) and (b): features of all images, S, and from it R on every node. **Collective.**
  private mutating func scoreAll(_ targets: TargetStore) throws -> ChainState {
    try encodeAll()
    clock.start(.target)
    defer { clock.stop() }
    let scores = softScores
    let kernels = AlignedBuffer<LaneVector>(count: options.clusters)
    for group in 0..<features.share.count {
      scores.score(
        features.group(group), centres: centres, mask: laneMask(images: features.imageCount(group)),
        scores: targets.scores.base + group * options.clusters, kernels: kernels.base)
    }
    return try targets.update()
  }

  /// Step (c): `steps` mini-batches against the fixed R, in as many passes over the data as that takes.
  /// **Collective.**
  private mutating func miniBatches(
    _ targets: TargetStore, _ optimizer: inout Optimizer, epoch: Int, steps: Int
  ) throws -> (loss: Double, images: Int) {
    var order: [Int32] = []
    var sum = 0.0
    var seen = 0
    let passesPerEpoch = (steps + stepsPerPass - 1) / stepsPerPass
    for step in 0..<steps {
      let (pass, position) = step.quotientAndRemainder(dividingBy: stepsPerPass)
      if position == 0 {
        order = randomPermutation(
          count: images.count, seed: options.seed, purpose: .chainShuffle, epoch: epoch, index: pass)
      }
      let first = position * options.batchSize
      let batch = miniBatch(order[first..<min(first + options.batchSize, order.count)])
      let loss = try clusteringStep(
        batch, targets, &optimizer, epoch: epoch, pass: epoch * passesPerEpoch + pass, step: step + 1)
      sum += loss * Double(batch.images.count)
      seen += batch.images.count
      observer.didStep(.chain, epoch: epoch, step: step + 1, images: seen, loss: loss)
    }
    return (sum / Double(seen), seen)
  }

  /// One step of stage II: forward, gradients (4) and (5), all-reduce, step of θ and μ. **Collective.**
  private mutating func clusteringStep(
    _ batch: MiniBatch, _ targets: TargetStore, _ optimizer: inout Optimizer, epoch: Int, pass: Int,
    step: Int
  ) throws -> Double {
    clock.start(.data)
    load(batch, .chainAugmentation, pass: pass)
    clock.next(.forward)
    network.refreshWeights()
    try network.forwardEncoder(batch.context)
    clock.next(.backward)
    let losses = TreeSums<Double>(width: 1, schedule: batch.plan.local)
    gradients.restart(batch.plan.local)
    divergenceGradients(batch, targets, losses)
    try network.backwardEncoder(batch.context, gradients: gradients)
    clock.next(.waiting)
    let loss = try meanLoss(
      losses, batch, .chain, epoch: epoch, step: step, learningRate: optimizer.learningRate)
    clock.next(.gradientExchange)
    try reduction.totals(gradients, range: optimizer.range, batch.plan, into: gradient.base)
    clock.next(.optimizer)
    optimizer.step(network.parameters.base, gradient: gradient.base)
    clock.stop()
    return loss
  }

  /// KL(R‖S) of every group of this rank, its gradient at the features, and that at the centres.
  private func divergenceGradients(
    _ batch: MiniBatch, _ targets: TargetStore, _ losses: borrowing TreeSums<Double>
  ) {
    let rule = softScores
    let entry = network.layout["centres"]
    let memory = AlignedBuffer<LaneVector>(count: 3 * options.clusters + rule.gradientScratch)
    let scores = memory.base
    let kernels = scores + options.clusters
    let target = kernels + options.clusters
    for group in 0..<batch.context.groups {
      let features = network.featureGroup(group)
      rule.score(
        features, centres: centres, mask: batch.context.masks[group], scores: scores, kernels: kernels)
      for cluster in 0..<options.clusters { target[cluster] = .zero }
      for (lane, image) in batch.numbers(group).enumerated() {
        let row = targets.targetRow(Int(image))
        for cluster in 0..<options.clusters { target[cluster][lane] = row[cluster * laneCount] }
      }
      losses.leaf(group)[0] = rule.gradients(
        features, centres: centres, scores: scores, kernels: kernels, target: target,
        scale: 1 / Float(batch.context.images), dFeatures: network.featureGradientGroup(group),
        dCentres: gradients.leaf(group) + entry.offset, scratch: target + options.clusters)
      losses.add(group)
      gradients.add(group, range: entry.range)
    }
  }

  private var softScores: SoftScores {
    SoftScores(
      clusters: options.clusters, features: network.features,
      degreesOfFreedom: Float(options.degreesOfFreedom))
  }
}
