import Basics
import Glibc

/// A list of image files: `list.csv`, with a path in each row and perhaps a label, or a text with a path a line.
struct FileList {
  /// A file that the list names.
  struct Entry {
    /// As it is in the list: from the list's folder, or from the root.
    let name: String
    /// Its class; nil or empty where the list has none for it.
    let label: String?
    /// Where it stands in the list, counted from 1.
    let line: Int
  }

  /// In the order of the list.
  private(set) var entries: [Entry] = []
  /// Columns that are not used.
  private(set) var unused: [String] = []

  /// Reads the list at `path`.
  ///
  /// - Parameter isPlain: whether it has a path a line; else it is a table
  init(_ path: String, isPlain: Bool) throws(DatasetError) {
    let bytes = try TableFile.bytes(path, of: "a list of images")
    if isPlain {
      for (line, name) in TableFile.lines(bytes) where !name.isEmpty {
        entries.append(Entry(name: name, label: nil, line: line))
      }
    } else {
      try read(try TableFile(path, bytes), path)
    }
    if let entry = entries.first(where: { $0.name.utf8.contains(0) }) {
      throw DatasetError(
        .malformed, path, "line \(entry.line) holds a zero byte, which no path has; expected text in UTF-8")
    }
    if entries.isEmpty {
      throw DatasetError(.malformed, path, "lists no file; expected a path in every line")
    }
    try requireDifferent(path)
  }

  private mutating func read(_ table: TableFile, _ path: String) throws(DatasetError) {
    let columns = table.header.map { $0.map { $0.lowercased() } }
    let pathColumn =
      columns.map { columns in columns.firstIndex(where: TableFile.pathNames.contains) ?? 0 } ?? 0
    var labelColumn = columns.map { $0.firstIndex(where: TableFile.labelNames.contains) } ?? 1
    // Of two columns the other one is the label, whatever it is called.
    if labelColumn == nil, columns?.count == 2 { labelColumn = 1 - pathColumn }
    for row in table.rows {
      guard pathColumn < row.fields.count, !row.fields[pathColumn].isEmpty else {
        throw DatasetError(
          .malformed, path, "line \(row.line) names no file; expected a path, and perhaps a label")
      }
      guard row.fields.count <= max(columns?.count ?? 2, table.rows[0].fields.count) else {
        throw DatasetError(
          .malformed, path,
          "line \(row.line) has \(row.fields.count) fields, the first one \(table.rows[0].fields.count); names that hold "
            + "commas belong in quotation marks")
      }
      let label = labelColumn.flatMap { $0 < row.fields.count ? row.fields[$0] : nil }
      entries.append(Entry(name: row.fields[pathColumn], label: label, line: row.line))
    }
    unused = (table.header ?? []).enumerated().filter { $0.offset != pathColumn && $0.offset != labelColumn }
      .map(\.element)
  }

  /// Each file once, or two images of the results would be called the same.
  private func requireDifferent(_ path: String) throws(DatasetError) {
    var lines: [ExactText: Int] = [:]
    lines.reserveCapacity(entries.count)
    var repeated: [(entry: Entry, first: Int)] = []
    for entry in entries {
      if let first = lines[ExactText(entry.name)] {
        repeated.append((entry, first))
      } else {
        lines[ExactText(entry.name)] = entry.line
      }
    }
    guard let (entry, first) = repeated.first else { return }
    throw DatasetError(
      .malformed, path,
      "line \(entry.line) names \(FileName.shown(entry.name)), as line \(first) does"
        + (repeated.count == 1 ? "" : "; so do \(repeated.count - 1) more lines") + "; leave it out")
  }
}

/// A table in a text file, with or without the names of its columns in its first row.
struct TableFile {
  /// The first row, where it names columns.
  private(set) var header: [String]?
  /// All other rows, and the lines that they begin in.
  private(set) var rows: [(line: Int, fields: [String])] = []

  /// What columns of paths are called.
  static let pathNames: Set<String> = [
    "path", "file", "filename", "file_name", "file name", "filepath", "file_path", "image", "images", "img",
    "image_path",
    "image_name", "image_id", "source", "name",
  ]
  /// What columns of labels are called.
  static let labelNames: Set<String> = [
    "label", "labels", "class", "classes", "class_name", "classname", "category", "target",
  ]

  /// Takes the text at `path` apart, at tabulators, semicolons or commas, as its first line has them.
  init(_ path: String, _ bytes: [UInt8]) throws(DatasetError) {
    var all: [(line: Int, fields: [String])] = []
    do {
      try CSV.forEachRow(bytes, separator: Self.separator(bytes)) { line, fields in all.append((line, fields))
      }
    } catch {
      throw DatasetError(
        .malformed, path,
        "has a quotation mark in line \((error as? CSV.OpenQuote)?.line ?? 0) that is not closed; quotation marks within a field are doubled"
      )
    }
    // A class may be called like a column, a picture may not.
    if let first = all.first, first.fields.contains(where: Self.isHeader),
      !first.fields.contains(where: Self.isImage)
    {
      header = first.fields
      all.removeFirst()
    }
    rows = all
  }

  private static func isImage(_ field: String) -> Bool {
    if case .still = FileKind.of(suffix: FileName.suffix(field)) { true } else { false }
  }

  private static func isHeader(_ field: String) -> Bool {
    let field = field.lowercased()
    return pathNames.contains(field) || labelNames.contains(field)
  }

  private static func separator(_ bytes: [UInt8]) -> UInt8 {
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    if line.contains(UInt8(ascii: "\t")) { return UInt8(ascii: "\t") }
    // A semicolon may well be in a name, but not between the names of columns.
    let text = FileName.text(of: Array(line.starts(with: [0xef, 0xbb, 0xbf]) ? line.dropFirst(3) : line))
    let columns = text.split(separator: ";").map { String($0.filter { $0 != "\"" }) }
    return columns.count > 1 && columns.contains(where: isHeader) ? UInt8(ascii: ";") : UInt8(ascii: ",")
  }

  /// The bytes of a text.
  static func bytes(_ path: String, of what: String) throws(DatasetError) -> [UInt8] {
    guard let status = Files.status(path) else { throw .unreached(path) }
    guard status.isFile else { throw DatasetError(.malformed, path, "is no file; expected \(what)") }
    guard let bytes = Files.contents(path, limit: longest) else {
      throw DatasetError(
        .missing, path,
        errno == EFBIG
          ? "is too long for \(what): \(status.st_size) bytes, at most \(longest) are read"
          : "cannot be read: \(Files.reason())")
    }
    guard !bytes.starts(with: [0xff, 0xfe]), !bytes.starts(with: [0xfe, 0xff]) else {
      throw DatasetError(.malformed, path, "is in UTF-16; expected \(what) in UTF-8: save it again as such")
    }
    return bytes
  }

  /// The lines of a text, counted from 1, without a byte-order mark, and without CR at their ends.
  static func lines(_ bytes: [UInt8]) -> [(line: Int, text: String)] {
    var lines: [(line: Int, text: String)] = []
    let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    for (number, part) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated()
    {
      let part = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
      lines.append((number + 1, FileName.text(of: Array(part))))
    }
    if lines.last?.text.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Longer texts than this are none that people have made.
  private static let longest = 1 << 30
}
