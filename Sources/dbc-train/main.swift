import ArgumentParser
import Basics
import MPI
import Training

// mpirun -np N dbc-train [options]
RunControl.catchSignals()
MPIRuntime.run(exitCode: ExitCodes.code) { world in
  let command = try world.commandLine { () throws(EarlyExit) in
    do {
      return try Command.parse(FileName.arguments)
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
  try Run.start(command.options, world)
}
