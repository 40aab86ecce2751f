import Clustering
import Commands
import MPI
import Page
import Report
import Training

/// The page about a run, at its end.
enum RunReport {
  /// Makes report.html and its tables from the results, which are written. **Collective.** Where it fails, the run has its results all the
  /// same: that is a warning.
  static func write(_ trainer: Trainer, to directory: RunDirectory?, _ world: borrowing Communicator) throws {
    let context = trainer.context
    let mapped = try MappedImages(
      trainer.model.features, limit: MappedImages.mostCompared, seed: context.options.seed, context.reduction)
    try world.onRoot {
      guard let directory else { return }
      do {
        let run = try FinishedRun(directory.path)
        var input = run.input(mapped)
        input.pictures = ReportInput.Pictures(shape: context.images.shape) { image, body in
          context.images.withBytes(of: image, body)
        }
        input.network = { body in body(trainer.model.network) }
        try ReportPage(input).write(to: directory.file("report.html"))
      } catch {
        Program.warn("there is no report.html: \(error); dbc-report makes it")
      }
    }
  }
}
