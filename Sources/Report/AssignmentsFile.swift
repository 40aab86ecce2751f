import Basics

/// assignments.csv, one line per image, which is written part by part and has its name when all of it is there.
///
/// Fields that hold commas, quotation marks, LF or CR stand in quotation marks, quotation marks in them doubled (RFC 4180);
/// lines end with LF. Names are the very bytes of the file system, which need not be UTF-8: Python reads them with
/// `csv.reader(open(path, encoding="utf-8", errors="surrogateescape", newline=""))`, and `os.fsencode` of a field gives
/// the bytes.
package struct AssignmentsFile: ~Copyable {
  private var file: AtomicFile

  /// Begins the file.
  ///
  /// - Parameters:
  ///   - labelled: whether there are labels
  ///   - named: whether clusters have names
  package init(_ path: String, labelled: Bool, named: Bool = false) throws(ReportError) {
    var file = try AtomicFile(path)
    try file.write("index,source,cluster,score\(labelled ? ",label" : "")\(named ? ",name" : "")\n")
    self.file = file
  }

  /// Adds the next image.
  ///
  /// - Parameters:
  ///   - source: where it comes from
  ///   - score: that in its cluster, written so that it reads back to the same float
  ///   - label: the name of its class, where there are labels
  ///   - name: that of its cluster, where clusters have names
  package mutating func write(
    _ image: Int, source: String, cluster: Int32, score: Float, label: String?, name: String? = nil
  ) throws(ReportError) {
    var row = CSVRow()
    row.add(image)
    row.add(source)
    row.add(Int(cluster))
    row.add(score)
    Self.end(&row, label: label, name: name)
    try write(row)
  }

  /// Ends the line of an image whose number, source, cluster and score `row` has.
  ///
  /// - Parameters:
  ///   - label: the name of its class, where there are labels
  ///   - name: that of its cluster, where clusters have names
  package static func end(_ row: inout CSVRow, label: String?, name: String?) {
    if let label { row.add(label) }
    if let name { row.add(name) }
    row.end()
  }

  /// Adds whole lines (`end`).
  package mutating func write(_ lines: CSVRow) throws(ReportError) { try file.write(lines.bytes) }

  /// Lets the system begin to bring the file to the disk.
  package mutating func startSync() throws(ReportError) { try file.startSync() }

  /// Gives the file its name.
  package consuming func finish() throws(ReportError) { try file.finish() }
}

/// skipped.csv: files that were left out because they cannot be read.
package enum SkippedFile {
  /// The file's name.
  package static let name = "skipped.csv"

  /// Writes one line for each of `files`; where there is none, removes a file that is there.
  package static func write(_ files: [(file: String, reason: String)], to path: String) throws(ReportError) {
    guard !files.isEmpty else { return try AtomicFile.removeOlder(path) }
    var output = try AtomicFile(path)
    try output.write("file,reason\n")
    for (file, reason) in files {
      try output.write(FileName.bytes(of: "\(CSV.field(file)),\(CSV.field(reason))\n"))
    }
    try output.finish()
  }
}
