import MPI

let agreementChecks = CheckGroup(
  name: "agreement",
  checks: [
    Check("value-of-root", valueOfRoot), Check("root-runs-alone", rootRunsAlone),
    Check("together", together), Check("failure-is-known-to-all", failureIsKnownToAll),
  ])

private struct Catalogue: Codable, Equatable {
  var names: [String]
  var share: Double
  var limits: [Float]
  var parent: Int?
}

private func valueOfRoot(_ world: borrowing Communicator) throws {
  let wanted = Catalogue(
    names: ["ä", "b/c", ""], share: 0.1 + 0.2,
    limits: [.infinity, -.infinity, .leastNonzeroMagnitude, 1 / 3], parent: nil)
  let found = try world.onRoot { wanted }
  try expectEqual(found, wanted, "a structure")
  try expectEqual(try world.onRoot { world.rank }, 0, "the rank that ran the body")
  try expectEqual(try world.onRoot { Int?.none }, nil, "nothing")
  try expect(try world.onRoot { Double.nan }.isNaN, "not a number")
}

private func rootRunsAlone(_ world: borrowing Communicator) throws {
  var runs: Int64 = 0
  try world.onRoot { runs += 1 }
  try expectEqual(runs, world.isRoot ? 1 : 0, "how often the body ran")
}

private func together(_ world: borrowing Communicator) throws {
  let value = try world.together { world.rank * 3 }
  try expectEqual(value, world.rank * 3, "each rank's own value")
}

private func failureIsKnownToAll(_ world: borrowing Communicator) throws {
  let last = world.size - 1
  do {
    try world.together {
      if world.rank == last { throw CodedError(code: 9, description: "no space") }
    }
  } catch let failure as CollectiveFailure {
    try expectEqual(failure.worldRank, last, "who failed")
    try expect(failure.message.hasPrefix("[rank \(last) of \(world.size), "), "message: \(failure.message)")
    try expect(failure.message.hasSuffix("] no space"), "message: \(failure.message)")
    try expectEqual(failure.underlying != nil, world.rank == last, "whether the error itself is here")
    // All ranks are still in step.
    return try expectEqual(try world.allReduce(Int64(1), .sum), Int64(world.size), "ranks")
  }
  throw CheckFailure(description: "nothing was thrown")
}
