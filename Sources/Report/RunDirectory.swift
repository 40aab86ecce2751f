import Foundation

/// The directory that holds everything of one run.
///
/// Nothing of an older run is touched before the new one has its first file to put there.
package final class RunDirectory {
  /// Where it is, as it was given.
  package let path: String
  private var log: Int32 = -1
  private static let files = [
    "config.json", "metrics.jsonl", "model.safetensors", "embeddings.npy", "scores.npy", "assignments.csv",
  ]

  /// Creates the directory, or checks that an existing one may be used.
  ///
  /// - Throws: `ReportError` of kind `output`: a run is there and may not be replaced, or files cannot be made.
  package init(_ path: String, overwrite: Bool) throws(ReportError) {
    self.path = path
    let manager = FileManager.default
    var isDirectory: ObjCBool = false
    if manager.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else {
        throw ReportError(.output, path, "is a file; --output must name a directory")
      }
      let present = Self.files.filter { manager.fileExists(atPath: "\(path)/\($0)") }
      guard overwrite || present.isEmpty else {
        throw ReportError(
          .output, path,
          "holds a run already (\(present.joined(separator: ", "))); choose another --output, or "
            + "--overwrite to replace it")
      }
    } else {
      do {
        try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      } catch {
        throw ReportError(
          .output, path, "cannot be created: \(ReportError.reason(of: error)); choose another --output")
      }
    }
    try probe()
  }

  deinit { if log >= 0 { close(log) } }

  /// Permissions do not tell whether a file can be made; making one does.
  private func probe() throws(ReportError) {
    let probe = file(".probe.\(getpid())")
    let descriptor = open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ReportError(
        .output, path, "cannot be written to: \(ReportError.reason()); choose another --output")
    }
    close(descriptor)
    unlink(probe)
  }

  /// The path of a file of the run.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes config.json, indented and with sorted keys, which begins the run: files of an older run are removed.
  package func begin(config: JSONLine) throws(ReportError) {
    let object = try? JSONSerialization.jsonObject(with: Data(config.text.utf8))
    let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let object, let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
      preconditionFailure("a JSONLine is JSON")
    }
    var output = try AtomicFile(file("config.json"))
    try output.write(data)
    try output.write("\n")
    try output.finish()
    // Only now: had the disk been full, the older run would still be whole.
    for name in Self.files where name != "config.json" {
      guard unlink(file(name)) == 0 || errno == ENOENT else {
        throw ReportError(
          .writing, file(name), "a file of an older run cannot be removed: \(ReportError.reason())")
      }
    }
  }

  /// Appends one line to metrics.jsonl; it is in the file when this returns.
  package func appendMetrics(_ line: JSONLine) throws(ReportError) {
    let name = file("metrics.jsonl")
    if log < 0 { log = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) }
    guard log >= 0 else { throw ReportError.writing(name) }
    let bytes = Array((line.text + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(log, $0.baseAddress! + done, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ReportError.writing(name) }
      done += count
    }
  }

  /// Writes assignments.csv, one line per image.
  ///
  /// - Parameters:
  ///   - scores: the score of image i in its cluster, written so that it reads back to the same float
  ///   - labels: the class of image i, where there are labels
  ///   - source: where image i comes from
  package func writeAssignments(
    _ clusters: [Int32], scores: [Float], labels: [Int32]?, source: (Int) -> String
  ) throws(ReportError) {
    precondition(scores.count == clusters.count && labels.map { $0.count == clusters.count } ?? true)
    var output = try AtomicFile(file("assignments.csv"))
    try output.write(labels == nil ? "index,source,cluster,score\n" : "index,source,cluster,score,label\n")
    for image in clusters.indices {
      let label = labels.map { ",\($0[image])" } ?? ""
      try output.write("\(image),\(Self.field(source(image))),\(clusters[image]),\(scores[image])\(label)\n")
    }
    try output.finish()
  }

  /// A field as RFC 4180 wants it.
  private static func field(_ text: String) -> String {
    // By scalars: as characters, "\r\n" and a comma with an accent are neither line end nor comma.
    guard text.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) }) else { return text }
    var quoted = "\"".unicodeScalars
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.append(scalar) }
      quoted.append(scalar)
    }
    return String(quoted) + "\""
  }
}
