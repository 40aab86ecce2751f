import Glibc
import MPI

let windowChecks = CheckGroup(
  name: "windows",
  checks: [
    Check("shared-window", sharedWindow), Check("window-left-open", windowLeftOpen),
    Check("empty-window", emptyWindow), Check("node-queue", nodeQueue),
  ])

/// Not in the group: it is meant to fail.
let windowTooLarge = Check("window-too-large") { world in
  let nodes = try world.splitByNode()
  let window = try SharedWindow<Double>(count: 1 << 46, on: nodes.node)
  try window.free()
}

private func sharedWindow(_ world: borrowing Communicator) throws {
  let nodes = try world.splitByNode()
  let ranks = nodes.node.size
  let perRank = 40_000
  let window = try SharedWindow<Float>(count: ranks * perRank, on: nodes.node)
  try expectEqual(window.all.count, ranks * perRank, "elements")
  try expectEqual(Int(bitPattern: window.all.baseAddress) % 64, 0, "alignment")
  for round in 1...3 {
    // Each rank writes the part of its neighbour.
    let part = (nodes.node.rank + round) % ranks
    for i in 0..<perRank { window.all[part * perRank + i] = Float(round * 1000 + part) }
    try window.fence()
    for part in 0..<ranks {
      for i in stride(from: 0, to: perRank, by: 99) {
        try expectEqual(window.all[part * perRank + i], Float(round * 1000 + part), "round \(round), \(part)")
      }
    }
    try window.fence()
  }
  try window.free()
}

private func windowLeftOpen(_ world: borrowing Communicator) throws {
  let nodes = try world.splitByNode()
  let window = try SharedWindow<UInt8>(count: 1 << 20, on: nodes.node)
  if nodes.node.isRoot { window.all.update(repeating: 7) }
  try window.fence()
  try expectEqual(window.all[(1 << 20) - 1], 7, "the last byte")
}

private func emptyWindow(_ world: borrowing Communicator) throws {
  let nodes = try world.splitByNode()
  let window = try SharedWindow<Float>(count: 0, on: nodes.node)
  try window.fence()
  try expect(window.all.isEmpty, "an empty window has \(window.all.count) elements")
  try window.free()
}

/// Every piece of every round is done once, also where a rank is slow, or pieces are fewer than ranks.
private func nodeQueue(_ world: borrowing Communicator) throws {
  for layout in nodeLayouts(ranks: world.size) {
    let nodes = layout ?? Array(repeating: 0, count: world.size)
    let node = try world.split(color: nodes[world.rank], key: world.rank)!
    let queue = try NodeQueue(node)
    for count in [0, 1, 7, 100, 100, 3] {
      var own = [Int64](repeating: 0, count: max(1, count))
      let done = queue.share(count) { piece in
        own[piece] += 1
        if node.isRoot { usleep(100) }
      }
      try expectEqual(done, Int(own.reduce(0, +)), "pieces of this rank")
      let all = try (0..<own.count).map { try node.allGather(own[$0]).reduce(0, +) }
      try expectEqual(all, Array(repeating: count == 0 ? 0 : 1, count: own.count), "\(count) pieces")
    }
  }
}
