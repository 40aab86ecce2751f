import Basics

/// Images or labels that cannot be used: which file, what was expected, what was found, what to do.
package struct DatasetError: Error, Codable, CustomStringConvertible {
  /// What is wrong, for exit codes.
  package enum Kind: String, Codable, Sendable {
    /// A file or folder is not there or may not be read.
    case missing
    /// A file is not what its name or its header says.
    case malformed
    /// Files that do not fit together.
    case mismatch
    /// Options that do not fit together.
    case options
  }

  /// What is wrong.
  package let kind: Kind
  /// The file or folder, or nil where it is not about one.
  package let file: String?
  /// What was expected, what was found, and what to do.
  package let message: String

  /// What is wrong with `file`.
  package init(_ kind: Kind, _ file: String?, _ message: String) {
    (self.kind, self.file, self.message) = (kind, file, message)
  }

  /// File and message.
  package var description: String { file.map { "\(FileName.shown($0)): \(message)" } ?? message }
}
