import Clustering
import Commands
import MPI

// dbc-report RUN [options]
MPIRuntime.run(exitCode: ExitCodes.code) { world in
  try ReportRun.make(try world.command(Command.self), world)
}
