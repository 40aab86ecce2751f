/// An error that all ranks of a communicator throw alike, so that one of them reports it and all stop in order.
package struct CollectiveFailure: Error, CustomStringConvertible {
  /// What is reported: where no particular rank is to blame, without a rank's name.
  package let message: String
  /// The rank of the whole job that reports it.
  package let worldRank: Int
  /// Whether all ranks of the job throw it; otherwise only those of a smaller communicator do.
  package let onEveryRank: Bool
  /// The error itself, on the rank that it happened on.
  package let underlying: (any Error)?

  /// The message.
  package var description: String { message }
}

/// The wish of all ranks to end the job with a text of their own, such as `--help`.
///
/// Every rank throws it alike, for a reason that all of them see, such as the command line; or rank 0 throws it inside
/// `onRoot`.
package struct EarlyExit: Error, CustomStringConvertible {
  /// The exit code of the job.
  package let code: Int32
  /// What rank 0 prints: to standard output where `code` is 0, else to standard error.
  package let text: String

  /// An end with `code` and what rank 0 prints.
  package init(code: Int32, text: String) {
    self.code = code
    self.text = text
  }

  /// The text.
  package var description: String { text }
}
