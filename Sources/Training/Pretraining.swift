import FCAE
import Lanes

extension Trainer {
  /// Stage I: trains the auto-encoder to reconstruct the images. **Collective.**
  package mutating func pretrain() throws {
    var optimizer = Optimizer(
      options.optimizer, learningRate: options.pretrainLearningRate, range: network.layout.autoEncoder)
    for epoch in stride(from: 1, through: options.pretrainEpochs, by: 1) {
      observer.willBegin(.pretraining, epoch: epoch, of: options.pretrainEpochs, steps: stepsPerPass)
      let started = monotonicSeconds()
      let order = randomPermutation(
        count: images.count, seed: options.seed, purpose: .shuffle, epoch: epoch)
      var sum = 0.0
      for step in 0..<stepsPerPass {
        let first = step * options.batchSize
        let batch = miniBatch(order[first..<min(first + options.batchSize, order.count)])
        let loss = try reconstructionStep(batch, &optimizer, epoch: epoch, step: step + 1)
        sum += loss * Double(batch.images.count)
        observer.didStep(
          .pretraining, epoch: epoch, step: step + 1, images: first + batch.images.count, loss: loss)
      }
      let seconds = monotonicSeconds() - started
      try observer.didEnd(
        EpochRecord(
          stage: .pretraining, epoch: epoch, loss: sum / Double(images.count),
          learningRate: options.pretrainLearningRate, imagesPerSecond: Double(images.count) / seconds,
          seconds: seconds, phases: clock.take(), chain: nil, metrics: nil))
    }
  }

  /// One step of stage I; returns the mean squared error per image before it. **Collective.**
  private mutating func reconstructionStep(
    _ batch: MiniBatch, _ optimizer: inout Optimizer, epoch: Int, step: Int
  ) throws -> Double {
    let context = batch.context
    clock.start(.data)
    load(batch, .augmentation, pass: epoch)
    clock.next(.forward)
    network.refreshWeights()
    try network.forwardEncoder(context)
    try network.forwardDecoder(context)
    let losses = TreeSums<Double>(width: 1, schedule: batch.plan.local)
    for group in 0..<context.groups {
      losses.leaf(group)[0] = network.reconstructionLoss(
        group, scale: 1 / Float(context.images), mask: context.masks[group])
      losses.add(group)
    }
    clock.next(.backward)
    gradients.restart(batch.plan.local)
    try network.backward(context, gradients: gradients)
    clock.next(.waiting)
    let loss = try meanLoss(
      losses, batch, .pretraining, epoch: epoch, step: step, learningRate: optimizer.learningRate)
    clock.next(.gradientExchange)
    try reduction.totals(gradients, range: optimizer.range, batch.plan, into: gradient.base)
    clock.next(.optimizer)
    optimizer.step(network.parameters.base, gradient: gradient.base)
    clock.stop()
    return loss
  }
}
