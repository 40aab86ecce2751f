import Lanes
import Foundation
import MPI

/// Each of these ends the job in its own way; MPITests looks at the exit code and at what was printed.
let endingChecks = CheckGroup(
  name: "endings",
  checks: [
    Check("throw-in-collective", throwInCollective), Check("throw-among-deaf", throwAmongDeaf),
    Check("throw-with-window", throwWithWindow), Check("throw-after-split", throwAfterSplit),
    Check("root-failure") { world in
      _ = try world.onRoot { () -> Int in throw CodedError(code: 17, description: "no such directory") }
    },
    Check("together-failure") { world in
      try world.together {
        if world.rank >= world.size / 2 { throw CodedError(code: 18, description: "slice is damaged") }
      }
    },
    Check("nested-failure") { world in
      try world.together {
        try world.onRoot { throw CodedError(code: 19, description: "inner reason") }
      }
    },
    Check("failure-of-some", failureOfSome), Check("exit-help", exitHelp),
    Check("exit-usage") { _ in throw EarlyExit(code: 64, text: "unknown option") },
    Check("root-exit") { world in try world.onRoot { throw EarlyExit(code: 0, text: "nothing to do") } },
    Check("zero-code") { _ in throw CodedError(code: 0, description: "an error with code zero") },
    Check("mpi-error", mpiError), windowTooLarge,
    Check("no-memory") { world in
      // On all ranks but the first.
      if world.rank > 0 || world.size == 1 { _ = AlignedBuffer<Float>(count: 1 << 46, for: "a test") }
      try world.barrier()
    },
    Check("no-memory-anywhere") { _ in
      signal(SIGTERM, SIG_IGN)
      _ = AlignedBuffer<Double>(count: Int.max / 2, for: "another test")
    },
    // Under a limit of the address space: pieces too small to be looked at one by one.
    Check("memory-used-up") { world in
      while true { Leak.add(AlignedBuffer<Float>(count: 1 << 20, for: "many pieces")) }
    },
  ])

/// Memory that is not given back.
private enum Leak {
  static func add(_ buffer: consuming AlignedBuffer<Float>) {
    let box = Box(buffer)
    _ = Unmanaged.passRetained(box)
  }
  private final class Box {
    let buffer: AlignedBuffer<Float>
    init(_ buffer: consuming AlignedBuffer<Float>) { self.buffer = buffer }
  }
}

// MPITests compares the time in the message with the time at which the job was down.
private func failing() throws {
  throw CodedError(code: 42, description: "the disk is on fire at \(Date().timeIntervalSince1970)")
}

private func throwInCollective(_ world: borrowing Communicator) throws {
  if world.rank == world.size - 1 { try failing() }
  _ = try world.allReduce(Int64(1), .sum)
  sleep(60)
}

// A program that answers SIGTERM with a checkpoint does not end at once when it is asked to.
private func throwAmongDeaf(_ world: borrowing Communicator) throws {
  signal(SIGTERM, SIG_IGN)
  try world.barrier()
  if world.rank == world.size - 1 { try failing() }
  try world.barrier()
}

private func throwWithWindow(_ world: borrowing Communicator) throws {
  let nodes = try world.splitByNode()
  let window = try SharedWindow<Float>(count: 1000, on: nodes.node)
  if world.rank == world.size - 1 { try failing() }
  try window.fence()
  sleep(60)
}

private func throwAfterSplit(_ world: borrowing Communicator) throws {
  let half = try world.split(color: world.rank % 2, key: 0)
  let copy = try world.duplicate()
  if world.rank == world.size - 1 { try failing() }
  try copy.barrier()
  _ = consume half
}

// A failure that only the ranks of a smaller communicator know of.
private func failureOfSome(_ world: borrowing Communicator) throws {
  switch try world.split(color: world.rank / 2, key: 0) {
  case .some(let pair) where world.rank < 2:
    try pair.onRoot { throw CodedError(code: 21, description: "only two know") }
  default: try world.barrier()
  }
}

private func exitHelp(_ world: borrowing Communicator) throws {
  throw EarlyExit(code: 0, text: "USAGE: so and so")
}

// A broadcast from a rank that does not exist: MPI itself refuses.
private func mpiError(_ world: borrowing Communicator) throws {
  if world.rank == world.size - 1 { _ = try world.broadcast(Int32(1), from: world.size + 3) }
  try world.barrier()
}
