import Foundation

/// What the time of a run is spent on. Logs, metrics and benchmarks share these names.
package enum Phase: String, CaseIterable, Sendable {
  /// Images gathered into lanes.
  case data
  case forward
  /// Batch-norm sums over the ranks.
  case normExchange = "norm_exchange"
  case backward
  /// Gradients over the ranks.
  case gradientExchange = "gradient_exchange"
  case optimizer
  /// Evaluation-mode features of the whole data set.
  case encode
  case kmeans
  /// S, its gathering, R and its broadcast.
  case target
  /// Checkpoints, and the comparison of the ranks' parameters.
  case checkpoint
}

/// Seconds per phase on this rank; a phase inside another one is not counted twice.
package final class PhaseClock {
  private var seconds = [Phase: Double]()
  private var running: [Phase] = []
  private var since = 0.0

  package init() {}

  /// Begins `phase`, inside the one that is running.
  package func start(_ phase: Phase) {
    settle()
    running.append(phase)
  }

  /// Ends the innermost phase.
  package func stop() {
    settle()
    running.removeLast()
  }

  /// Ends the innermost phase and begins `phase`.
  package func next(_ phase: Phase) {
    stop()
    start(phase)
  }

  /// The seconds since the last call, by phase, in the order of the enum.
  package func take() -> [(phase: Phase, seconds: Double)] {
    settle()
    defer { seconds = [:] }
    return Phase.allCases.compactMap { phase in seconds[phase].map { (phase, $0) } }
  }

  /// The seconds since the last `take`, by phase.
  package var current: [Phase: Double] {
    settle()
    return seconds
  }

  /// Adds seconds that were spent before the program was started again.
  package func add(_ phase: Phase, _ more: Double) { seconds[phase, default: 0] += more }

  /// Credits the time since the last change to the innermost running phase.
  private func settle() {
    let now = monotonicSeconds()
    if let phase = running.last { seconds[phase, default: 0] += now - since }
    since = now
  }
}

/// Seconds on a clock that never goes back.
package func monotonicSeconds() -> Double {
  Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
}
