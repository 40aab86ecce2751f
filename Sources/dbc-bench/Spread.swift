import Basics
import Training

/// The results of several repetitions.
struct Spread {
  private let sorted: [Double]

  init(_ values: [Double]) {
    precondition(!values.isEmpty, "at least one repetition")
    sorted = values.sorted()
  }

  var minimum: Double { sorted[0] }
  var maximum: Double { sorted[sorted.count - 1] }
  var median: Double {
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Each value as `transform` of it.
  func map(_ transform: (Double) -> Double) -> Spread { Spread(sorted.map(transform)) }
}

/// The seconds of one call of `body`: repetitions of so many calls that each takes `atLeastSeconds`.
func secondsPerCall(_ repetitions: Int, atLeastSeconds: Double = 0.01, _ body: () throws -> Void) rethrows
  -> Spread
{
  var calls = 1
  while true {
    let seconds = try secondsOf(calls, body)
    if seconds >= atLeastSeconds { break }
    calls = max(2 * calls, min(100 * calls, Int(Double(calls) * 1.2 * atLeastSeconds / max(seconds, 1e-9))))
  }
  return Spread(try (0..<repetitions).map { _ in try secondsOf(calls, body) / Double(calls) })
}

private func secondsOf(_ calls: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = monotonicSeconds()
  for _ in 0..<calls { try body() }
  return monotonicSeconds() - start
}
