import MPI

let communicatorChecks = CheckGroup(
  name: "communicators",
  checks: [
    Check("identity", identity), Check("duplicate", duplicate), Check("split", split),
    Check("nodes", nodes), Check("hosts", hosts),
  ])

private func identity(_ world: borrowing Communicator) throws {
  try expectEqual(world.rank, world.worldRank, "rank")
  try expectEqual(world.size, world.worldSize, "size")
  try expect(!world.host.isEmpty, "the host has no name")
  try expectEqual(world.label, "[rank \(world.rank) of \(world.size), \(world.host)]", "label")
  try expect(MPIRuntime.libraryName.contains("MPI"), "library version: \(MPIRuntime.libraryName)")
}

// The copy has the same ranks, and goes on when it is used in turn with the original.
private func duplicate(_ world: borrowing Communicator) throws {
  let other = try world.duplicate()
  try expectEqual([other.rank, other.size], [world.rank, world.size], "rank and size")
  for round in Int64(1)...3 {
    try expectEqual(try other.allReduce(round, .sum), round * Int64(world.size), "the copy's sum")
    try expectEqual(try world.allReduce(100 * round, .max), 100 * round, "the original's maximum")
  }
}

private func hosts(_ world: borrowing Communicator) throws {
  let hosts = try world.hosts()
  try expectEqual(hosts.count, world.size, "one name per rank")
  try expectEqual(hosts[world.rank], world.host, "this rank's own")
}

private func split(_ world: borrowing Communicator) throws {
  guard let parity = try world.split(color: world.rank % 2, key: -world.rank) else {
    throw CheckFailure(description: "a rank with a color has no communicator")
  }
  let members = try parity.allGather(Int32(world.rank))
  let wanted = (0..<world.size).filter { $0 % 2 == world.rank % 2 }.reversed().map(Int32.init)
  try expectEqual(members, wanted, "ranks of one parity, backwards")
  try expectEqual(parity.worldRank, world.rank, "the rank within the job")

  let first = try world.split(color: world.isRoot ? 0 : nil, key: 0)
  let isMember: Bool
  switch first {
  case .some(let alone):
    isMember = true
    try expectEqual(alone.size, 1, "the size of a communicator of one")
  case .none: isMember = false
  }
  try expectEqual(isMember, world.isRoot, "who is in the communicator of one")
}

private func nodes(_ world: borrowing Communicator) throws {
  let nodes = try world.splitByNode()
  let count = Int(try world.allReduce(Int64(nodes.node.isRoot ? 1 : 0), .sum))
  try expect(count >= 1 && count <= world.size, "\(count) nodes")
  var isLeader = false
  switch nodes.leaders {
  case .some(let leaders):
    isLeader = true
    try expectEqual(leaders.size, count, "leaders")
    if world.isRoot { try expectEqual(leaders.rank, 0, "rank 0's number among the leaders") }
  case .none: break
  }
  try expectEqual(isLeader, nodes.node.isRoot, "whether a node's first rank leads")
  if world.isRoot { try expect(isLeader, "rank 0 does not lead its node") }
  let ranks = try nodes.node.allReduce(Int64(nodes.node.isRoot ? nodes.node.size : 0), .sum)
  try expectEqual(Int(ranks), nodes.node.size, "ranks of this node")
}
