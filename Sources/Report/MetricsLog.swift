import Basics
import FoundationEssentials
import Glibc

/// metrics.jsonl: one object of JSON on a line for every epoch, run of k-means and partition of the graph.
///
/// Lines that cannot be written, as the disk is full, are kept and written with the next ones.
package final class MetricsLog {
  /// Where the file is.
  package let path: String
  private let file: AppendedFile

  /// The log at `path`, which is made with its first line.
  package init(_ path: String) { (self.path, file) = (path, AppendedFile(path)) }

  /// Appends a record as one line, with null for numbers that are not finite; it is in the file when this returns.
  ///
  /// - Throws: `ReportError` of kind `writing`; the line is kept and written with the next one.
  package func append(_ record: some Encodable) throws(ReportError) {
    try file.append(Array((JSON.line(record, .null) + "\n").utf8))
  }

  /// The records of `lines`; a line that holds none of this type, as one of another version, is left out.
  package static func records<Record: Decodable>(_: Record.Type, in lines: [Data]) -> [Record] {
    lines.compactMap { try? JSON.decode(Record.self, from: $0) }
  }

  /// Writes what could not be written before.
  package func flush() throws(ReportError) { try file.flush() }

  /// The length of the file, of all lines so far.
  package func length() throws(ReportError) -> Int { try file.length() }

  /// Waits until the file at `path` is on the disk, as far as it was written when this was called; on any thread.
  package static func sync(_ path: String) throws(ReportError) {
    let descriptor = Files.open(path, O_WRONLY)
    if descriptor < 0, errno == ENOENT { return }
    guard descriptor >= 0 else { throw ReportError.writing(path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw ReportError.writing(path) }
  }

  /// Takes the first `bytes` bytes of the file at `source` (the log itself, or that of another run) as what has been
  /// written so far, and cuts off the rest.
  ///
  /// - Parameter prepare: what is to happen when they are known to be there, before anything is cut off
  /// - Returns: the lines.
  package func resume(
    at bytes: Int, from source: String, _ prepare: () throws(ReportError) -> Void = {}
  ) throws(ReportError) -> [Data] {
    guard let contents = bytes == 0 ? [] : Files.contents(source) else {
      throw ReportError(.unreadable, source, "cannot be read: \(ReportError.reason())")
    }
    let data = Data(contents)
    guard bytes >= 0, data.count >= bytes else {
      throw ReportError(
        .malformed, source,
        "has \(data.count) bytes, but had \(bytes) when the checkpoint was written; begin anew with --overwrite"
      )
    }
    let kept = data.prefix(bytes)
    try prepare()
    if source == path {
      guard Files.truncate(path, to: bytes) == 0 || (bytes == 0 && errno == ENOENT) else {
        throw ReportError.writing(path)
      }
    } else {
      var copy = try AtomicFile(path)
      try copy.write(kept)
      try copy.finish()
    }
    try file.open()
    return kept.split(separator: UInt8(ascii: "\n")).map { Data($0) }
  }
}
