/// Where the time of one `TargetStore.update` went on this rank, in seconds.
package struct TargetTimes: Sendable {
  /// Rows of S to rank 0, or column sums over all ranks; waiting for the slowest rank is part of it.
  package internal(set) var gatherSeconds = 0.0
  /// Column sums, R and the assignments.
  package internal(set) var formSeconds = 0.0
  /// R to every node, and what the ranks are told about it.
  package internal(set) var shareSeconds = 0.0

  private var since = ContinuousClock.now

  /// The seconds since the beginning or the last call.
  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { since = now }
    return (now - since) / .seconds(1)
  }
}
