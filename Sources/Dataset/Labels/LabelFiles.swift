import Basics

/// Files of labels: IDX or NumPy arrays, tables, or a label a line.
struct LabelFiles {
  /// What a file says.
  private enum Contents {
    /// A label for every image, in their order.
    case inOrder([String])
    /// The labels of images by their names, and the lines that these are in.
    case byName([(name: String, label: String, line: Int)])
  }

  private let paths: [String]
  private var contents: [Contents] = []

  init(_ paths: [String]) throws(DatasetError) {
    self.paths = paths
    for path in paths { contents.append(try Self.read(path)) }
  }

  private static func read(_ path: String) throws(DatasetError) -> Contents {
    guard let status = Files.status(path) else {
      // An array of a file of several, as file.npz:y or file.h5:/labels.
      if ArrayFile.recognises(path) { return .inOrder(try readLabelArray(path)) }
      throw .unreached(path)
    }
    guard status.isFile else {
      throw DatasetError(
        .malformed, path,
        "is no file; expected labels: IDX, .npy, .csv, or a label a line (--labels folders takes sub-folders)"
      )
    }
    // Of what is neither text nor an array, the reader of arrays says what it found.
    let start = Files.start(path, atMost: 8) ?? []
    let isText = !start.isEmpty && !start.starts(with: [0x1f, 0x8b]) && !start.contains(0)
    guard isText, !ArrayFile.recognises(path) else { return .inOrder(try readLabelArray(path)) }
    let bytes = try TableFile.bytes(path, of: "labels")
    if ["csv", "tsv"].contains(FileName.suffix(path)) { return try columns(TableFile(path, bytes), path) }
    let lines = TableFile.lines(bytes)
    for (line, text) in lines where text.isEmpty {
      throw DatasetError(.malformed, path, "line \(line) is empty; expected a label in every line")
    }
    return .inOrder(lines.map(\.text))
  }

  private static func columns(_ table: TableFile, _ path: String) throws(DatasetError) -> Contents {
    let columns = table.header?.map { $0.lowercased() }
    let width = columns?.count ?? table.rows.first?.fields.count ?? 0
    var names = columns.map { $0.firstIndex(where: TableFile.pathNames.contains) } ?? (width > 1 ? 0 : nil)
    var labels = columns.map { $0.firstIndex(where: TableFile.labelNames.contains) } ?? (width > 1 ? 1 : 0)
    if columns != nil, width == 2 {
      if labels == nil, let column = names { labels = 1 - column }
      if names == nil, let column = labels, !counts(table, column: 1 - column) { names = 1 - column }
    }
    guard let labels, columns != nil || width < 3 else {
      throw DatasetError(
        .malformed, path,
        "has \(width) columns, none of them called label; name them in the first line, as in path,label")
    }
    var found: [(name: String, label: String, line: Int)] = []
    for row in table.rows {
      guard labels < row.fields.count, names.map({ $0 < row.fields.count }) ?? true,
        !row.fields[labels].isEmpty
      else {
        throw DatasetError(.malformed, path, "line \(row.line) holds no label; expected one in every line")
      }
      found.append((names.map { row.fields[$0] } ?? "", row.fields[labels], row.line))
    }
    return names == nil ? .inOrder(found.map(\.label)) : .byName(found)
  }

  /// Whether a column merely numbers the rows.
  private static func counts(_ table: TableFile, column: Int) -> Bool {
    func counts(from first: Int) -> Bool {
      table.rows.enumerated().allSatisfy { place, row in
        column < row.fields.count && row.fields[column] == "\(first + place)"
      }
    }
    return counts(from: 0) || counts(from: 1)
  }

