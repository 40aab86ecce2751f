import Foundation
import MPI
import Report
import Training

extension RunIdentity {
  /// Throws where the finished run whose config.json this is was another one. One that does not say is taken for the same.
  func requireFinished(_ path: String) throws(ReportError) {
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(RunConfig.self, from: data).identity
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

/// Ranks of one job that do not belong together.
struct RankMismatch: Error, CustomStringConvertible {
  let description: String

  /// All ranks must say the same of `what`. **Collective.** Throws on all ranks, naming the first that differs.
  static func check(_ world: borrowing Communicator, _ what: String, _ own: String, hint: String = "") throws
  {
    let first = try world.broadcast(own)
    try world.together {
      guard own == first else {
        throw RankMismatch(description: "\(what): \(own) here, but \(first) on rank 0\(hint)")
      }
    }
  }
}
