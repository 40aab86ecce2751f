import ArgumentParser
import Clustering
import MPI

// mpirun -np N dbc-bench <subcommand> [options]
MPIRuntime.run(exitCode: exitCode) { world in
  BLAS.useOneThread()
  let benchmark = try world.commandLine { () throws(EarlyExit) in try Command.benchmark() }
  try requireOneCommand(world)
  try world.onRoot { try benchmark.check(ranks: world.size) }
  try benchmark.measure(world)
}
