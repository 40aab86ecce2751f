import Basics
import MPI
import Report
import Training

/// How far the reading of the images is, on standard error of rank 0.
package final class ReadingProgress {
  private let line: ProgressLine
  private let afterStop: String
  private let deadline: Deadline?
  private var title = ""

  /// Nothing is shown where `quiet`.
  ///
  /// - Parameters:
  ///   - afterStop: what the user can do where a signal, or time, stops the reading
  ///   - deadline: the end of the time that the program has
  package init(quiet: Bool, afterStop: String, deadline: Deadline? = nil) {
    (self.afterStop, self.deadline) = (afterStop, deadline)
    line = ProgressLine(ProgressLine.style(quiet: quiet))
  }

  /// Throws where a signal asks the program to stop, or its time is over.
  package func update(_ title: String, _ done: Int, _ total: Int) throws {
    let isLate = deadline.map { monotonicSeconds() >= $0.seconds } ?? false
    if let reason = RunControl.stopSignal ?? (isLate ? deadline?.reason : nil) {
      throw EarlyExit(
        code: stoppedExitCode,
        text: "\(Program.name): stopped at the reading of the images by \(reason); \(afterStop)")
    }
    if title != self.title { line.begin(title, total: total) }
    self.title = title
    line.update(done: done, images: done, note: "")
  }

  /// Clears the line.
  package func end() { line.clear() }
}
