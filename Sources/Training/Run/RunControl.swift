import Basics
import CSignals
import Glibc

/// When checkpoints are written.
package enum CheckpointInterval: Equatable, Sendable {
  /// At the end of every so many epochs, and of every part of the run.
  case epochs(Int)
  /// After the first step after so many seconds.
  case seconds(Double)
  /// Only when the run is stopped.
  case never
}

/// The end of the time that a run has.
package struct Deadline: Sendable {
  /// On the clock of `monotonicSeconds`.
  package let seconds: Double
  /// What sets it, for the message, such as `--max-time`.
  package let reason: String

  /// The end at `seconds`, because of `reason`.
  package init(seconds: Double, reason: String) { (self.seconds, self.reason) = (seconds, reason) }
}

/// What may stop a run or ask it for a checkpoint: signals, time, and the regular interval.
package final class RunControl {
  private let interval: CheckpointInterval
  private let deadline: Deadline?
  /// The times of the last regular checkpoint, or of the start.
  private var lastSave = monotonicSeconds()

  /// A run that is stopped by signals and by `deadline`, with checkpoints at `interval`.
  ///
  /// - Parameter deadline: nil on the other ranks than 0; what one rank asks for, all do
  package init(_ interval: CheckpointInterval = .never, deadline: Deadline? = nil) {
    self.interval = interval
    self.deadline = deadline
  }

  /// Lets SIGTERM, SIGUSR1, SIGUSR2 and a first SIGINT stop runs at their next step instead of ending the program.
  package static func catchSignals() { dbc_catch_stop_signals() }

  /// Writes `line` to standard error as soon as the first such signal comes, whatever the program does then.
  package static func announceStop(_ line: StaticString) {
    line.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { dbc_announce_stop($0.baseAddress) }
    }
  }

  /// The signal that asks this rank to stop, such as `SIGTERM`; nil where there was none.
  package static var stopSignal: String? {
    switch dbc_stop_signal() {
    case 0: nil
    case SIGTERM: "SIGTERM"
    case SIGINT: "SIGINT"
    case SIGUSR1: "SIGUSR1"
    case SIGUSR2: "SIGUSR2"
    case let number: "signal \(number)"
    }
  }

  /// What this rank asks for now.
  var request: RunRequest {
    var request = RunRequest()
    request.stop = dbc_stop_signal() != 0 || (deadline.map { monotonicSeconds() >= $0.seconds } ?? false)
    if case .seconds(let seconds) = interval { request.save = monotonicSeconds() - lastSave >= seconds }
    return request
  }

  /// Whether a checkpoint is due at the end of epoch `epoch`, the last of its stage or not.
  func isDue(afterEpoch epoch: Int, last: Bool) -> Bool {
    if case .epochs(let count) = interval { return last || epoch % count == 0 }
    return false
  }

  func didSave() { lastSave = monotonicSeconds() }

  /// Why this rank has asked for the stop.
  var stopReason: String {
    if let signal = Self.stopSignal { return signal }
    if let deadline, monotonicSeconds() >= deadline.seconds { return deadline.reason }
    return "a signal to another rank"
  }
}

/// What is asked for at one step: by one rank at first, then by all.
struct RunRequest: Equatable {
  var stop = false
  var save = false
}
