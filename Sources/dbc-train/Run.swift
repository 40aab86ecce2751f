import Basics
import Commands
import Clustering
import FCAE
import Lanes
import MPI
import Report
import Trace
import Training
import Watchdog

/// The whole of a run, on every rank.
enum Run {
  /// Reads the images, trains, and writes the results. **Collective.**
  static func start(_ options: Options, _ world: borrowing Communicator) throws {
    let started = monotonicSeconds()
    try RankMismatch.requireOneProgram(world)
    let watchdog = try options.run.hangTimeout.seconds.flatMap {
      try Watchdog.start(world, program: "dbc-train", hangSeconds: $0)
    }
    defer { watchdog?.stop() }
    let deadline = Deadline.first(maximum: options.run.maxTime, started: started)
    let inputs = try RunInputs(options, deadline: deadline, world)

    try RankMismatch.check(world, "the images", inputs.facts.fingerprint)
    let identity = inputs.identity(options, ranks: world.size)
    try world.onRoot { try inputs.requireUnfinished(options, identity) }
    try NodeMemory.require(
      inputs.training, inputs.architecture, images: inputs.set.plan.count, ranks: inputs.nodes.node.size,
      world)

    let console = inputs.directory.map {
      Console(
        inputs.training, quiet: options.run.quiet, tensorboard: options.run.tensorboard, directory: $0,
        started: started)
    }
    // However this ends, a checkpoint that is under way is completed, and so are the curves and pictures.
    defer {
      _ = console?.keeper?.finish()
      console?.close()
    }
    let context = RunContext(
      inputs.training, images: inputs.takeImages(), labels: inputs.labels,
      reduction: try GroupReduction(world, mode: inputs.training.allReduce), nodes: inputs.nodes,
      observer: console ?? SilentObserver(),
      control: RunControl(options.run.checkpointEvery, deadline: world.isRoot ? deadline : nil),
      clock: PhaseClock(recording: options.run.trace == nil ? 0 : PhaseTrace.eventLimit(ranks: world.size)))
    let trainer = Trainer(context, inputs.architecture)
    let withoutImages = try begin(trainer, inputs, world)

    let facts = try RunFacts(
      world, inputs.architecture, trainer.model.network, inputs)
    try world.onRoot {
      try console?.begin(inputs, options, facts, identity, space: trainer.space)
      if let warning = Console.withoutImages(withoutImages) { Program.warn(warning) }
    }
    inputs.forgetTensors()
    try finish(
      trainer, sheet: try trainer.run(suggestsOnly: options.network.suggestOnly), inputs, console, world)
    if !options.run.noReport { try RunReport.write(trainer, to: inputs.directory, world) }
    if let file = options.run.trace {
      try PhaseTrace.write(context.clock, to: file, program: "dbc-train", world)
    }
    try world.onRoot { console?.closing(chainEpochs: inputs.training.chainEpochs) }
  }

  /// Takes the trainer to where the run begins: a checkpoint, a model, or weights that are drawn. **Collective.**
  ///
  /// - Returns: the model's clusters that none of the images are in.
  private static func begin(
    _ trainer: Trainer, _ inputs: RunInputs, _ world: borrowing Communicator
  ) throws -> [Int] {
    let point = inputs.point
    if try world.onRoot({ point != nil }) {
      try trainer.restore(point?.snapshot)
      return []
    }
    trainer.model.network.initialize(seed: inputs.training.seed)
    return try inputs.initial?.begin(trainer, world) ?? []
  }

  /// Writes the results. **Collective.**
  private static func finish(
    _ trainer: Trainer, sheet: ScoreSheet, _ inputs: RunInputs, _ console: Console?,
    _ world: borrowing Communicator
  ) throws {
    let results = try Results(trainer.model, sheet, trainer.context)
    let set = inputs.set
    try world.onRoot {
      guard let console else { return }
      _ = console.keeper?.finish()
      try console.directory.metrics.flush()
      try results.write(
        to: console.directory, trainer.model, inputs.training, set.plan.preparation, set.catalogue!)
    }
  }
}
