import Lanes
import MPI

// mpirun -np N mpi-checks NAME…: runs the named checks, or all of a named group, on N ranks. Rank 0 prints "ok NAME"
// after each. MPITests launches it.

let groups: [CheckGroup] = [
  collectiveChecks, segmentChecks, communicatorChecks, windowChecks, agreementChecks, endingChecks,
  reductionChecks, clusteringChecks, graphChecks, pixelChecks,
]

@Sendable func exitCode(_ error: any Error) -> Int32 {
  switch error {
  case let error as CodedError: error.code
  case is MemoryShortage, is SharedMemoryError: 71
  default: 1
  }
}

MPIRuntime.run(exitCode: exitCode) { world in
  let names = CommandLine.arguments.dropFirst()
  guard !names.isEmpty else { throw EarlyExit(code: 2, text: usage(of: groups)) }
  for name in names {
    for check in try checks(named: name, in: groups) {
      try check.body(world)
      try world.barrier()
      if world.isRoot { print("ok \(check.name)") }
    }
  }
}
