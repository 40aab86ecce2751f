import Foundation
import Report
import Training

/// Writes the run's checkpoints, on rank 0: the state as tensors; place, options and the length of metrics.jsonl as
/// metadata.
final class CheckpointKeeper {
  private let directory: RunDirectory
  private let identity: RunIdentity
  private(set) var written = 0
  private(set) var bytes = 0
  private(set) var seconds = 0.0

  init(_ directory: RunDirectory, _ identity: RunIdentity) {
    (self.directory, self.identity) = (directory, identity)
  }

  /// Writes one. A failure is a warning, the older ones are as they were.
  func save(_ snapshot: Snapshot) -> SaveOutcome {
    let started = DispatchTime.now().uptimeNanoseconds
    do {
      let metadata = try [
        "progress": Self.text(snapshot.progress), "identity": Self.text(identity),
        "metrics_bytes": "\(directory.metrics.synced())",
      ]
      let contents = SafeTensors(
        tensors: snapshot.tensors.map { .init(name: $0.name, shape: [$0.values.count], values: $0.values) },
        metadata: metadata)
      bytes = try directory.checkpoints.write(contents).bytes
      written += 1
      seconds += Double(DispatchTime.now().uptimeNanoseconds - started) * 1e-9
      return .written
    } catch {
      Console.warn(
        "no checkpoint at \(snapshot.progress.text): \(error); the run goes on, and tries again at the next one"
      )
      return directory.checkpoints.generations.isEmpty ? .nothing : .older
    }
  }

  private static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
