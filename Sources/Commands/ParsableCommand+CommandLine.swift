import ArgumentParser
import Basics
import MPI

extension ParsableCommand {
  /// What the command line says; help (with all options by `--help-all`), the version and mistakes are thrown.
  ///
  /// - Parameters:
  ///   - wholeHelp: what `--help-all` says
  ///   - expanded: the arguments, and others that they lead to
  package static func fromCommandLine(
    wholeHelp: () -> String = { helpMessage(includeHidden: true) },
    expanded: ([String]) throws(EarlyExit) -> [String] = { $0 }
  ) throws(EarlyExit) -> Self {
    if FileName.arguments.contains("--help-all") { throw EarlyExit(code: 0, text: wholeHelp()) }
    let arguments = try expanded(FileName.arguments)
    do {
      return try parse(arguments)
    } catch {
      let text = fullMessage(for: error)
      let isPattern = text.contains("unexpected arguments") && FileName.arguments.contains("--images")
      let hint =
        "\nThe shell has replaced a pattern by many names: quote it, as in --images 'photos/*.png', or give the folder."
      throw EarlyExit(
        code: exitCode(for: error).rawValue,
        text: isPattern ? String(text.prefix(300)) + (text.count > 300 ? " …" : "") + hint : text)
    }
  }
}
