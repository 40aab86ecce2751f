import Foundation
import Report
import Training

/// A checkpoint that a run resumes from, on rank 0.
struct ResumePoint {
  let snapshot: Snapshot
  let identity: RunIdentity
  /// How much of the metrics belongs to it, and the file.
  let metricsBytes: Int
  let metricsPath: String
  /// Where it was found, for messages.
  let path: String

  /// The newest usable checkpoint of `directory`, or what `path`, a run or one generation, holds; nil where there
  /// is none. Warns of newer ones that are damaged.
  static func find(_ path: String, _ directory: RunDirectory) throws -> ResumePoint? {
    guard !path.isEmpty, !same(path, directory.path) else {
      return try newest(directory.checkpoints, run: directory.path)
    }
    if URL(fileURLWithPath: path).lastPathComponent.hasPrefix("generation-") {
      let run = URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent().path
      return try ResumePoint(try CheckpointDirectory.read(path), path, run: run)
    }
    guard let point = try newest(CheckpointDirectory(run: path), run: path) else {
      throw ReportError(
        .unreadable, path, "holds no checkpoint; --resume takes a run's directory, or one generation")
    }
    return point
  }

  private static func same(_ a: String, _ b: String) -> Bool {
    URL(fileURLWithPath: a).standardizedFileURL.path == URL(fileURLWithPath: b).standardizedFileURL.path
  }

  private static func newest(_ checkpoints: CheckpointDirectory, run: String) throws -> ResumePoint? {
    guard let (found, damage) = try checkpoints.newest() else { return nil }
    for error in damage { Console.warn("\(error); an older checkpoint is taken") }
    return try ResumePoint(found.contents, checkpoints.directory(found.generation), run: run)
  }

  private init(_ contents: SafeTensors, _ path: String, run: String) throws {
    func decode<Value: Decodable>(_ key: String, _: Value.Type) throws -> Value {
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      guard let text = contents.metadata[key],
        let value = try? decoder.decode(Value.self, from: Data(text.utf8))
      else {
        throw ReportError(
          .malformed, path, "expected \(key) in the metadata, found none that this version understands")
      }
      return value
    }
    snapshot = Snapshot(
      progress: try decode("progress", Progress.self),
      tensors: contents.tensors.map { .init(name: $0.name, values: $0.values) })
    identity = try decode("identity", RunIdentity.self)
    metricsBytes = try decode("metrics_bytes", Int.self)
    metricsPath = "\(run)/metrics.jsonl"
    self.path = path
  }

  /// Throws where the run that `now` describes would not come to the same result.
  func require(_ now: RunIdentity) throws(ReportError) {
    let found = now.differences(from: identity)
    guard found.isEmpty else {
      throw ReportError(
        .malformed, path,
        "belongs to another run: \(found.joined(separator: "; ")); resume with what it was started with, or begin "
          + "anew with --overwrite")
    }
    let program = now.programDifferences(from: identity)
    if !program.isEmpty {
      Console.warn("\(program.joined(separator: "; ")): the last bits of the result may differ")
    }
  }
}

extension Console {
  /// Puts the run's first files into the directory, or takes up those of the run that it continues.
  func begin(
    _ point: ResumePoint?, resumes: Bool, _ config: JSONLine, _ identity: RunIdentity
  ) throws(ReportError) {
    let log = directory.file("metrics.jsonl")
    // Continued in its own directory, the run keeps everything that is there.
    if point == nil, directory.isUsed, resumes {
      Console.warn("\(directory.path) holds no checkpoint; the run begins anew")
    }
    if point?.metricsPath != log { try directory.begin(config: config) }
    if let point { replay(try directory.metrics.resume(at: point.metricsBytes, from: point.metricsPath)) }
    keeper = CheckpointKeeper(directory, identity)
  }
}

extension RunOptions {
  /// What is done with a run that is in the output directory.
  var use: RunDirectory.Use {
    if overwrite { return .replace }
    // Continued from elsewhere, a run in the output directory is as much in the way as ever.
    return resume == "" ? .resume : .refuse
  }
}

extension Trainer {
  /// About the bytes of a checkpoint and of the results.
  var space: (checkpoint: Int, results: Int) {
    let perImage = 4 * (network.features + options.clusters) + 64
    return (checkpointBytes, 4 * network.layout.count + perImage * images.count)
  }
}
