import ArgumentParser
import Clustering
import MPI

// mpirun -np N dbc-bench <subcommand> [options]
MPIRuntime.run(exitCode: exitCode) { world in
  BLAS.useOneThread()
  let command: any ParsableCommand
  do {
    command = try Command.parseAsRoot()
  } catch {
    throw EarlyExit(code: Command.exitCode(for: error).rawValue, text: Command.fullMessage(for: error))
  }
  guard let benchmark = command as? any Benchmark else {
    throw EarlyExit(code: 0, text: Command.helpMessage())
  }
  try world.onRoot { try benchmark.check(ranks: world.size) }
  try benchmark.measure(world)
}
