import Commands
import Glibc
import MPI
import Training

// [mpirun -np N] dbc-assign MODEL [options]
RunControl.catchSignals()
// A reader of the rows that has seen enough is no failure.
signal(SIGPIPE, SIG_IGN)
MPIRuntime.run(
  exitCode: ExitCodes.code, command: { () throws(EarlyExit) in try Command.fromCommandLine() }
) { command, world in
  try Assign.start(command, world)
}
