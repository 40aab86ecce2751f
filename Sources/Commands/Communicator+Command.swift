import ArgumentParser
import Basics
import MPI

extension Communicator {
  /// What the command line says, on all ranks; a program that is asked for help, or cannot read its options, ends.
  /// **Collective.**
  ///
  /// - Parameter expanded: the arguments, and others that they lead to
  package func command<Command: ParsableCommand>(
    _: Command.Type, expanded: ([String]) throws(EarlyExit) -> [String] = { $0 }
  ) throws -> Command {
    try commandLine { () throws(EarlyExit) in
      let arguments = try expanded(FileName.arguments)
      do {
        return try Command.parse(arguments)
      } catch {
        let text = Command.fullMessage(for: error)
        let isPattern = text.contains("unexpected arguments") && FileName.arguments.contains("--images")
        let hint =
          "\nThe shell has replaced a pattern by many names: quote it, as in --images 'photos/*.png', or give the folder."
        throw EarlyExit(
          code: Command.exitCode(for: error).rawValue,
          text: isPattern ? String(text.prefix(300)) + (text.count > 300 ? " …" : "") + hint : text)
      }
    }
  }
}
