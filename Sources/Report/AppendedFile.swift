import Basics
import Glibc

/// A file that grows at its end while a run goes on. What cannot be written, as the disk is full, is kept and written with
/// what comes next.
final class AppendedFile {
  /// Where the file is.
  let path: String
  private var descriptor: Int32 = -1
  private var pending: [UInt8] = []

  /// The file at `path`, which is made with its first bytes.
  init(_ path: String) { self.path = path }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends `bytes`; they are in the file when this returns.
  ///
  /// - Throws: `ReportError` of kind `writing`; the bytes are kept.
  func append(_ bytes: [UInt8]) throws(ReportError) {
    pending += bytes
    try flush()
  }

  /// Writes what could not be written before.
  func flush() throws(ReportError) {
    guard !pending.isEmpty else { return }
    if descriptor < 0 { try open() }
    while !pending.isEmpty {
      let count = pending.withUnsafeBytes { write(descriptor, $0.baseAddress!, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ReportError.writing(path) }
      pending.removeFirst(count)
    }
  }

  /// The length of the file, with all that was kept; 0 of one that has not been opened.
  func length() throws(ReportError) -> Int {
    try flush()
    return descriptor < 0 ? 0 : Int(lseek(descriptor, 0, SEEK_END))
  }

  /// Opens the file that has this name now, or makes it, with its folder.
  func open() throws(ReportError) {
    if descriptor >= 0 { close(descriptor) }
    guard Files.makeFolders(FileName.folder(path)) == 0 else { throw ReportError.writing(path) }
    descriptor = Files.open(path, O_WRONLY | O_CREAT | O_APPEND)
    guard descriptor >= 0 else { throw ReportError.writing(path) }
  }
}
