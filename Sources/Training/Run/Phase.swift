import Basics
import MPI

/// What the time of a run is spent on. Logs, metrics, traces and benchmarks share these names.
package enum Phase: String, CaseIterable, Sendable {
  /// Images gathered into lanes.
  case data
  case forward
  /// Batch-norm sums over the ranks.
  case normExchange = "norm_exchange"
  case backward
  /// The first exchange behind the backward pass, which is that of the loss: every rank waits for the slowest.
  case waiting
  /// Gradients over the ranks.
  case gradientExchange = "gradient_exchange"
  case optimizer
  /// Evaluation-mode features of the whole data set.
  case encode
  case kmeans
  /// Nearest neighbours, eigenvectors and partitions of the graph.
  case graph
  /// S, its gathering, R and its broadcast.
  case target
  /// Checkpoints, and the comparison of the ranks' parameters.
  case checkpoint

  /// The phases of a training step.
  package static let step: [Phase] = [
    .data, .forward, .normExchange, .backward, .waiting, .gradientExchange, .optimizer,
  ]

  /// The name as tables show it.
  package var title: String { "\(label)" }
}

/// A stretch of time that one phase took, in seconds of `monotonicSeconds`; what ran inside it is left out.
package struct PhaseEvent: Equatable, Sendable {
  /// What the time was spent on.
  package let phase: Phase
  /// When it began.
  package let start: Double
  /// When it ended, or something inside it began.
  package let end: Double

  /// The time from `start` to `end`.
  package init(phase: Phase, start: Double, end: Double) {
    (self.phase, self.start, self.end) = (phase, start, end)
  }
}

/// Seconds per phase on this rank; a phase inside another one is not counted twice.
package final class PhaseClock {
  private var seconds = [Phase: Double]()
  private var running: [Phase] = []
  private var since = 0.0
  /// What was recorded, in the order of time.
  package private(set) var events: [PhaseEvent] = []
  /// Events that were not recorded, as there were more than the limit.
  package private(set) var droppedEvents = 0
  private let eventLimit: Int

  /// A clock that keeps the first `recording` events, too, for a trace.
  package init(recording eventLimit: Int = 0) {
    self.eventLimit = eventLimit
    events.reserveCapacity(min(eventLimit, 1 << 16))
  }

  /// Begins `phase`, inside the one that is running.
  package func start(_ phase: Phase) {
    settle()
    running.append(phase)
    publish()
  }

  /// Ends the innermost phase.
  package func stop() {
    settle()
    running.removeLast()
    publish()
  }

  /// Ends the innermost phase and begins `phase`.
  package func next(_ phase: Phase) {
    settle()
    running[running.count - 1] = phase
    publish()
  }

  /// Runs `body` as `phase`.
  package func during<Value>(_ phase: Phase, _ body: () throws -> Value) rethrows -> Value {
    start(phase)
    defer { stop() }
    return try body()
  }

  /// Lets the watchdog see what runs.
  private func publish() { Whereabouts.phase(running.last?.label) }

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
    if let phase = running.last {
      seconds[phase, default: 0] += now - since
      record(PhaseEvent(phase: phase, start: since, end: now))
    }
    since = now
  }

  private func record(_ event: PhaseEvent) {
    guard event.end > event.start else { return }
    if events.count < eventLimit { events.append(event) } else if eventLimit > 0 { droppedEvents += 1 }
  }
}
