import Basics
import Commands
import FoundationEssentials
import Report
import Training

/// A checkpoint that a run resumes from, on rank 0.
struct ResumePoint {
  let snapshot: Snapshot
  let identity: RunIdentity
  /// How much of the metrics belongs to it, and the file.
  let metricsBytes: Int
  let metricsPath: String
  /// What the run took until then, in seconds over all sessions; nil of a checkpoint that does not say.
  let runSeconds: Double?
  /// Where it was found, for messages.
  let path: String
  /// The generation of the output directory's own run that was named; nil where none was.
  private(set) var ownGeneration: Int?
  /// The epochs that the chain was to have, where it is to have more of them now; nil where it is not.
  private(set) var epochsBefore: Int?

  /// The newest usable checkpoint of `directory`, or what `path`, a run or one generation, holds; nil where there
  /// is none. Warns of newer ones that are damaged.
  ///
  /// - Parameter overwrite: whether the run in `directory` may go back to an older generation than its newest
  static func find(_ path: String, _ directory: RunDirectory, overwrite: Bool) throws -> ResumePoint? {
    let isOwn = isRun(path, in: directory.path)
    if let (run, number) = generation(path) {
      let contents = try CheckpointDirectory.read(path)
      guard isOwn else { return try ResumePoint(contents, path, run: run) }
      var point = try ResumePoint(contents, path, run: directory.path)
      point.ownGeneration = number
      guard try overwrite || number == directory.checkpoints.generations.last else {
        throw ReportError(
          .output, path,
          "is older than the newest checkpoint of the run in --output; --overwrite goes back to it and removes what "
            + "came after, or choose another --output")
      }
      return point
    }
    if isOwn { return try newest(directory.checkpoints, run: directory.path) }
    guard let point = try newest(CheckpointDirectory(run: path), run: path) else {
      throw ReportError(
        .unreadable, path, "holds no checkpoint; --resume takes a run's directory, or one generation")
    }
    return point
  }

  /// Whether `path`, what `--resume` was given, is the run in `directory`, or one of its generations.
  static func isRun(_ path: String, in directory: String) -> Bool {
    if path.isEmpty { return true }
    guard let run = Files.status(run(of: path, in: directory)) else { return false }
    return run.identity == Files.status(directory)?.identity
  }

  /// The directory of the run that `path`, what `--resume` was given, names.
  static func run(of path: String, in directory: String) -> String {
    path.isEmpty ? directory : generation(path)?.run ?? path
  }

  /// The directory of the run that `path`, a generation of checkpoints, belongs to, and its number; nil where it is none.
  private static func generation(_ path: String) -> (run: String, number: Int)? {
    let path = FileName.absolute(path)
    let folder = FileName.folder(path)
    guard let number = CheckpointDirectory.number(FileName.last(path)),
      FileName.last(folder) == CheckpointDirectory.folderName
    else { return nil }
    return (FileName.folder(folder), number)
  }

  private static func newest(_ checkpoints: CheckpointDirectory, run: String) throws -> ResumePoint? {
    guard let (found, damage) = try checkpoints.newest() else { return nil }
    for error in damage { Program.warn("\(error); an older checkpoint is taken") }
    return try ResumePoint(found.contents, checkpoints.directory(found.generation), run: run)
  }

  private init(_ contents: SafeTensors, _ path: String, run: String) throws {
    func decode<Value: Decodable>(_ key: String, _: Value.Type) throws -> Value {
      guard let text = contents.metadata[key],
        let value = try? JSON.decode(Value.self, from: Data(text.utf8))
      else {
        throw ReportError(
          .malformed, path, "expected \(key) in the metadata, found none that this version understands")
      }
      return value
    }
    snapshot = Snapshot(
      state: try decode("state", RunState.self),
      tensors: contents.tensors.map { .init(name: $0.name, values: $0.values) },
      scalars: try decode("scalars", [String: Double].self))
    identity = try decode("identity", RunIdentity.self)
    metricsBytes = try decode("metrics_bytes", Int.self)
    metricsPath = "\(run)/metrics.jsonl"
    runSeconds = contents.metadata["run_seconds"].flatMap { Double($0) }
    self.path = path
  }

  /// The epoch of stage II whose record comes next; 0 before stage II.
  var chainEpoch: Int {
    let state = snapshot.state
    return state.place.part == .chain && state.isBegun ? state.epoch : 0
  }

