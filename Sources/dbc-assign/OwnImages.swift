import Basics
import Commands
import Dataset
import Foundation
import Report
import Training

extension DatasetRequest {
  /// The images that the user names, or, where none are named, those of the run; prepared as the model wants.
  init(_ options: Command, _ location: ModelLocation, _ model: TrainedModel.Facts) throws {
    var (images, labels) = (options.images, options.labels)
    if images.images.isEmpty { try Self.takeOwn(&images, &labels, location) }
    try self.init(images, labels, seed: model.seed)
    preparation = model.preparation
  }

  /// Takes what the run was started with where nothing else is asked for.
  private static func takeOwn(
    _ images: inout ImageOptions, _ labels: inout LabelOptions, _ location: ModelLocation
  ) throws {
    let path = location.file("config.json")
    guard location.isRun else {
      throw DatasetError(
        .options, nil, "--images is missing: a model file does not say which images it was trained on")
    }
    guard let data = Files.contents(path) else {
      throw ReportError(
        .unreadable, path, "cannot be read: \(Files.reason()); name the images with --images")
    }
    guard let config = try? JSON.decode(RunConfig.self, from: Data(data)), let found = config.options,
      let names = found["images"]?.texts
    else {
      throw ReportError(
        .malformed, path, "does not say which images the run was started with; name them with --images")
    }
    images.images = names
    if images.layout == .auto {
      images.layout = found["layout"]?.string.flatMap { ArrayLayout(rawValue: $0) } ?? .auto
    }
    if found["skip_unreadable"]?.bool == true { images.skipUnreadable = true }
    images.limit = images.limit ?? found["limit"]?.int
    if images.builtInImages == ImageOptions.builtInDefault {
      images.builtInImages = found["built_in_images"]?.int ?? ImageOptions.builtInDefault
    }
    if labels.labels.isEmpty, labels.labelPattern == nil {
      labels.labels = found["labels"]?.texts ?? []
      labels.labelPattern = found["label_pattern"]?.string
    }
  }
}

extension JSONValue {
  /// The texts, where it is a list of these.
  fileprivate var texts: [String]? {
    guard case .list(let values) = self else { return nil }
    let texts = values.compactMap(\.string)
    return texts.count == values.count ? texts : nil
  }
}
