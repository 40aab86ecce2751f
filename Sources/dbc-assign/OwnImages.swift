import ArgumentParser
import Basics
import Commands
import Dataset
import FoundationEssentials
import Report
import Training

extension DatasetRequest {
  /// The images that the user names, or, where none are named, those of the run; prepared as the model wants.
  init(_ options: Command, _ location: ModelLocation, _ model: TrainedModel.Facts) throws {
    let options = options.images.images.isEmpty ? try Self.withOwnImages(options, location) : options
    try self.init(options.images, options.labels, seed: model.seed)
    preparation = model.preparation
  }

  /// The command with what the run was started with; what it says itself comes later, and wins.
  private static func withOwnImages(_ options: Command, _ location: ModelLocation) throws -> Command {
    let path = location.file("config.json")
    guard location.isRun else {
      throw DatasetError(
        .options, nil, "--images is missing: a model file does not say which images it was trained on")
    }
    guard let data = Files.contents(path) else {
      throw ReportError(
        .unreadable, path, "cannot be read: \(Files.reason()); name the images with --images")
    }
    let found = (try? JSON.decode(RunConfig.self, from: Data(data)))?.options ?? [:]
    let hasLabels = !options.labels.labels.isEmpty || options.labels.labelPattern != nil
    let recorded = found.arguments(for: RecordedOption.images + (hasLabels ? [] : RecordedOption.labels))
    guard case .list? = found["images"],
      let command = try? Command.parse(recorded + FileName.arguments)
    else {
      throw ReportError(
        .malformed, path, "does not say which images the run was started with; name them with --images")
    }
    return command
  }
}
