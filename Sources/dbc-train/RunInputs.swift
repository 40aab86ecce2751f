import Dataset
import FCAE
import MPI
import Report
import Training

/// What a run is given: images, options that fit them, and on rank 0 the labels, the model that it starts from, its directory
/// and the checkpoint that it resumes from.
final class RunInputs {
  let catalogue: ImageCatalogue
  let training: TrainingOptions
  let architecture: Architecture
  /// The ranks of this node, and the first ranks of all nodes.
  let nodes: NodeCommunicators
  /// The class number of every image, on rank 0, where there are labels.
  private(set) var labels: [Int32]?
  /// The model that the run starts from, on rank 0.
  private(set) var initial: SafeTensors?
  /// The run's directory, on rank 0.
  private(set) var directory: RunDirectory?
  /// The checkpoint that the run resumes from, on rank 0; nil where it begins.
  private(set) var point: ResumePoint?

  /// Finds the images, and whatever else is there, before any image is decoded. **Collective.** Throws on all ranks where
  /// something is missing, damaged, or does not fit.
  init(_ options: Options, _ world: borrowing Communicator) throws {
    let catalogue = try world.onRoot {
      try ImageCatalogue.scan(options.data.request(seed: options.seed), beat: Whereabouts.beat)
    }
    self.catalogue = catalogue
    let training = options.training(images: catalogue.count)
    self.training = training
    let shape = catalogue.shape
    func architecture() throws -> Architecture {
      try Architecture.named(
        options.network.architecture, channels: shape.channels, rows: shape.height, columns: shape.width)
    }
    try world.onRoot {
      try training.validate(images: catalogue.count, ranks: world.size)
      _ = try architecture()
    }
    self.architecture = try architecture()
    var (labels, initial): ([Int32]?, SafeTensors?)
    var (directory, point): (RunDirectory?, ResumePoint?)
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
    (self.labels, self.initial, self.directory, self.point) = (labels, initial, directory, point)
    nodes = try world.splitByNode()
  }

  /// What the run's bits depend on, given the fingerprint of the images.
  func identity(_ options: Options, fingerprint: String, ranks: Int) -> RunIdentity {
    func sum(_ sum: FileSum) -> String { "CRC-32 \(String(sum.crc32, radix: 16))" }
    let labels = labels.map { ", labels \(sum($0.withUnsafeBytes { FileSum(of: $0) }))" }
    return RunIdentity(
      options: options.identity(
        training, initialModel: initial.map { sum($0.sum) } ?? "none", images: catalogue.count, ranks: ranks),
      data: fingerprint + (labels ?? ", no labels"))
  }

  /// Rank 0: throws where the run to go on is another one, and an `EarlyExit` where it is finished.
  func requireUnfinished(_ options: Options, _ identity: RunIdentity) throws {
    try point?.require(identity)
    guard options.run.continuesOwn, !options.run.overwrite, let directory, directory.isFinished else {
      return
    }
    if point == nil { try identity.requireFinished(directory.file("config.json")) }
    throw EarlyExit(
      code: 0, text: "dbc-train: the run in \(directory.path) is finished; nothing is left to do")
  }

  /// Frees the tensors of the checkpoint and of the model, which the trainer has taken over.
  func forgetTensors() { (point, initial) = (nil, nil) }
}

extension DataOptions {
  /// The images as `Dataset` looks for them.
  func request(seed: UInt64) -> DatasetRequest {
    DatasetRequest(
      images: images, labels: labels, labelPattern: labelPattern, limit: limit, seed: seed,
      builtInCount: builtInImages)
  }
}
