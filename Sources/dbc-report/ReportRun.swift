import Basics
import Clustering
import Commands
import Dataset
import MPI
import Page
import Report
import Training

/// The whole of the program.
enum ReportRun {
  /// Reads the run, makes the page and writes it.
  static func make(_ command: Command, _ world: borrowing Communicator) throws {
    let started = monotonicSeconds()
    let output = command.output ?? "\(command.run)/report.html"
    var found: FinishedRun?
    try world.onRoot {
      guard world.size == 1 else {
        throw EarlyExit(code: 64, text: "\(Program.name): works alone; start it without mpirun")
      }
      if Files.isFolder(output) { throw ReportError(.output, output, "is a folder; --output names a file") }
      found = try FinishedRun(command.run)
    }
    guard let run = found else { return }
    var remarks: [String] = []
    let images = try images(run, for: output, &remarks, world)
    let labels = try labels(command.labels, run, images, world)
    let model = model(run, &remarks, world)
    remarks.forEach { Program.warn($0) }
    let mapped = try MappedImages(run.embeddings, seed: run.seed, world)
    try world.onRoot {
      var input = run.input(mapped)
      input.labels = labels.map { ReportInput.Labels($0) }
      // What the run said of its own labels does not hold of others.
      if command.labels.areGiven { input.config.notes?.removeAll { $0.hasPrefix("labels:") } }
      (input.pictures, input.remarks) = (images?.pictures, remarks + input.remarks)
      input.network = model?.network
      let page = ReportPage(input)
      try withExtendedLifetime((run, images)) { try page.write(to: output) }
      let size = String(printf: "%.1f MB", Double(page.html.utf8.count) * 1e-6)
      Program.say(
        "\(FileName.shown(output)): \(size), \(ProgressLine.duration(monotonicSeconds() - started))")
    }
  }

  /// The pictures; where they cannot be read, the page is made without them, and says so. Throws where the page that is at `output` has
  /// some: they would be lost.
  private static func images(
    _ run: FinishedRun, for output: String, _ remarks: inout [String], _ world: borrowing Communicator
  ) throws -> RunImages? {
    do {
      return try RunImages(run, world)
    } catch let stop as EarlyExit {
      throw stop
    } catch {
      let reason = reason(error)
      try world.onRoot {
        guard ReportPage.showsPictures(output) else { return }
        throw ReportError(
          .output, output,
          "stays as it is: it has pictures, and a new page would have none: \(reason). Start in the folder in which the run was "
            + "started, with the images that it had, or let --output name another page, which will have no pictures"
        )
      }
      remarks.append("There are no pictures: \(reason)")
      return nil
    }
  }

  /// The network; where it cannot be read, the page is made without it, and says so.
  private static func model(
    _ run: FinishedRun, _ remarks: inout [String], _ world: borrowing Communicator
  ) -> RunModel? {
    do {
      return try RunModel(run, world)
    } catch {
      remarks.append("Filters and activations are not shown: \(reason(error))")
      return nil
    }
  }

  /// What an error says, on one line.
  private static func reason(_ error: any Error) -> String {
    "\(error)".split(separator: "\n").first.map(String.init) ?? "\(error)"
  }

  /// The labels that are asked for, or else those that the run had.
  private static func labels(
    _ options: LabelOptions, _ run: FinishedRun, _ images: RunImages?, _ world: borrowing Communicator
  ) throws -> ClassLabels? {
    guard options.areGiven else { return run.labels }
    var choice = LabelChoice.none
    try world.onRoot { choice = try LabelChoice(labels: options.labels, pattern: options.labelPattern) }
    return try RunImages.labels(choice, run, images, world)
  }
}
