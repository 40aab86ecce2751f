import Basics
import Glibc

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

  /// What is wrong.
  package let kind: Kind
  /// The file or directory.
  package let path: String
  /// What was expected and found, and what to do.
  package let message: String

  /// An error about `path`.
  package init(_ kind: Kind, _ path: String, _ message: String) {
    (self.kind, self.path, self.message) = (kind, path, message)
  }

  /// The path and the message.
  package var description: String { "\(FileName.shown(path)): \(message)" }

  /// A failed write of `path`, with the system's reason.
  static func writing(_ path: String, _ code: Int32 = errno) -> ReportError {
    let hint = code == ENOSPC || code == EDQUOT ? "; free some space or choose another --output" : ""
    return ReportError(.writing, path, "cannot be written: \(reason(code))\(hint)")
  }

  /// A folder or file of a run of which the system does not tell whether it is there.
  static func unlisted(_ path: String, _ code: Int32) -> ReportError {
    ReportError(
      .unreadable, path,
      "cannot be looked into: \(reason(code)); nothing was changed: see that the file system is mounted and may be "
        + "read, then start again, or choose another --output")
  }

  /// The system's reason for the last failure.
  static func reason(_ code: Int32 = errno) -> String { Files.reason(code) }
}

extension ReportError {
  /// The code with which a program ends for it, that of sysexits.h.
  package var exitCode: Int32 {
    switch kind {
    case .malformed: 65
    case .unreadable: 66
    case .output: 73
    case .writing: 74
    }
  }
}
