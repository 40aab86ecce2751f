import Basics
import FoundationEssentials
import Glibc

/// Files that are read, and may hold anything.
enum InputFile {
  /// The bytes of a regular file, mapped where the system can, so that they take memory only when they are looked at.
  ///
  /// - Throws: `ReportError` of kind `unreadable`, whose message names what was `expected`; of kind `malformed` where
  ///   the file has more than `atMost` bytes.
  static func map(_ path: String, expected: String, atMost: Int = .max) throws(ReportError) -> Data {
    // A pipe would never open, or never end.
    let descriptor = Files.open(path, O_RDONLY | O_NONBLOCK)
    defer { if descriptor >= 0 { close(descriptor) } }
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw unreadable(path, errno, expected) }
    guard !status.isFolder else { throw unreadable(path, EISDIR, expected) }
    guard status.isFile else {
      throw ReportError(.unreadable, path, "cannot be read: expected \(expected), found no regular file")
    }
    let count = Int(status.st_size)
    guard count <= atMost else {
      throw ReportError(
        .malformed, path, "is damaged: expected \(expected) of at most \(atMost) bytes, found \(count)")
    }
    if count == 0 { return Data() }
    if let bytes = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), bytes != MAP_FAILED {
      return Data(bytesNoCopy: bytes, count: count, deallocator: .unmap)
    }
    guard let bytes = Files.contents(path) else { throw unreadable(path, errno, expected) }
    return Data(bytes)
  }

  private static func unreadable(_ path: String, _ code: Int32, _ expected: String) -> ReportError {
    ReportError(.unreadable, path, "cannot be read: \(ReportError.reason(code)); expected \(expected)")
  }
}
