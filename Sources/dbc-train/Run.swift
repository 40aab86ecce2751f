import Clustering
import Dataset
import FCAE
import Foundation
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
    BLAS.useOneThread()
    try requireOneProgram(options, world)
    let watchdog = try options.run.hangTimeout.seconds.flatMap {
      try Watchdog.start(world, program: "dbc-train", hangSeconds: $0)
    }
    defer { watchdog?.stop() }
    let catalogue = try world.onRoot {
      try ImageCatalogue.scan(options.data.request(seed: options.seed), beat: Whereabouts.beat)
    }
    let training = options.training(images: catalogue.count)
    try world.onRoot { try training.validate(images: catalogue.count, ranks: world.size) }
    let shape = catalogue.shape
    let architecture = try architecture(options.network.architecture, shape, world)
    var directory: RunDirectory?
    var labels: [Int32]?
    var initial: SafeTensors?
    var point: ResumePoint?
    try world.onRoot {
      initial = try options.network.initialModel.map { try SafeTensors.read($0) }
      labels = try catalogue.labels()
      if let file = options.run.trace { try TraceFile.check(file) }
      let run = try RunDirectory(options.run.output, use: options.run.use)
      if let warning = run.lockWarning { Console.warn(warning) }
      if let path = options.run.resume {
        point = try ResumePoint.find(path, run, overwrite: options.run.overwrite)
      }
      directory = run
    }
    try requireOneBLAS(world)

    let nodes = try world.splitByNode()
    let images = try PixelStore(catalogue, world, node: nodes.node)
    let fingerprint = try images.fingerprint(node: nodes.node)
    try RankMismatch.check(world, "the images", fingerprint)
    let identity = RunIdentity(
      options: options.identity(
        training, initialModel: initial.map { "CRC-32 \(String($0.sum.crc32, radix: 16))" } ?? "none",
        images: catalogue.count, ranks: world.size),
      data: fingerprint + Self.fingerprint(labels))
    try world.onRoot {
      try point?.require(identity)
      if options.run.continuesOwn, !options.run.overwrite, let directory, directory.isFinished {
        if point == nil { try identity.requireFinished(directory.file("config.json")) }
        throw EarlyExit(
          code: 0, text: "dbc-train: the run in \(directory.path) is finished; nothing is left to do")
      }
    }
    try NodeMemory.require(
      training, architecture, images: images.count, ranks: nodes.node.size, world)
    let reduction = try GroupReduction(world, mode: training.allReduce)
    let console = directory.map {
      Console(quiet: options.run.quiet, directory: $0, started: started)
    }
    // However this ends, a checkpoint that is under way is completed.
    defer { _ = console?.keeper?.finish() }
    let clock = PhaseClock(
      recording: options.run.trace == nil ? 0 : PhaseTrace.eventLimit(ranks: world.size))
    let deadline = Deadline.first(maximum: options.run.maxTime, started: started)
    let context = RunContext(
      training, images: images, labels: labels, reduction: reduction, nodes: nodes,
      observer: console ?? SilentObserver(),
      control: RunControl(options.run.checkpointEvery, deadline: world.isRoot ? deadline : nil), clock: clock)
    let trainer = Trainer(context, architecture)
    let resumes = try world.onRoot { point != nil }
    if resumes {
      try trainer.restore(point?.snapshot)
    } else {
      trainer.model.network.initialize(seed: training.seed)
      if options.network.initialModel != nil { try trainer.model.network.load(initial, world) }
    }

    let facts = try RunFacts(world, architecture, trainer.model.network, catalogue)
    let space = trainer.space
    try world.onRoot {
      try directory?.requireSpace(checkpointBytes: space.checkpoint, resultBytes: space.results)
      console?.header(facts, resumed: point)
      try console?.begin(
        point, resumes: options.run.resume != nil, facts.config(options, training, identity), identity)
    }
    point = nil
    let results = try Results(trainer.model, try trainer.run(), context)
    try world.onRoot {
      guard let console else { return }
      _ = console.keeper?.finish()
      try console.directory.metrics.flush()
      try results.write(
        to: console.directory, model: trainer.model.safeTensors(seed: training.seed), labels: labels,
        catalogue)
    }
    if let file = options.run.trace { try PhaseTrace.write(clock, to: file, program: "dbc-train", world) }
    try world.onRoot { console?.closing() }
  }

  /// The labels' part of the data's fingerprint.
  private static func fingerprint(_ labels: [Int32]?) -> String {
    guard let labels else { return ", no labels" }
    let sum = labels.withUnsafeBytes { FileSum(of: $0) }
    return ", labels CRC-32 \(String(sum.crc32, radix: 16))"
  }

  /// All ranks must run the same program with the same options.
  private static func requireOneProgram(_ options: Options, _ world: borrowing Communicator) throws {
    try RankMismatch.check(
      world, "the version of dbc-train", BuildInformation.version, hint: "; install one on all nodes")
    try RankMismatch.check(
      world, "the options", CommandLine.arguments.dropFirst().joined(separator: " "))
  }

  private static func architecture(
    _ name: String, _ shape: ImageShape, _ world: borrowing Communicator
  ) throws -> Architecture {
    func make() throws -> Architecture {
      try Architecture.named(name, channels: shape.channels, rows: shape.height, columns: shape.width)
    }
    try world.onRoot { _ = try make() }
    return try make()
  }

  /// All ranks must use the same kernels, or a sum would depend on who forms it.
  private static func requireOneBLAS(_ world: borrowing Communicator) throws {
    let own = BLAS.coreName
    let first = try world.broadcast(own)
    let host = world.host
    try world.together {
      guard own == first else {
        throw BLASMismatch(
          description: "OpenBLAS runs its \(own) kernels on \(host) and its \(first) kernels on rank 0; set "
            + "OPENBLAS_CORETYPE to one value on all nodes (mpirun -x OPENBLAS_CORETYPE)")
      }
    }
    if world.isRoot, BuildInformation.machineHasAVX512, ["Haswell", "Zen"].contains(own) {
      Console.warn(
        "OpenBLAS runs its \(own) kernels on a CPU with AVX-512: k-means is about half as fast as it could be; set "
          + "OPENBLAS_CORETYPE=SkylakeX")
    }
  }
}

extension DataOptions {
  /// The images as `Dataset` looks for them.
  func request(seed: UInt64) -> DatasetRequest {
    DatasetRequest(
      images: images, labels: labels, labelPattern: labelPattern, limit: limit, seed: seed,
      builtInCount: builtInImages)
  }
}