  /// Throws where the run that `now` describes would not come to the same result, unless only its chain is to be longer.
  mutating func require(_ now: RunIdentity) throws(ReportError) {
    var then = identity
    if let before = identity.chainEpochs, let asked = now.chainEpochs, asked > before {
      (then.chainEpochs, epochsBefore) = (asked, before)
    }
    try now.require(then, of: path)
    let program = now.programDifferences(from: identity)
    if !program.isEmpty {
      Program.warn("\(program.joined(separator: "; ")): the last bits of the result may differ")
    }
  }
}

extension RunIdentity {
  /// The epochs of the chain.
  fileprivate var chainEpochs: Int? {
    get { options["--chain-epochs"].flatMap { Int($0) } }
    set { options["--chain-epochs"] = newValue.map(String.init) }
  }

  /// Throws where the finished run whose config.json this is was another one. One that does not say is taken for the same.
  func requireFinished(_ path: String) throws(ReportError) {
    guard let data = Files.contents(path),
      let found = try? JSONDecoder().decode(RunConfig.self, from: Data(data)).identity
    else { return }
    try require(found, of: path)
  }

  /// Throws where the run that `then` describes, found at `path`, would not come to the same result.
  func require(_ then: RunIdentity, of path: String) throws(ReportError) {
    let found = differences(from: then)
    guard found.isEmpty else {
      throw ReportError(
        .malformed, path,
        "belongs to another run: \(found.joined(separator: "; ")); resume with what it was started with, or begin "
          + "anew with --overwrite and without --resume")
    }
  }
}

extension Console {
  /// Shows the header, and puts the run's first files into the directory, or takes up those of the run that it continues.
  ///
  /// - Parameter space: bytes of a checkpoint and of the results
  func begin(
    _ inputs: RunInputs, _ options: Options, _ facts: RunFacts, _ identity: RunIdentity,
    space: (checkpoint: Int, results: Int)
  ) throws(ReportError) {
    try directory.requireSpace(checkpointBytes: space.checkpoint, resultBytes: space.results)
    let point = inputs.point
    header(facts, inputs.training, resumed: point)
    if let text = options.initialModelText(inputs.training) { say("  init          \(text)") }
    if !options.run.quiet {
      RunControl.announceStop("\ndbc-train: stops after this step, and writes a checkpoint\n")
    }
    for warning in facts.warnings(clusters: inputs.training.clusterCount.least) { Program.warn(warning) }
    if let warning = inputs.initial?.warning(facts.preparation) { Program.warn(warning) }
    let log = directory.file("metrics.jsonl")
    // Continued in its own directory, the run keeps everything that is there.
    if point == nil, options.run.resume != nil, try directory.isUsed {
      Program.warn("\(FileName.shown(directory.path)) holds no checkpoint; the run begins anew")
    }
    let isOwn = point?.metricsPath == log
    if !isOwn { try directory.begin(config: facts.config(options, inputs.training, identity)) }
    if !isOwn, try directory.isUsed, Files.exists(directory.file(ClusterNames.fileName)) {
      Program.warn(
        "\(FileName.shown(directory.file(ClusterNames.fileName))) names the clusters of the run that was here before, and now those "
          + "of this one; remove it, unless they are the same")
    }
    var lines: [Data] = []
    if let point {
      lines = try directory.metrics.resume(at: point.metricsBytes, from: point.metricsPath) {
        () throws(ReportError) in
        if isOwn { try directory.goBack(to: point.ownGeneration) }
        if isOwn, point.epochsBefore != nil {
          try directory.write(config: facts.config(options, inputs.training, identity))
        }
      }
    }
    let skipped = inputs.set.catalogue?.skipped ?? []
    try directory.writeSkipped(skipped.map { ($0.error.file ?? "", $0.error.message) })
    begin(MetricsLog.records(MetricsRecord.self, in: lines), at: point, identity)
  }
}

extension RunOptions {
  /// The run that `--resume` names, which may have packed images, or none.
  var resumedRun: [String] { resume.map { $0.isEmpty ? [] : [$0] } ?? [] }

  /// Whether the run that `--resume` names, or one that is in the output directory, has a checkpoint.
  var findsCheckpoint: Bool {
    guard let resume else { return false }
    let checkpoints = CheckpointDirectory(run: ResumePoint.run(of: resume, in: output))
    return !((try? checkpoints.generations) ?? []).isEmpty
  }

  /// Whether the run in the output directory is to go on.
  var continuesOwn: Bool { resume.map { ResumePoint.isRun($0, in: output) } ?? false }

  /// What is done with a run that is in the output directory.
  var use: RunDirectory.Use {
    // Continued from elsewhere, a run in the output directory is as much in the way as ever.
    if continuesOwn { return .resume }
    return overwrite ? .replace : .refuse
  }
}
