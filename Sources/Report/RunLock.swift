import Foundation

/// A lock on a run's directory: one program at a time writes there. It goes with the process, however that ends.
package final class RunLock {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of the directory `run`.
  ///
  /// - Throws: `ReportError` of kind `output` where another program holds it.
  package init(run: String) throws(ReportError) {
    let path = "\(run)/.lock"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw ReportError(
          .output, run, "cannot be written to: \(ReportError.reason()); choose another --output")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        let holder = Self.holder(descriptor)
        close(descriptor)
        throw ReportError(
          .output, run,
          "is in use by another run\(holder.isEmpty ? "" : " (\(holder))"); wait for it, or choose another "
            + "--output")
      }
      // The owner removes the file at its end: what was locked here may have been that one.
      if Self.identity(of: descriptor) == Self.identity(of: path) {
        self.path = path
        self.descriptor = descriptor
        note()
        return
      }
      close(descriptor)
    }
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  private func note() {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let text = "process \(getpid()) on \(String(decoding: host, as: UTF8.self))"
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }

  private static func identity(of descriptor: Int32) -> [UInt64]? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  private static func identity(of path: String) -> [UInt64]? {
    var status = stat()
    return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }
}
