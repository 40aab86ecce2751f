import Basics
import Report

/// The directory of the results: written part by part, and there when all is.
final class ResultDirectory {
  private let path: String
  private let lock: RunLock
  private let form: ResultForm?
  private var assignments: AssignmentsFile?
  private var details: AtomicFile?
  private var lines: AtomicFile?
  private var embeddings: NPYFile?
  private var scores: NPYFile?
  /// The lines of a block in assignments.csv and in details.csv; their memory serves all blocks.
  private var (short, long) = (CSVRow(), CSVRow())
  private static let names = [
    "assignments.csv", "details.csv", "assignments.jsonl", "embeddings.npy", "scores.npy", SkippedFile.name,
  ]

  /// Makes the directory, or checks that one that is there may be used, and locks it.
  ///
  /// - Parameter form: the only one that is wanted; nil: tables and arrays
  init(_ path: String, overwrite: Bool, form: ResultForm?) throws(ReportError) {
    (self.path, self.form) = (path, form)
    if let status = Files.status(path) {
      guard status.isFolder else {
        throw ReportError(.output, path, "is a file; --output must name a directory")
      }
    } else if Files.makeFolders(path) != 0 {
      throw ReportError(.output, path, "cannot be created: \(Files.reason()); choose another --output")
    }
    lock = try RunLock(run: path)
    for name in ["config.json", "checkpoints", "model.safetensors"] where Files.exists("\(path)/\(name)") {
      throw ReportError(
        .output, path,
        "holds a run of dbc-train (\(name)), whose results stay as they are; choose another --output")
    }
    AtomicFile.removeLeftovers(of: Self.names, in: path)
    let present = Self.names.filter { Files.exists("\(path)/\($0)") }
    guard overwrite || present.isEmpty else {
      throw ReportError(
        .output, path,
        "holds results already (\(present.joined(separator: ", "))); choose another --output, or --overwrite to replace "
          + "them")
    }
  }

  /// What the user should know of the directory's lock; nil where all is well.
  var lockWarning: String? { lock.weakness.map { "\(FileName.shown(path)): \($0)" } }

  /// Begins the files.
  ///
  /// - Parameters:
  ///   - labelled: whether there are labels
  ///   - named: whether clusters have names
  func begin(
    images: Int, features: Int, clusters: Int, labelled: Bool, named: Bool
  ) throws(ReportError) {
    if form == nil || form == .csv {
      assignments = try AssignmentsFile("\(path)/assignments.csv", labelled: labelled, named: named)
      var file = try AtomicFile("\(path)/details.csv")
      try file.write(Row.header(named: named))
      details = consume file
    }
    if form == .jsonl { lines = try AtomicFile("\(path)/assignments.jsonl") }
    if form == nil || form == .npy {
      embeddings = try NPYFile("\(path)/embeddings.npy", rows: images, columns: features)
      scores = try NPYFile("\(path)/scores.npy", rows: images, columns: clusters)
    }
  }

  /// Adds `count` rows.
  func write(_ count: Int, _ row: (Int) -> Row) throws(ReportError) {
    if assignments != nil {
      Self.makeLines(count, row, &short, &long)
      try assignments?.write(short)
      try details?.write(long.bytes)
    }
    if lines != nil {
      for place in 0..<count { try lines?.write(row(place).json) }
    }
  }

  /// The lines of two tables, which begin alike, in place of what was there.
  private static func makeLines(
    _ count: Int, _ row: (Int) -> Row, _ short: inout CSVRow, _ long: inout CSVRow
  ) {
    short.clear()
    long.clear()
    for place in 0..<count {
      let (row, first) = (row(place), long.bytes.count)
      row.addFirst(to: &long)
      short.add(long, from: first)
      AssignmentsFile.end(&short, label: row.label, name: row.name)
      row.addDetails(to: &long)
      long.end()
    }
  }

  /// Adds the arrays of a block.
  func write(_ block: AssignedBlock) throws(ReportError) {
    try embeddings?.write(block.features)
    try scores?.write(block.scores)
  }

  /// Gives the files their names, and removes those of older results.
  func finish(_ skipped: [(file: String, reason: String)]) throws(ReportError) {
    // All at once: the first one that is waited for takes most of the time.
    try embeddings?.startSync()
    try scores?.startSync()
    try details?.startSync()
    try lines?.startSync()
    try assignments?.startSync()
    for name in Self.names where name != SkippedFile.name { try AtomicFile.removeOlder("\(path)/\(name)") }
    try SkippedFile.write(skipped, to: "\(path)/\(SkippedFile.name)")
    try embeddings.take()?.finish()
    try scores.take()?.finish()
    try details.take()?.finish()
    try lines.take()?.finish()
    try assignments.take()?.finish()
  }
}
