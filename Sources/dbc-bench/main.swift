import ArgumentParser
import Clustering
import MPI

// mpirun -np N dbc-bench <subcommand> [options]
MPIRuntime.run(exitCode: exitCode, command: { () throws(EarlyExit) in try Command.benchmark() }) {
  benchmark, world in
  BLAS.useOneThread()
  try requireOneCommand(world)
  try world.onRoot { try benchmark.check(ranks: world.size) }
  try benchmark.measure(world)
}
