import Basics

/// Where the labels of images come from, as `--labels` and `--label-pattern` say.
package enum LabelChoice: Equatable, Sendable {
  /// Not said: labels that came with the images, or else sub-folders where these look like classes.
  case auto
  case none
  /// The deepest sub-folder of each image.
  case folders
  /// Files of labels, in the order of the images or with their names.
  case files([String])
  /// A regular expression with one group, searched in the names of files.
  case pattern(String)

  /// Whether they come from files.
  var areFiles: Bool { if case .files = self { true } else { false } }

  /// What the options say.
  ///
  /// - Parameters:
  ///   - labels: what was given to `--labels`, once or several times
  ///   - pattern: what was given to `--label-pattern`
  package init(labels: [String], pattern: String?) throws(DatasetError) {
    guard labels.isEmpty || pattern == nil else {
      throw DatasetError(.options, nil, "--labels and --label-pattern exclude each other")
    }
    if let pattern {
      _ = try LabelPattern(pattern)
      self = .pattern(pattern)
      return
    }
    let words = labels.filter { ["none", "folders"].contains($0) }
    guard words.isEmpty || labels.count == 1 else {
      throw DatasetError(
        .options, nil,
        "--labels \(words[0]) goes with no other --labels; for a file of this name, ./\(words[0])")
    }
    switch labels.first {
    case nil: self = .auto
    case "none": self = .none
    case "folders": self = .folders
    default: self = .files(labels)
    }
  }
}

extension ClassLabels {
  /// The classes of `images`, and a line for the header that says what they are, or why there are none.
  ///
  /// - Parameter found: labels that came with the images, of all `images.total` or of the first `images.count`
  /// - Throws: where labels that were asked for are not there for every image.
  package static func resolve(
    _ choice: LabelChoice, _ images: LabelledImages, found: FoundLabels? = nil
  ) throws(DatasetError) -> (labels: ClassLabels?, line: String) {
    switch choice {
    case .none: return (nil, "none (--labels none)")
    case .auto:
      guard let found else { return FolderLabels(images).automatic }
      return told(ClassLabels(Array(found.values.prefix(images.count)), from: found.source))
    case .folders: return try FolderLabels(images).asked()
    case .files(let paths): return told(try LabelFiles(paths).labels(of: images))
    case .pattern(let pattern): return told(try LabelPattern(pattern).labels(of: images))
    }
  }

  private static func told(_ labels: ClassLabels) -> (labels: ClassLabels?, line: String) {
    (labels, labels.origin)
  }
}
