import Foundation

/// A new empty directory that disappears, with all that is in it, together with its owner.
package struct TemporaryDirectory: ~Copyable {
  /// Where the directory is.
  package let url: URL

  /// Makes the directory below the system's folder for temporary files.
  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "dbc-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of `name` inside the directory.
  package func path(_ name: String) -> String { url.appending(path: name).path }
}
