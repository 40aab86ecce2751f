import Basics
import Glibc

/// What a program says beside its results.
package enum Program {
  /// The program's name, as it was started.
  package static let name = FileName.last(FileName.printable(CommandLine.arguments.first ?? "dbc"))

  /// A line, or several, on standard output.
  package static func say(_ text: String) {
    Files.write("\(FileName.printable(text))\n", to: STDOUT_FILENO)
  }

  /// A line on standard error that is no warning.
  package static func note(_ text: String) { tell("\(name): \(text)") }

  /// A warning on standard error.
  package static func warn(_ text: String) { tell("\(name): warning: \(text)") }

  private static func tell(_ line: String) {
    Files.write("\(FileName.printable(line))\n", to: STDERR_FILENO)
  }
}
