import Basics
import Commands
import Dispatch
import Report
import Training

/// Writes the run's checkpoints, on rank 0: the state as tensors; place, options and the length of metrics.jsonl as
/// metadata.
///
/// A thread of its own writes and syncs while the training goes on; one checkpoint is under way at most.
final class CheckpointKeeper {
  private let directory: RunDirectory
  private let identity: RunIdentity
  private let started: Double
  private let queue = DispatchQueue(label: "checkpoints")
  private var underway: Writing?
  private(set) var written = 0
  private(set) var bytes = 0
  /// Seconds that checkpoints took, and those of them that the training waited for.
  private(set) var seconds = 0.0
  private(set) var waitedSeconds = 0.0

  /// - Parameter started: when the run would have begun without interruption, on the clock of `monotonicSeconds`
  init(_ directory: RunDirectory, _ identity: RunIdentity, started: Double) {
    (self.directory, self.identity, self.started) = (directory, identity, started)
  }

  /// One checkpoint on its way to the disk. The writing thread alone touches it until `done` is signalled.
  private final class Writing: @unchecked Sendable {
    let place: String
    let contents: SafeTensors
    let checkpoints: CheckpointDirectory
    let metrics: String
    let done = DispatchSemaphore(value: 0)
    var result: Result<Int, ReportError> = .success(0)
    var seconds = 0.0

    init(_ place: String, _ contents: SafeTensors, _ directory: RunDirectory) {
      (self.place, self.contents) = (place, contents)
      (checkpoints, metrics) = (directory.checkpoints, directory.metrics.path)
    }

    func run() {
      let started = monotonicSeconds()
      do throws(ReportError) {
        try MetricsLog.sync(metrics)
        result = .success(try checkpoints.write(contents).bytes)
      } catch {
        result = .failure(error)
      }
      seconds = monotonicSeconds() - started
      done.signal()
    }
  }

  /// Begins to write one, after the one before it is done. A failure is a warning, the older ones are as they were.
  ///
  /// - Parameter waits: whether to return only when it is known what came of it
  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome {
    let started = monotonicSeconds()
    defer { waitedSeconds += monotonicSeconds() - started }
    finish(isLast: false)
    do {
      let metadata = try [
        "state": JSON.line(snapshot.state), "scalars": JSON.line(snapshot.scalars),
        "identity": JSON.line(identity),
        "metrics_bytes": "\(directory.metrics.length())",
        "run_seconds": "\(monotonicSeconds() - self.started)",
      ]
      let contents = SafeTensors(
        tensors: snapshot.tensors.map { .init(name: $0.name, shape: [$0.values.count], values: $0.values) },
        metadata: metadata)
      let writing = Writing(snapshot.state.text, contents, directory)
      underway = writing
      queue.async { writing.run() }
    } catch {
      return failed(at: snapshot.state.text, error, isLast: waits)
    }
    return waits ? finish() : .written
  }

  /// Waits for the checkpoint that is under way, and says what came of the last one.
  ///
  /// - Parameter isLast: whether the run writes no other one after it
  @discardableResult
  func finish(isLast: Bool = true) -> SaveOutcome {
    guard let writing = underway else { return .written }
    writing.done.wait()
    underway = nil
    seconds += writing.seconds
    switch writing.result {
    case .success(let count):
      bytes = count
      written += 1
      return .written
    case .failure(let error): return failed(at: writing.place, error, isLast: isLast)
    }
  }

  private func failed(at place: String, _ error: any Error, isLast: Bool) -> SaveOutcome {
    Program.warn(
      "no checkpoint at \(place): \(error)\(isLast ? "" : "; the run goes on, and tries again at the next one")"
    )
    return ((try? directory.checkpoints.generations) ?? []).isEmpty ? .nothing : .older
  }
}
