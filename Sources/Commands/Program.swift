import Basics
import Foundation

/// What a program says beside its results.
package enum Program {
  /// The program's name, as it was started.
  package static let name = FileName.last(FileName.printable(CommandLine.arguments.first ?? "dbc"))

  /// A line, or several, on standard output.
  package static func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((FileName.printable(text) + "\n").utf8))
  }

  /// A warning on standard error.
  package static func warn(_ text: String) {
    try? FileHandle.standardError.write(
      contentsOf: Data("\(name): warning: \(FileName.printable(text))\n".utf8))
  }
}
