import Foundation

extension ImageCatalogue {
  /// Checks that labels are asked for in one way, and in the number of the images.
  func checkLabelSources(total: Int) throws(DatasetError) {
    if !labelFiles.isEmpty {
      guard labelPattern == nil else {
        throw DatasetError(.options, nil, "--labels and --label-pattern exclude each other")
      }
      let labels = labelFiles.reduce(0) { $0 + $1.count }
      guard labels == total else {
        let names = labelFiles.map(\.path).joined(separator: ", ")
        throw DatasetError(
          .mismatch, names,
          "\(labels) labels for \(total) images; give one label file per file of images, in the "
            + "same order")
      }
    }
    if let labelPattern {
      guard pieces.allSatisfy({ if case .folder = $0 { true } else { false } }) else {
        throw DatasetError(
          .options, nil, "--label-pattern is for folders of images; use --labels for IDX files")
      }
      _ = try Self.expression(labelPattern)
    }
  }

  private static func expression(_ pattern: String) throws(DatasetError) -> NSRegularExpression {
    guard let expression = try? NSRegularExpression(pattern: pattern) else {
      throw DatasetError(.options, nil, "--label-pattern \(pattern) is not a regular expression")
    }
    guard expression.numberOfCaptureGroups == 1 else {
      throw DatasetError(
        .options, nil,
        "--label-pattern \(pattern) has \(expression.numberOfCaptureGroups) groups, expected one in "
          + "parentheses around the label, as in 'obj([0-9]+)__'")
    }
    return expression
  }

  /// The class of every image, or nil where there are no labels.
  ///
  /// IDX labels are their bytes; names (of sub-folders, or found by the pattern) are numbered in natural order.
  package func labels() throws(DatasetError) -> [Int32]? {
    if !labelFiles.isEmpty {
      var bytes: [UInt8] = []
      for file in labelFiles { bytes += try file.readAll() }
      return bytes.prefix(count).map { Int32($0) }
    }
    if case .glyphs(let seed, _) = pieces[0] {
      return (0..<count).map { Int32(Glyphs.label(seed: seed, image: $0)) }
    }
    guard let names = try labelNames() else { return nil }
    let classes = Set(names).sorted(by: naturallyOrdered)
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    return names.map { numbers[$0]! }
  }

  /// The name of every image's class: what the pattern finds, or the first sub-folder where every image is in one.
  private func labelNames() throws(DatasetError) -> [String]? {
    var names: [String] = []
    let expression: NSRegularExpression?
    if let labelPattern { expression = try Self.expression(labelPattern) } else { expression = nil }
    for piece in pieces {
      guard case .folder(let folder) = piece else { return nil }
      for file in folder.files {
        if let expression {
          names.append(try Self.label(file, in: folder, expression))
        } else {
          let parts = file.split(separator: "/")
          guard parts.count > 1 else { return nil }
          names.append(String(parts[0]))
        }
      }
    }
    return Array(names.prefix(count))
  }

  private static func label(
    _ file: String, in folder: ImageFolder, _ expression: NSRegularExpression
  ) throws(DatasetError) -> String {
    let name = URL(fileURLWithPath: file).lastPathComponent
    let whole = NSRange(name.startIndex..., in: name)
    guard let match = expression.firstMatch(in: name, range: whole),
      let range = Range(match.range(at: 1), in: name)
    else {
      throw DatasetError(
        .mismatch, "\(folder.path)/\(file)",
        "--label-pattern \(expression.pattern) finds no label in its name")
    }
    return String(name[range])
  }
}
