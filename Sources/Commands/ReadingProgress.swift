import MPI
import Report
import Training

/// How far the reading of the images is, on standard error of rank 0.
package final class ReadingProgress {
  private let line: ProgressLine
  private let afterStop: String
  private var title = ""

  /// Nothing is shown where `quiet`.
  ///
  /// - Parameter afterStop: what the user can do where a signal stops the reading
  package init(quiet: Bool, afterStop: String) {
    self.afterStop = afterStop
    line = ProgressLine(ProgressLine.style(quiet: quiet))
  }

  /// Throws where a signal asks the run to stop.
  package func update(_ title: String, _ done: Int, _ total: Int) throws {
    if let signal = RunControl.stopSignal {
      throw EarlyExit(
        code: 75,
        text: "\(Program.name): stopped at the reading of the images by \(signal); \(afterStop)")
    }
    if title != self.title { line.begin(title, total: total) }
    self.title = title
    line.update(done: done, images: done, note: "")
  }

  /// Clears the line.
  package func end() { line.clear() }
}
