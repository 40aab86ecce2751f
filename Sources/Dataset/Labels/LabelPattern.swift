import Basics

/// `--label-pattern`: a regular expression whose one group finds the class in the name of an image's file.
struct LabelPattern {
  private let pattern: String
  private let expression: Regex<AnyRegexOutput>

  init(_ pattern: String) throws(DatasetError) {
    // With an empty alternative in front it matches any text, and the match tells how many groups there are.
    guard let expression = try? Regex(pattern), let counter = try? Regex("|\(pattern)"),
      let groups = "".prefixMatch(of: counter).map({ $0.count - 1 })
    else {
      throw DatasetError(.options, nil, "--label-pattern \(pattern) is not a regular expression")
    }
    guard groups == 1 else {
      throw DatasetError(
        .options, nil,
        "--label-pattern \(pattern) has \(groups) groups, expected one in parentheses around the label, as in "
          + "'obj([0-9]+)__'")
    }
    self.pattern = pattern
    // Swift's own word boundaries are those of prose: it sees none at the points of "a.b.png".
    self.expression = expression.wordBoundaryKind(.simple)
  }

  func labels(of images: LabelledImages) throws(DatasetError) -> ClassLabels {
    var values: [String] = []
    values.reserveCapacity(images.count)
    for image in 0..<images.count {
      guard let file = images.name(image) else {
        throw DatasetError(
          .options, nil,
          "--label-pattern is for image files, and \(FileName.shown(images.source(image))) is none; use --labels FILE"
        )
      }
      values.append(try label(FileName.last(file), images.source(image)))
    }
    return ClassLabels(values, from: "--label-pattern \(pattern)")
  }

  private func label(_ name: String, _ source: String) throws(DatasetError) -> String {
    guard let label = name.firstMatch(of: expression)?[1].substring else {
      throw DatasetError(
        .mismatch, source, "--label-pattern \(pattern) finds no label in its name")
    }
    return String(label)
  }
}
