import Foundation

/// Files that are read, and may hold anything.
enum InputFile {
  /// The bytes of a regular file, mapped where the system can, so that they take memory only when they are looked at.
  ///
  /// - Throws: `ReportError` of kind `unreadable`, whose message names what was `expected`; of kind `malformed` where
  ///   the file has more than `atMost` bytes.
  static func map(_ path: String, expected: String, atMost: Int = .max) throws(ReportError) -> Data {
    var status = stat()
    if stat(path, &status) == 0 {
      // A pipe would never end.
      guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
        throw ReportError(.unreadable, path, "cannot be read: expected \(expected), found no regular file")
      }
      guard status.st_mode & S_IFMT == S_IFDIR || status.st_size <= atMost else {
        throw ReportError(
          .malformed, path,
          "is damaged: expected \(expected) of at most \(atMost) bytes, found \(status.st_size)")
      }
    }
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      throw ReportError(
        .unreadable, path, "cannot be read: \(ReportError.reason(of: error)); expected \(expected)")
    }
  }
}
