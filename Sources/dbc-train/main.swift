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
      throw EarlyExit(code: Command.exitCode(for: error).rawValue, text: Command.fullMessage(for: error))
    }
  }
  try Run.start(command.options, world)
}
