import Basics
import MPI
import Training

/// The seconds of one run of `body`, of the slowest rank. **Collective.**
func slowestSeconds(_ world: borrowing Communicator, _ body: () throws -> Void) throws -> Double {
  try world.barrier()
  let start = monotonicSeconds()
  try body()
  return try world.allReduce(monotonicSeconds() - start, .max)
}

/// The seconds of one call of a collective `body`, of the slowest rank: as many calls on all ranks, set by rank 0.
/// **Collective.**
func collectiveSeconds(
  _ repetitions: Int, _ world: borrowing Communicator, atLeastSeconds: Double = 0.02,
  _ body: () throws -> Void
) throws -> Spread {
  func seconds(calls: Int) throws -> Double {
    try slowestSeconds(world) { for _ in 0..<calls { try body() } }
  }
  var calls = 1
  while true {
    let elapsed = try seconds(calls: calls)
    if elapsed >= atLeastSeconds { break }
    calls = max(2 * calls, min(100 * calls, Int(Double(calls) * 1.2 * atLeastSeconds / max(elapsed, 1e-9))))
  }
  return Spread(try (0..<repetitions).map { _ in try seconds(calls: calls) / Double(calls) })
}
