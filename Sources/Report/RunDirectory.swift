import Basics
import Glibc

/// The directory that holds everything of one run.
///
/// Nothing of an older run is touched before the new one has its first file to put there.
package final class RunDirectory {
  /// What is done with a run that is there already.
  package enum Use: Sendable { case refuse, replace, resume }

  /// Where it is, as it was given.
  package let path: String
  /// The run's checkpoints.
  package let checkpoints: CheckpointDirectory
  /// metrics.jsonl
  package let metrics: MetricsLog
  private let use: Use
  private let lock: RunLock
  /// What else was in the directory when it was opened, in order of names; empty where a run was there.
  private let others: [String]
  /// The files of a run that were there when the directory was opened.
  private let present: [String]
  /// The model is written last: where all are there, the run has come to its end.
  private static let files = [
    "config.json", "metrics.jsonl", "embeddings.npy", "scores.npy", "assignments.csv", "model.safetensors",
  ]

  /// What a report adds to them.
  private static let reportFiles = [
    "report.html", "map.npy", "doubtful.csv", "outliers.csv", "duplicates.csv",
  ]

  /// Creates the directory, or checks that an existing one may be used, and locks it.
  ///
  /// - Throws: `ReportError` of kind `output`: a run is there and may not be replaced, another program writes
  ///   there, or files cannot be made; of kind `unreadable`: it cannot be told what is there.
  package init(_ path: String, use: Use = .refuse) throws(ReportError) {
    self.path = path
    self.use = use
    checkpoints = CheckpointDirectory(run: path)
    metrics = MetricsLog("\(path)/metrics.jsonl")
    if let status = Files.status(path) {
      guard status.isFolder else {
        throw ReportError(.output, path, "is a file; --output must name a directory")
      }
    } else if Files.makeFolders(path) != 0 {
      throw ReportError(.output, path, "cannot be created: \(ReportError.reason()); choose another --output")
    }
    lock = try RunLock(run: path)
    var present: [String] = []
    for name in Self.files where try FileOperations.listing.exists("\(path)/\(name)") { present.append(name) }
    self.present = present
    // For a warning alone: a folder that cannot be listed has none.
    let names = (Files.names(in: path) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    others = present.isEmpty && !names.contains(CheckpointDirectory.folderName) ? names : []
    try probe()
    if use == .refuse { try refuseOlderRun() }
    AtomicFile.removeLeftovers(
      of: Self.files + Self.reportFiles + ["skipped.csv", EpochFeatures.fileName], in: path)
  }

  /// What the user should know of the directory; empty where all is well.
  package var warnings: [String] {
    var warnings =
      lock.weakness.map {
        [
          "\(FileName.shown(path)): \($0): the file .lock keeps other runs away instead; should this run be killed, one on another host "
            + "starts here only when that file is removed"
        ]
      } ?? []
    if let first = others.first {
      let rest = others.count > 1 ? " and \(others.count - 1) more stay" : " stays"
      warnings.append(
        "\(FileName.shown(path)) is not empty: \(FileName.shown(first))\(rest) there, beside the results"
      )
    }
    return warnings
  }

  /// Whether there is a report of the run.
  package var hasReport: Bool { Files.exists(file(Self.reportFiles[0])) }

  /// Whether the run that was here when the directory was opened has come to its end.
  package var isFinished: Bool { present.count == Self.files.count }

  /// Whether there was anything of a run when the directory was opened, or there are checkpoints.
  package var isUsed: Bool {
    get throws(ReportError) {
      let generations = try checkpoints.generations
      return !present.isEmpty || !generations.isEmpty
    }
  }

  private func refuseOlderRun() throws(ReportError) {
    let generations = try checkpoints.generations
    if present.isEmpty, generations.isEmpty { return }
    guard isFinished || generations.isEmpty else {
      throw ReportError(
        .output, path,
        "holds an unfinished run (\(generations.count) checkpoints); continue it with --resume, "
          + "choose another --output, or --overwrite to replace it")
    }
    throw ReportError(
      .output, path,
      "holds a run already (\(present.joined(separator: ", "))); choose another --output, or "
        + "--overwrite to replace it")
  }

  /// Permissions do not tell whether a file can be made; making one does.
  private func probe() throws(ReportError) {
    let probe = file(".probe.\(getpid())")
    let descriptor = Files.open(probe, O_WRONLY | O_CREAT, mode: 0o600)
    guard descriptor >= 0 else {
      throw ReportError(
        .output, path, "cannot be written to: \(ReportError.reason()); choose another --output")
    }
    close(descriptor)
    Files.unlink(probe)
  }

  /// The path of a file of the run.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes config.json, indented and with sorted keys, which begins the run: files of an older run are removed.
  ///
  /// Checkpoints are removed where the directory was opened to `replace` a run, and nowhere else: a run that found none
  /// to resume from has not been told to remove any.
  package func begin(config: some Encodable) throws(ReportError) {
    if use != .replace { try requireNoCheckpoint() }
    // Only when it is written: had the disk been full, the older run would still be whole. Without its model it is no
    // finished run; no other one's config.json may say that it is.
    try write(config: config) { () throws(ReportError) in try removeResults() }
    try checkpoints.removeAll()
    try remove("metrics.jsonl")
    try remove(EpochFeatures.fileName)
    for name in EventFile.names(run: path) { try remove(name) }
  }

  /// Writes config.json, indented and with sorted keys.
  ///
  /// - Parameter last: what is done when it is written, before it has its name
  package func write(
    config: some Encodable, _ last: () throws(ReportError) -> Void = {}
  ) throws(ReportError) {
    let data = JSON.indented(config)
    if Files.isFolder(file("config.json")) {
      throw ReportError(.writing, file("config.json"), "is a folder; remove it, or choose another --output")
    }
    var output = try AtomicFile(file("config.json"))
    try output.write(data)
    try output.write("\n")
    try output.finish(last)
  }

  private func requireNoCheckpoint() throws(ReportError) {
    let count = try checkpoints.generations.count
    guard count > 0 else { return }
    throw ReportError(
      .output, checkpoints.path,
      "holds \(count) checkpoints, which a new run would remove; continue from them with --resume, choose another "
        + "--output, or begin anew with --overwrite and without --resume")
  }

  /// Lets the run go on from a checkpoint: the results of what it did after it are removed, and, where `generation` is
  /// given, the newer generations.
  package func goBack(to generation: Int?) throws(ReportError) {
    if isFinished || generation != nil { try removeResults() }
    if let generation { try checkpoints.remove(after: generation) }
  }

  /// The model, without which a run is not finished, goes first.
  private func removeResults() throws(ReportError) {
    for name in Self.reportFiles { try remove(name) }
    for name in Self.files.reversed() where !["config.json", "metrics.jsonl"].contains(name) {
      try remove(name)
    }
  }

  private func remove(_ name: String) throws(ReportError) { try AtomicFile.removeOlder(file(name)) }

  /// Checks that the file system has room for what the run has yet to write: checkpoints until there are three (two that
  /// are kept and the next one), and results. Called before the run begins.
  ///
  /// - Parameters:
  ///   - checkpointBytes: of one checkpoint
  ///   - resultBytes: of all results
  ///   - free: bytes that can be written; nil asks the file system
  /// - Throws: `ReportError` of kind `output` where it has not.
  package func requireSpace(
    checkpointBytes: Int, resultBytes: Int, free: Int? = nil
  ) throws(ReportError) {
    guard let free = free ?? Files.freeBytes(path) else { return }
    let present = try checkpoints.bytes
    var missing = 3 * checkpointBytes - present.generations
    // A run that goes on writes its next checkpoint before an older one goes, however large they are. One that begins anew
    // removes them all first.
    if use != .replace { missing = max(missing, checkpointBytes) }
    let needed = max(0, missing - present.interrupted) + resultBytes
    guard free < needed else { return }
    func mebibytes(_ bytes: Int) -> String { String(printf: "%.1f MiB", Double(bytes) / 0x1p20) }
    throw ReportError(
      .output, path,
      "has \(mebibytes(free)) of free space, but checkpoints and results need \(mebibytes(needed)) more than is there "
        + "already; free some or choose another --output")
  }

  /// Writes skipped.csv, one line for each file that was left out because it cannot be read; where there is none, removes that
  /// of an older run.
  package func writeSkipped(_ files: [(file: String, reason: String)]) throws(ReportError) {
    try SkippedFile.write(files, to: file(SkippedFile.name))
  }

  /// Writes assignments.csv, one line per image (`AssignmentsFile`).
  ///
  /// - Parameters:
  ///   - scores: the score of image i in its cluster
  ///   - labels: the name of the class of image i, where there are labels
  ///   - source: where image i comes from
  package func writeAssignments(
    _ clusters: [Int32], scores: [Float], labels: ((Int) -> String)?, source: (Int) -> String
  ) throws(ReportError) {
    precondition(scores.count == clusters.count)
    var output = try AssignmentsFile(file("assignments.csv"), labelled: labels != nil)
    for image in clusters.indices {
      try output.write(
        image, source: source(image), cluster: clusters[image], score: scores[image], label: labels?(image))
    }
    try output.finish()
  }
}
