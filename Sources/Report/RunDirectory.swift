import Foundation

/// The directory that holds everything of one run.
///
/// Nothing of an older run is touched before the new one has its first result to put there.
package final class RunDirectory {
  package let path: String
  private var log: FileHandle?
  private static let files = [
    "config.json", "metrics.jsonl", "model.safetensors", "embeddings.npy", "scores.npy", "assignments.csv",
  ]

  /// Creates the directory, or checks that an existing one may be used. Leaves no trace when it throws.
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
          .output, path, "cannot be created: \(Self.reason(of: error)); choose another --output")
      }
    }
    try probe()
  }

  private static func reason(of error: any Error) -> String {
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    return cause.domain == NSPOSIXErrorDomain
      ? ReportError.reason(Int32(cause.code)) : error.localizedDescription
  }

  private func probe() throws(ReportError) {
    let probe = "\(path)/.probe.\(getpid())"
    let descriptor = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ReportError(
        .output, path, "cannot be written to: \(ReportError.reason()); choose another --output")
    }
    close(descriptor)
    unlink(probe)
  }

  /// Writes config.json, which begins the run: files of an older run are removed.
  package func begin(config: JSONLine) throws(ReportError) {
    let object = try? JSONSerialization.jsonObject(with: Data(config.text.utf8))
    let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let object, let data = try? JSONSerialization.data(withJSONObject: object, options: options) else {
      preconditionFailure("a JSONLine is JSON")
    }
    for name in Self.files where name != "config.json" { unlink(file(name)) }
    var output = try AtomicFile(file("config.json"))
    try output.write(String(decoding: data, as: UTF8.self) + "\n")
    try output.finish()
  }

  /// The path of a file of the run.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Appends one line to metrics.jsonl.
  package func appendMetrics(_ line: JSONLine) throws(ReportError) {
    let name = file("metrics.jsonl")
    if log == nil {
      if !FileManager.default.fileExists(atPath: name) {
        _ = FileManager.default.createFile(atPath: name, contents: nil)
      }
      log = FileHandle(forWritingAtPath: name)
      _ = try? log?.seekToEnd()
    }
    do {
      guard let log else { throw CocoaError(.fileWriteUnknown) }
      try log.write(contentsOf: Data((line.text + "\n").utf8))
    } catch {
      throw ReportError(.writing, name, "cannot be written: \(Self.reason(of: error))")
    }
  }

  /// Writes assignments.csv.
  ///
  /// - Parameters:
  ///   - source: where image i comes from
  ///   - labels: the name of image i's class, where there is one
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
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
  }
}
