import Basics
import Commands
import Dataset
import FCAE
import Images
import MPI
import Report
import Training

/// What a run is given: images, options that fit them, and on rank 0 the labels, the model that it starts from, its directory
/// and the checkpoint that it resumes from.
final class RunInputs {
  /// The images, as files.
  let set: ImageSet
  /// The images, decoded, until `takeImages`.
  private var images: PixelStore?
  /// What is known of them.
  let facts: PixelFacts
  /// What finding and decoding them took.
  let readSeconds: Double
  let training: TrainingOptions
  let architecture: Architecture
  /// The ranks of this node, and the first ranks of all nodes.
  let nodes: NodeCommunicators
  /// The model that the run starts from; nil where it starts from none, or goes on.
  private(set) var initial: InitialModel?
  /// The run's directory, on rank 0.
  let directory: RunDirectory?
  /// The checkpoint that the run resumes from, on rank 0; nil where it begins.
  private(set) var point: ResumePoint?

  /// Finds the images, checks whatever else is there, and then decodes them. **Collective.** Throws on all ranks where
  /// something is missing, damaged, or does not fit.
  ///
  /// - Parameter deadline: the end of the time that the run has
  init(_ options: Options, deadline: Deadline?, _ world: borrowing Communicator) throws {
    let started = monotonicSeconds()
    let progress = ReadingProgress(
      quiet: options.run.quiet || !world.isRoot, afterStop: "--resume begins the run", deadline: deadline)
    nodes = try world.splitByNode()
    let folder = options.images.cache.map(PackingFolder.named) ?? .run(options.run.output)
    let request = try world.together {
      try DatasetRequest(options.images, options.labels, options.preparation, seed: options.seed)
    }
    let initial = try InitialModel.read(options, world)
    set = try ImageSet(
      request, packedIn: [folder.path] + options.run.resumedRun, world, nodes,
      progress: progress.update)
    // Before anything is decoded: what does not fit is said at once.
    _ = try Self.fitted(options, set, initial, world)
    var (directory, point): (RunDirectory?, ResumePoint?)
    try world.onRoot {
      if let file = options.run.trace { try TraceFile.check(file) }
      let isThere = Files.exists(options.run.output)
      do {
        (directory, point) = try Self.opened(options.run)
      } catch {
        // Where it was made for nothing, and is empty.
        if !isThere { Files.removeFolder(options.run.output) }
        throw error
      }
    }
    (self.initial, self.directory, self.point) = (initial, directory, point)
    let images = try set.decoded(
      keeping: folder, world, nodes, progress: progress.update, warn: { Program.warn($0) })
    progress.end()
    readSeconds = monotonicSeconds() - started
    // Some may have been left out.
    (training, architecture) = try Self.fitted(options, set, initial, world)
    facts = try images.facts(node: nodes.node)
    self.images = consume images
  }

  /// The run's directory, and the checkpoint that it resumes from; on rank 0.
  private static func opened(_ options: RunOptions) throws -> (RunDirectory?, ResumePoint?) {
    let run = try RunDirectory(options.output, use: options.use)
    run.warnings.forEach(Program.warn)
    return (run, try options.resume.flatMap { try ResumePoint.find($0, run, overwrite: options.overwrite) })
  }

  /// The options and the network for so many images of such a shape. **Collective.**
  private static func fitted(
    _ options: Options, _ set: ImageSet, _ initial: InitialModel?, _ world: borrowing Communicator
  ) throws -> (TrainingOptions, Architecture) {
    let (count, shape) = (set.plan.count, set.plan.shape)
    let training = options.training(images: count, modelClusters: initial?.clusters)
    func architecture() throws -> Architecture {
      try Architecture.named(
        options.network.architecture, channels: shape.channels, rows: shape.height, columns: shape.width)
    }
    try world.onRoot {
      try options.requireClusters(training, modelClusters: initial?.clusters)
      try training.validate(images: count)
      let architecture = try architecture()
      try initial?.require(training, set.plan.preparation, architecture)
    }
    return (training, try architecture())
  }

  /// The class number of every image, on rank 0, where there are labels.
  var labels: [Int32]? { self.set.catalogue?.labels?.numbers }

  /// What the run's bits depend on.
  func identity(_ options: Options, ranks: Int) -> RunIdentity {
    let labels = labels.map { ", labels \($0.withUnsafeBytes { FileSum(of: $0) }.text)" }
    // Without the model the run goes on from that which it has started from.
    let model = options.network.initialModel.flatMap { _ in initial?.sum ?? point?.identity.initialModel }
    return RunIdentity(
      options: options.identity(
        training, initialModel: model ?? "none", images: set.plan.count, ranks: ranks),
      data: facts.fingerprint + (labels ?? ", no labels"))
  }

  /// The decoded images, which the trainer takes over.
  func takeImages() -> PixelStore { images.take()! }

  /// Rank 0: throws where the run to go on is another one, and an `EarlyExit` where it is finished.
  func requireUnfinished(_ options: Options, _ identity: RunIdentity) throws {
    try point?.require(identity)
    guard options.run.continuesOwn, !options.run.overwrite, let directory, directory.isFinished,
      point?.epochsBefore == nil
    else { return }
    if point == nil { try identity.requireFinished(directory.file("config.json")) }
    throw EarlyExit(
      code: 0,
      text: "dbc-train: the run in \(FileName.shown(directory.path)) is finished; nothing is left to do"
        + (directory.hasReport || options.run.noReport ? "" : " (dbc-report makes its report)"))
  }

  /// Frees the tensors of the checkpoint and of the model, which the trainer has taken over.
  func forgetTensors() { (point, initial) = (nil, nil) }
}
