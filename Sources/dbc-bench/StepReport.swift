import Lanes
import MPI
import Training

/// Prints training steps: rates and phases, in a table each or in one line of JSON.
struct StepReport {
  private let options: CommonOptions
  private let rates: Output
  private let phases: Output
  /// One core's peak in GFLOP/s.
  private let peak: Double

  init(_ options: CommonOptions, peak: Double, _ world: borrowing Communicator) {
    self.options = options
    self.peak = peak
    rates = Output("step", options, world)
    phases = Output("step, milliseconds by phase", options, world)
  }

  /// **Collective.**
  func add(
    _ network: BenchmarkNetwork, _ stage: Stage, _ times: StepTimes, _ world: borrowing Communicator
  ) throws {
    let name: [(String, Measure)] = [
      ("network", .text(network.rawValue)), ("stage", .text(stage.rawValue)),
      ("batch size", .count(times.batchSize)),
    ]
    let rate = Spread(try world.broadcast(times.epochs.map(\.imagesPerSecond)))
    let operations = OperationCount(try network.architecture()).perImage(stage)
    let billions = operations * rate.median * 1e-9
    let memory = try world.allReduce(Int64(BuildInformation.peakMemoryBytes), .max)
    let speed: [(String, Measure)] = [
      ("steps", .count(times.steps)), ("images/s", .spread(rate, digits: 0)),
      ("GFLOP/s", .number(billions)), ("% of peak", .number(100 * billions / (peak * Double(world.size)))),
    ]
    let rest: [(String, Measure)] = [
      ("peak of a core [GFLOP/s]", .number(peak)), ("memory [MiB]", .count(Int(memory) >> 20)),
    ]
    let secondsPerStep = Double(times.batchSize) / rate.median
    let milliseconds = try phaseMilliseconds(times, secondsPerStep: secondsPerStep, world)
    switch options.format {
    case .json: rates.add(name + speed + milliseconds + rest)
    case .table:
      rates.add(name + speed + rest)
      phases.add(name + milliseconds)
    }
  }

  func finish() {
    rates.finish()
    if options.format == .table { phases.finish() }
  }

  /// Per phase the median over repetitions of the mean over ranks, and what is left of the step. **Collective.**
  private func phaseMilliseconds(
    _ times: StepTimes, secondsPerStep: Double, _ world: borrowing Communicator
  ) throws -> [(String, Measure)] {
    let scale = 1e3 / Double(times.steps * world.size)
    let medians = try Phase.step.map { phase in
      let own = times.epochs.map { epoch in epoch.phases.first { $0.phase == phase }?.seconds ?? 0 }
      return Spread(try world.allReduce(own, .sum)).median * scale
    }
    let other = max(0, secondsPerStep * 1e3 - medians.reduce(0, +))
    return zip(Phase.step.map(\.title) + ["other"], medians + [other]).map {
      ("\($0) [ms]", .number($1, digits: 3))
    }
  }
}
