/// A table in plain text, columns separated by two spaces.
package struct TextTable {
  /// Where a column's text stands.
  package enum Alignment: Sendable { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]]

  /// A table with the given column titles and no rows.
  package init(_ header: [(String, Alignment)]) {
    alignments = header.map(\.1)
    rows = [header.map(\.0)]
  }

  /// Adds a row, with one text per column.
  package mutating func add(_ row: [String]) {
    precondition(row.count == alignments.count, "a row has one text per column")
    rows.append(row)
  }

  /// The table, with a line under its header.
  package var text: String {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ row: [String]) -> String {
      let fields = row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return alignments[column] == .left ? text + padding : padding + text
      }
      var line = fields.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    return ([line(rows[0]), rule] + rows.dropFirst().map(line)).joined(separator: "\n")
  }
}
