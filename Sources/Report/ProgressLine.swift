import Basics
import FoundationEssentials
import Glibc

/// Progress of a stage on standard error: one line that is redrawn on a terminal, plain lines elsewhere.
package final class ProgressLine {
  /// Where and how it is shown.
  package enum Style: Sendable { case terminal, lines, silent }

  private let style: Style
  /// A file descriptor.
  private let output: Int32
  private var title = ""
  private var total = 1
  /// Steps and images of what began that were over before; known with the first update.
  private var before: (done: Int, images: Int)?
  private var started = 0.0
  private var shown = 0.0
  private var lineLength = 0
  private var secondsBetweenLines = 10.0
  private static let secondsBetweenRedraws = 0.1
  private static let barWidth = 24

  /// Shown in the given style on `output`.
  package init(_ style: Style, output: Int32 = STDERR_FILENO) {
    self.style = style
    self.output = output
  }

  /// Redrawn lines where standard error is a terminal that can do it.
  package static func style(quiet: Bool) -> Style {
    if quiet { return .silent }
    let plain = ["dumb", nil].contains(ProcessInfo.processInfo.environment["TERM"])
    return isatty(STDERR_FILENO) == 1 && !plain ? .terminal : .lines
  }

  /// Begins something of `total` steps.
  ///
  /// - Parameter secondsBetweenLines: between plain lines, where lines are not redrawn
  package func begin(_ title: String, total: Int, secondsBetweenLines: Double = 10) {
    (self.title, self.total) = (title, max(total, 1))
    self.secondsBetweenLines = secondsBetweenLines
    started = monotonicSeconds()
    before = nil
    shown = style == .terminal ? 0 : started
  }

  /// How far what began has come.
  package struct State {
    /// Images per second.
    package let rate: Double
    /// The share of the steps that lie behind, 0…1.
    package let share: Double
    /// Seconds since it began, and until it ends, as far as that can be told.
    package let (elapsed, left): (Double, Double)
  }

  /// `done` steps with `images` images are over; `note` is shown behind the numbers.
  package func update(done: Int, images: Int, note: String) {
    update(done: done, images: images) { state in
      let numbers =
        "\(Int(state.share * 100)) %  \(Self.rate(state.rate))  \(Self.duration(state.left)) left  \(note)"
      guard style == .terminal else { return "\(title)  \(numbers)" }
      let filled = Int(state.share * Double(Self.barWidth))
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.barWidth - filled)
      return "\(title) \(bar) \(numbers)"
    }
  }

  /// The same with a line of the caller's.
  package func update(done: Int, images: Int, _ line: (State) -> String) {
    // A resumed epoch begins in the middle.
    let before = self.before ?? (done: max(done - 1, 0), images: images - images / max(done, 1))
    self.before = before
    let now = monotonicSeconds()
    let pause = style == .terminal ? Self.secondsBetweenRedraws : secondsBetweenLines
    guard style != .silent, now - shown >= pause else { return }
    shown = now
    let elapsed = max(now - started, 1e-9)
    let text = line(
      State(
        rate: Double(images - before.images) / elapsed,
        share: min(max(Double(done) / Double(total), 0), 1), elapsed: elapsed,
        left: elapsed * Double(max(total - done, 0)) / Double(max(done - before.done, 1))))
    if style == .terminal { draw(text) } else { write("\(text)\n") }
  }

  /// Ends it with a line that stays.
  package func end(_ line: String) {
    guard style != .silent else { return }
    clear()
    write(line + "\n")
  }

  private func draw(_ line: String) {
    // A line that wraps cannot be redrawn.
    let line = columns.map { String(line.prefix($0 - 1)) } ?? line
    write("\r" + line + String(repeating: " ", count: max(0, lineLength - line.count)))
    lineLength = line.count
  }

  /// The width of the terminal, where it is known.
  private var columns: Int? {
    var size = winsize()
    guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return nil }
    return Int(size.ws_col)
  }

  /// Removes what is drawn.
  package func clear() {
    guard style == .terminal, lineLength > 0 else { return }
    write("\r" + String(repeating: " ", count: lineLength) + "\r")
    lineLength = 0
  }

  private func write(_ text: String) { Files.write(text, to: output) }

  /// Images per second, such as `42.5 images/s` or `1234 images/s`.
  package static func rate(_ perSecond: Double) -> String {
    String(printf: perSecond < 100 ? "%.1f images/s" : "%.0f images/s", perSecond)
  }

  /// The same in fewer columns, such as `950 images/s`, `2.7k images/s` or `27k images/s`.
  package static func shortRate(_ perSecond: Double) -> String {
    guard perSecond >= 999.5 else { return String(printf: "%.0f images/s", perSecond) }
    return String(printf: perSecond < 9950 ? "%.1fk images/s" : "%.0fk images/s", perSecond / 1000)
  }

  /// A duration such as `42 s`, `3 min 05 s` or `2 h 10 min`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e15 else { return "?" }
    let whole = Int(seconds.rounded())
    if seconds < 9.95 { return String(printf: "%.1f s", seconds) }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(printf: "%ld min %02ld s", whole / 60, whole % 60) }
    return String(printf: "%ld h %02ld min", whole / 3600, whole / 60 % 60)
  }
}
