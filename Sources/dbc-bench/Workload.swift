import ArgumentParser
import Dataset
import Images
import FCAE
import Lanes
import MPI
import Training

/// Floating-point operations per image, counted from the layer shapes: two per multiply-add.
struct OperationCount {
  /// A step of stage I: forward and weight gradient of all layers, data gradient of all but the first.
  let pretraining: Double
  /// A step of stage II: the same of the encoder alone.
  let chain: Double
  /// The encoder's forward pass.
  let encoding: Double

  init(_ architecture: Architecture) {
    let layers = architecture.layers.map { Double($0.shape.multiplyAdds) }
    let sum = layers.reduce(0, +)
    encoding = 2 * sum
    chain = 2 * (3 * sum - layers[0])
    pretraining = 2 * (6 * sum - layers[0])
  }

  func perImage(_ stage: Stage) -> Double { stage == .pretraining ? pretraining : chain }
}

/// What decides about a training step besides the network, for the benchmarks that train.
struct TrainerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Images of a mini-batch over all ranks, a multiple of 16 (default: 256, of 128 × 128 pixels 32).",
      valueName: "images"))
  var batchSize: Int?

  @Option(help: "Optimiser: sgd (momentum 0.9) or adam.")
  var optimizer = OptimizerKind.adam

  @Option(help: "Order of sums over ranks: fixed-order or native.")
  var allReduce = ReductionMode.fixedOrder

  @Option(help: "Batch-norm statistics over the whole mini-batch (sync) or over each rank's part (local).")
  var batchNorm = BatchNormScope.sync

  /// The trainer's options for `network`.
  func training(_ network: BenchmarkNetwork) -> TrainingOptions {
    var options = TrainingOptions()
    options.batchSize = batchSize ?? network.batchSize
    options.batchNorm = batchNorm
    options.allReduce = allReduce
    (options.optimizer, options.chainOptimizer) = (optimizer, optimizer)
    // Small enough for any optimiser on noise: what is learnt does not matter.
    options.pretrainLearningRate = optimizer == .adam ? 1e-4 : 1e-7
    return options
  }
}

extension OptimizerKind: ExpressibleByArgument {}
extension BatchNormScope: ExpressibleByArgument {}
extension ReductionMode: ExpressibleByArgument {}

extension BenchmarkNetwork {
  /// The network in a trainer, with `images` images of noise in memory. **Collective.**
  func trainer(
    _ options: TrainingOptions, images: Int, observer: any TrainingObserver, clock: PhaseClock = PhaseClock(),
    _ world: borrowing Communicator
  ) throws -> Trainer {
    var options = options
    (options.clusters, options.kmeansRestarts) = (min(clusters, images), 1)
    try world.onRoot {
      try options.validate(images: images)
      // Ranks that have nothing to do are nothing to measure.
      try OptionError.require("batch-size", options.batchSize, atLeast: 16 * world.size)
      try OptionError.require("images", images, atLeast: 16 * (world.size - 1) + 1)
    }
    let shape = ImageShape(channels: channels, height: size, width: size)
    let nodes = try world.splitByNode()
    let pixels = try PixelStore(shape, count: images, node: nodes.node) { image, bytes in
      var random = CounterRandom(seed: 0, purpose: .benchmark, index: image)
      for i in bytes.indices where i % 4 == 0 {
        let word = random.next32()
        for j in i..<min(i + 4, bytes.count) { bytes[j] = UInt8(truncatingIfNeeded: word >> (8 * (j - i))) }
      }
    }
    let context = RunContext(
      options, images: pixels, reduction: try GroupReduction(world, mode: options.allReduce), nodes: nodes,
      observer: observer, clock: clock)
    let trainer = Trainer(context, try architecture())
    trainer.model.network.initialize(seed: 0)
    return trainer
  }
}
