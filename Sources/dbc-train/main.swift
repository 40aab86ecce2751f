import Commands
import MPI
import Training

// mpirun -np N dbc-train [options]
RunControl.catchSignals()
MPIRuntime.run(
  exitCode: ExitCodes.code,
  command: { () throws(EarlyExit) in
    try Command.fromCommandLine(wholeHelp: { Command.wholeHelp }, expanded: ConfigArguments.expanded)
  }
) { command, world in
  try Run.start(command.options, world)
}
