import Foundation

/// A file that could not be read or written: which, why, and what to do.
package struct ReportError: Error, CustomStringConvertible {
  /// What is wrong, for exit codes.
  package enum Kind: Sendable {
    /// The file is not what it should be.
    case malformed
    /// The file is not there, or may not be read.
    case unreadable
    /// The output directory holds a run already, or cannot hold one.
    case output
    /// A write failed.
    case writing
  }

  package let kind: Kind
  package let path: String
  package let message: String

  package init(_ kind: Kind, _ path: String, _ message: String) {
    (self.kind, self.path, self.message) = (kind, path, message)
  }

  package var description: String { "\(path): \(message)" }

  /// The system's reason for the last failure.
  static func reason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
}
