import FoundationEssentials

/// What the main thread of this process has had of a core since it began.
package struct CoreTime: Equatable, Sendable {
  /// On a core, in seconds.
  package let running: Double
  /// Ready to run, but without a core, in seconds.
  package let waiting: Double

  /// The share of the time that it was ready, 0…1, in which it waited.
  package var shareWaiting: Double { waiting / max(running + waiting, .leastNormalMagnitude) }

  /// As Linux counts it; nil where it does not.
  package static var now: CoreTime? {
    (try? String(contentsOfFile: "/proc/self/schedstat", encoding: .utf8)).flatMap { CoreTime($0) }
  }

  /// From the text of Linux's `schedstat`: nanoseconds on a core, nanoseconds waiting, and a count. nil of other text.
  package init?(_ text: String) {
    let numbers = text.split(separator: " ").compactMap { UInt64($0.filter(\.isNumber)) }
    guard numbers.count == 3 else { return nil }
    (running, waiting) = (Double(numbers[0]) / 1e9, Double(numbers[1]) / 1e9)
  }
}
