import ArgumentParser
import MPI
import Training

/// Evaluation-mode features of a whole data set, as the trainer makes them.
struct EncodeBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Evaluation-mode features of a data set: images/s, GFLOP/s, percent of peak.",
    discussion: "The images are bytes in memory, as in a run; turning them into floats is part of it.")

  @OptionGroup var common: CommonOptions

  @Option(help: "A network of the paper, or auto, the default one for 28 × 28 pixels; without it all.")
  var architecture: BenchmarkNetwork?

  @Option(help: ArgumentHelp("Images (default: 20000, of 128 × 128 pixels 320).", valueName: "number"))
  var images: Int?

  func check(ranks: Int) throws {
    try common.check()
    if let images { try OptionError.require("images", images, atLeast: 16 * ranks) }
  }

  func measure(_ world: borrowing Communicator) throws {
    let output = Output("encode", common, world)
    let peak = try fusedMultiplyAddPeak(common.repetitions, world)
    for network in architecture.map({ [$0] }) ?? BenchmarkNetwork.allCases {
      let images = self.images ?? (network.size == 128 ? 320 : 20000)
      var options = TrainingOptions()
      options.batchSize = 16 * world.size
      let trainer = try network.trainer(options, images: images, observer: SilentObserver(), world)
      let seconds = try collectiveSeconds(common.repetitions, world, atLeastSeconds: 0.2) {
        try trainer.model.encode()
      }
      let rate = seconds.map { Double(images) / $0 }
      let billions = OperationCount(try network.architecture()).encoding * rate.median * 1e-9
      output.add([
        ("network", .text(network.rawValue)), ("images", .count(images)),
        ("images/s", .spread(rate, digits: 0)), ("GFLOP/s", .number(billions)),
        ("% of peak", .number(100 * billions / (peak * Double(world.size)))),
        ("peak of a core [GFLOP/s]", .number(peak)),
      ])
    }
    output.finish()
  }
}
