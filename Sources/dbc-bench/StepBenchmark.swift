import ArgumentParser
import Clustering
import MPI
import Report
import Trace
import Training

/// Whole training steps of the trainer itself, on noise in memory.
struct StepBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "Training steps of both stages: images/s, GFLOP/s, percent of peak, time by phase.",
    discussion: """
      The trainer of dbc-train runs on images of noise; an epoch is a repetition, and the first one is not counted. \
      GFLOP/s are counted from the layer shapes (convolutions only, two operations per multiply-add), percent of \
      peak is of one core's measured rate of multiply-adds times the ranks. Phases are the mean over ranks, in \
      milliseconds per step; other is what no phase has.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var trainer: TrainerOptions

  @Option(help: "A network of the paper, or auto, the default one for 28 × 28 pixels; without it all.")
  var architecture: BenchmarkNetwork?

  @Option(help: "fcae (stage I) or dbc (stage II); without it both.")
  var stage: Stage?

  @Option(
    help: ArgumentHelp(
      "Steps of one repetition (default: 60, of 128 × 128 pixels 6).", valueName: "number"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Write what every rank did when as a trace for ui.perfetto.dev or chrome://tracing.", valueName: "file")
  )
  var trace: String?

  func check(ranks: Int) throws {
    try common.check()
    if let trace { try TraceFile.check(trace) }
    if let steps { try OptionError.require("steps", steps) }
    if let size = trainer.batchSize { try OptionError.require("batch-size", size, atLeast: 16) }
  }

  func measure(_ world: borrowing Communicator) throws {
    let report = StepReport(common, peak: try fusedMultiplyAddPeak(common.repetitions, world), world)
    let clock = PhaseClock(recording: trace == nil ? 0 : PhaseTrace.eventLimit(ranks: world.size))
    for network in architecture.map({ [$0] }) ?? BenchmarkNetwork.allCases {
      for stage in stage.map({ [$0] }) ?? [.pretraining, .chain] {
        try report.add(network, stage, try run(network, stage, clock, world), world)
      }
    }
    if let trace { try PhaseTrace.write(clock, to: trace, program: "dbc-bench", world) }
    report.finish()
  }

  /// The repetitions of one network and stage, without the first. **Collective.**
  private func run(
    _ network: BenchmarkNetwork, _ stage: Stage, _ clock: PhaseClock, _ world: borrowing Communicator
  ) throws -> StepTimes {
    var options = trainer.training(network)
    let epochs = common.repetitions + 1
    (options.pretrainEpochs, options.chainEpochs) = stage == .pretraining ? (epochs, 0) : (0, epochs)
    let steps = self.steps ?? (network.size == 128 ? 6 : 60)
    let observer = EpochCollector(stage)
    let trainer = try network.trainer(
      options, images: steps * options.batchSize, observer: observer, clock: clock, world)
    _ = try trainer.run()
    // The chain may have stopped early, as no assignment changed.
    let measured = observer.epochs.count > 1 ? Array(observer.epochs.dropFirst()) : observer.epochs
    return StepTimes(
      epochs: measured, steps: steps, batchSize: options.batchSize)
  }
}

extension Stage: ExpressibleByArgument {}

/// The measured epochs of one network and stage on this rank.
struct StepTimes {
  let epochs: [EpochRecord]
  let steps: Int
  let batchSize: Int
}

/// Keeps the epochs that consist of training steps.
private final class EpochCollector: TrainingObserver {
  private let stage: Stage
  private(set) var epochs: [EpochRecord] = []

  init(_ stage: Stage) { self.stage = stage }

  func record(_ record: MetricsRecord) throws {
    if case .epoch(let epoch) = record, epoch.stage == stage, epoch.epoch > 0 { epochs.append(epoch) }
  }
}
