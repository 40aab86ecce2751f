import Clustering
import Commands
import MPI

// dbc-report RUN [options]
MPIRuntime.run(
  exitCode: ExitCodes.code, command: { () throws(EarlyExit) in try Command.fromCommandLine() }
) { command, world in
  try ReportRun.make(command, world)
}