  /// The class of every image.
  func labels(of images: LabelledImages) throws(DatasetError) -> ClassLabels {
    let title = paths.map { FileName.shown(FileName.last($0)) }.joined(separator: ", ")
    var values: [String] = []
    var named: [(name: String, label: String, line: Int, path: String)] = []
    var inOrder = 0
    for (path, part) in zip(paths, contents) {
      switch part {
      case .inOrder(let labels):
        inOrder += 1
        values += labels
      case .byName(let rows): named += rows.map { ($0.name, $0.label, $0.line, path) }
      }
    }
    guard inOrder == 0 || inOrder == contents.count else {
      throw DatasetError(
        .mismatch, paths.joined(separator: ", "),
        "some label by name and some by order; give labels in one way")
    }
    if inOrder == 0 { return try byName(named, images, title) }
    guard values.count == images.total else {
      throw DatasetError(
        .mismatch, paths.joined(separator: ", "),
        "\(values.count) labels for \(images.total) images; give one label file per file of images, in the same order"
      )
    }
    return ClassLabels(Array(values.prefix(images.count)), from: title)
  }

  private func byName(
    _ rows: [(name: String, label: String, line: Int, path: String)], _ images: LabelledImages,
    _ title: String
  ) throws(DatasetError) -> ClassLabels {
    var known: [ExactText: (label: String, line: Int)] = [:]
    for row in rows {
      let name = ExactText(plain(row.name))
      if let other = known[name], ExactText(other.label) != ExactText(row.label) {
        throw DatasetError(
          .malformed, row.path,
          "line \(row.line) says that \(FileName.shown(row.name)) is \(FileName.shown(row.label)), line \(other.line) that "
            + "it is \(FileName.shown(other.label)); leave one out")
      }
      known[name] = known[name] ?? (row.label, row.line)
    }
    var fewest: (count: Int, first: Int) = (.max, 0)
    for form in Form.allCases {
      guard let labels = labels(of: images, form, known) else { continue }
      let missing = labels.count { $0 == nil }
      if missing == 0 { return ClassLabels(labels.map { $0! }, from: title) }
      if missing < fewest.count { fewest = (missing, labels.firstIndex { $0 == nil }!) }
    }
    throw DatasetError(
      .mismatch, paths.joined(separator: ", "),
      "names no label for \(fewest.count) of \(images.count) images, such as "
        + "\(FileName.shown(images.source(fewest.first))); expected names relative to --images, or those of assignments.csv"
    )
  }

  /// What of a name is compared: the path; what stands behind its last slash; that without its suffix.
  private enum Form: CaseIterable {
    case path, last, stem

    func key(_ name: String) -> ExactText {
      switch self {
      case .path: return ExactText(plain(name))
      case .last: return ExactText(FileName.last(name))
      case .stem:
        let (last, suffix) = (FileName.last(name), FileName.suffix(name))
        return ExactText(
          suffix.isEmpty ? last : String(decoding: last.utf8.dropLast(suffix.utf8.count + 1), as: UTF8.self))
      }
    }
  }

  /// The label of every image, nil where there is none; nil where two images, or two labels, have one name in this form.
  private func labels(
    of images: LabelledImages, _ form: Form, _ known: [ExactText: (label: String, line: Int)]
  ) -> [String?]? {
    if form == .path {
      return (0..<images.count).map { image in
        let source = images.source(image)
        let names = [source, images.name(image) ?? source]
        return names.lazy.compactMap { known[form.key($0)]?.label }.first
      }
    }
    var labels: [ExactText: String] = [:]
    for (name, found) in known {
      let other = labels.updateValue(found.label, forKey: form.key(name.text))
      if let other, ExactText(other) != ExactText(found.label) { return nil }
    }
    let keys = (0..<images.count).map { form.key(images.name($0) ?? images.source($0)) }
    return Set(keys).count == keys.count ? keys.map { labels[$0] } : nil
  }
}

/// A path without `./` in front.
private func plain(_ path: String) -> String {
  var path = Substring(path)
  while path.hasPrefix("./") { path = path.dropFirst(2) }
  return String(path)
}
