import Foundation
import Support
import Testing

/// A directory in which one run is started, hit by faults and continued until it is over.
final class FaultRun: Sendable {
  /// Two epochs of four steps, k-means twice, three chain epochs of four steps: half a second.
  static let options = [
    "--recipe", "paper", "--built-in-images", "203", "--batch-size", "64", "--pretrain-epochs", "2",
    "--chain-epochs", "3",
    "--kmeans-restarts", "3", "--pixel-kmeans", "--quiet",
  ]
  static let resultFiles = [
    "model.safetensors", "scores.npy", "embeddings.npy", "assignments.csv", "features-by-epoch.safetensors",
  ]

  let folder: TemporaryDirectory
  let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = folder.path("run")
  }

  /// Starts dbc-train, or continues what is there, with a fault.
  func start(
    ranks: Int = 2, fault: String = "", _ more: [String] = ["--resume"],
    signal: (number: Int32, afterSeconds: Double)? = nil, killDelaySeconds: Int = 0
  ) throws -> ProcessResult {
    try Self.launch(
      ranks: ranks, fault: fault, ["--output", path] + more, signal: signal,
      killDelaySeconds: killDelaySeconds)
  }

  static func launch(
    ranks: Int, fault: String = "", _ more: [String],
    signal: (number: Int32, afterSeconds: Double)? = nil, killDelaySeconds: Int = 0
  ) throws -> ProcessResult {
    try ProcessRunner.mpirun(
      ranks: ranks, program: "dbc-train", arguments: options + more,
      environment: [
        "DBC_FAULT": fault, "OMPI_MCA_odls_base_sigkill_timeout": "\(killDelaySeconds)",
      ], timeLimitSeconds: 120, signal: signal)
  }

  /// A run that was stopped in the middle of stage II, to be copied.
  static func stopped() throws -> FaultRun {
    let run = try FaultRun()
    let result = try run.start(fault: "usr1:rank=1:at=step:stage=dbc:epoch=2:step=2")
    try #require(result.exitCode == 75, "\(result)")
    return run
  }

  /// Another run with the same files.
  func copy() throws -> FaultRun {
    let other = try FaultRun()
    try FileManager.default.copyItem(atPath: path, toPath: other.path)
    return other
  }

  /// The directories of the checkpoints, oldest first.
  var generations: [String] {
    let folder = "\(path)/checkpoints"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasSuffix(".tmp") }.sorted().map { "\(folder)/\($0)" }
  }

  /// Whether `name` is in the run's directory.
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// The bytes of the result files, and the metrics without times.
  func results() throws -> [Data] {
    var found = try Self.resultFiles.map { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)")) }
    let text = try String(contentsOfFile: "\(path)/metrics.jsonl", encoding: .utf8)
    for line in text.split(separator: "\n") {
      var object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      for key in ["seconds", "elapsed_seconds", "images_per_s"] { object[key] = nil }
      found.append(try JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
    }
    return found
  }

  /// What a run comes to that nothing happens to.
  static let undisturbed: [Data] = {
    do {
      let run = try FaultRun()
      let result = try run.start(ranks: 1, [])
      guard result.exitCode == 0 else { fatalError("\(result)") }
      return try run.results()
    } catch {
      fatalError("\(error)")
    }
  }()

  /// Continues the run to its end and expects the files of the undisturbed one.
  func expectRecovery(ranks: Int = 2, _ comment: String = "", warning: String? = nil) throws {
    let result = try start(ranks: ranks)
    #expect(result.exitCode == 0, "\(comment) \(result)")
    if let warning { #expect(result.errors.contains(warning), "\(comment) \(result)") }
    guard result.exitCode == 0 else { return }
    #expect(try results() == Self.undisturbed, "\(comment): other bits")
    let names = try FileManager.default.contentsOfDirectory(atPath: path)
    #expect(names.allSatisfy { !$0.hasSuffix(".tmp") && $0 != ".lock" }, "\(names)")
  }

  /// Expects one message with every text of `mentions` and the exit code `code`.
  static func expectDiagnosis(_ result: ProcessResult, _ code: Int32, _ mentions: [String]) {
    #expect(result.exitCode == code && !result.timedOut, "\(result)")
    for text in mentions { #expect(result.errors.contains(text), "\(text): \(result)") }
    let reports = result.errors.split(separator: "\n").filter {
      $0.contains("rror: ") || $0.contains("stopped at")
    }
    #expect(reports.count == 1, "\(result)")
  }
}
