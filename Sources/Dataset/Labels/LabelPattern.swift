import Basics
import Foundation

/// `--label-pattern`: a regular expression whose one group finds the class in the name of an image's file.
struct LabelPattern {
  private let expression: NSRegularExpression

  init(_ pattern: String) throws(DatasetError) {
    guard let expression = try? NSRegularExpression(pattern: pattern) else {
      throw DatasetError(.options, nil, "--label-pattern \(pattern) is not a regular expression")
    }
    guard expression.numberOfCaptureGroups == 1 else {
      throw DatasetError(
        .options, nil,
        "--label-pattern \(pattern) has \(expression.numberOfCaptureGroups) groups, expected one in "
          + "parentheses around the label, as in 'obj([0-9]+)__'")
    }
    self.expression = expression
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
    return ClassLabels(values, from: "--label-pattern \(expression.pattern)")
  }

  private func label(_ name: String, _ source: String) throws(DatasetError) -> String {
    let whole = NSRange(name.startIndex..., in: name)
    guard let match = expression.firstMatch(in: name, range: whole),
      let range = Range(match.range(at: 1), in: name)
    else {
      throw DatasetError(
        .mismatch, source, "--label-pattern \(expression.pattern) finds no label in its name")
    }
    return String(name[range])
  }
}
