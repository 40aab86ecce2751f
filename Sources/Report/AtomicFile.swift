import Foundation

/// A file that appears under its name only when it is complete: written beside it, synced, renamed.
///
/// One that is dropped unfinished leaves nothing behind.
package struct AtomicFile: ~Copyable {
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferBytes = 1 << 20

  /// Creates `path` with a temporary name in the same directory.
  package init(_ path: String) throws(ReportError) {
    self.path = path
    temporary = "\(path).\(getpid()).tmp"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ReportError.writing(path) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
  }

  /// Adds bytes to the end.
  package mutating func write(_ bytes: some Sequence<UInt8>) throws(ReportError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Adds text to the end.
  package mutating func write(_ text: String) throws(ReportError) { try write(text.utf8) }

  /// Adds floats to the end, in this machine's byte order, which is little-endian on all that Swift runs on.
  package mutating func write(_ values: UnsafeBufferPointer<Float>) throws(ReportError) {
    let step = Self.bufferBytes / MemoryLayout<Float>.size
    for start in stride(from: 0, to: values.count, by: step) {
      let part = UnsafeBufferPointer(rebasing: values[start..<min(start + step, values.count)])
      try write(UnsafeRawBufferPointer(part))
    }
  }

  /// Adds floats to the end.
  package mutating func write(_ values: [Float]) throws(ReportError) {
    try values.withUnsafeBufferPointer { pointer throws(ReportError) in try write(pointer) }
  }

  /// Syncs the file and gives it its name.
  package consuming func finish() throws(ReportError) {
    try flush()
    let synced = fsync(descriptor) == 0
    let code = errno
    let closed = close(descriptor) == 0
    descriptor = -1
    guard synced, closed, rename(temporary, path) == 0 else {
      let error = ReportError.writing(path, synced ? errno : code)
      unlink(temporary)
      throw error
    }
  }

  private mutating func flush() throws(ReportError) {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress! + done, $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ReportError.writing(path) }
      done += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
