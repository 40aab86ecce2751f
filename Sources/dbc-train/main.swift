import Commands
import MPI
import Training

// mpirun -np N dbc-train [options]
RunControl.catchSignals()
MPIRuntime.run(exitCode: ExitCodes.code) { world in
  let command = try world.command(Command.self, expanded: ConfigArguments.expanded)
  try Run.start(command.options, world)
}
