import Lanes
import MPI

let collectiveChecks = CheckGroup(
  name: "collectives",
  checks: [
    Check("broadcast", broadcast), Check("broadcast-in-parts", broadcastInParts),
    Check("gather", gather), Check("all-gather", allGather),
    Check("all-reduce", allReduce), Check("all-reduce-in-parts", allReduceInParts),
    Check("every-type", everyType), Check("empty-buffers", emptyBuffers),
  ])

private func broadcast(_ world: borrowing Communicator) throws {
  let last = world.size - 1
  for root in [0, last] {
    let isSource = world.rank == root
    try expectEqual(try world.broadcast(isSource ? 4.25 : 0, from: root), 4.25, "a value")
    let list: [Int32] = isSource ? [3, 1, 4, 1, 5] : []
    try expectEqual(try world.broadcast(list, from: root), [3, 1, 4, 1, 5], "an array of unknown length")
    try expectEqual(try world.broadcast([Float](), from: root), [], "an empty array")
    let text = isSource ? "Grüße, 世界" : "something else"
    try expectEqual(try world.broadcast(text, from: root), "Grüße, 世界", "a text")
  }
}

// More than 64 MiB and not a multiple of it, so that it goes in more than one part.
private func broadcastInParts(_ world: borrowing Communicator) throws {
  let count = (1 << 24) + 12_345
  let buffer = AlignedBuffer<Float>(count: count)
  if world.isRoot { for i in 0..<count { buffer.base[i] = Float(i & 0xffff) } }
  try world.broadcast(buffer.all)
  for i in 0..<count where buffer.base[i] != Float(i & 0xffff) {
    throw CheckFailure(description: "element \(i) is \(buffer.base[i])")
  }
}

private func gather(_ world: borrowing Communicator) throws {
  let root = world.size - 1
  let ranks = try world.gather(Int32(world.rank), at: root)
  try expectEqual(ranks, world.rank == root ? (0..<world.size).map(Int32.init) : [], "one value per rank")

  let mine: [UInt64] = [UInt64(world.rank), UInt64(world.rank * 10)]
  let all = try world.gather(mine)
  let wanted = (0..<world.size).map { [UInt64($0), UInt64($0 * 10)] }
  try expectEqual(all, world.isRoot ? wanted : [], "two values per rank")
}

private func allGather(_ world: borrowing Communicator) throws {
  let values = try world.allGather(Double(world.rank) / 4)
  try expectEqual(values, (0..<world.size).map { Double($0) / 4 }, "one value per rank")

  // More than 1 MB from each rank.
  let count = 300_000
  let mine = [Float](repeating: Float(world.rank + 1), count: count)
  let all = try world.allGather(mine).flatMap { $0 }
  for i in all.indices where all[i] != Float(i / count + 1) {
    throw CheckFailure(description: "element \(i) is \(all[i])")
  }
}

private func allReduce(_ world: borrowing Communicator) throws {
  let size = Int64(world.size)
  try expectEqual(try world.allReduce(Int64(world.rank + 1), .sum), size * (size + 1) / 2, "sum")
  try expectEqual(try world.allReduce(Float(world.rank), .max), Float(size - 1), "maximum")
  try expectEqual(try world.allReduce(Double(world.rank) - 2, .min), -2, "minimum")
  let sums = try world.allReduce([Int32(1), Int32(world.rank)], .sum)
  try expectEqual(sums, [Int32(size), Int32(size * (size - 1) / 2)], "sums of an array")
}

private func allReduceInParts(_ world: borrowing Communicator) throws {
  let count = (1 << 24) + 777
  let buffer = AlignedBuffer<Float>(count: count)
  for i in 0..<count { buffer.base[i] = Float((i + world.rank) & 15) }
  try world.allReduce(inPlace: buffer.all, .sum)
  for i in 0..<count {
    let wanted = (0..<world.size).reduce(Float(0)) { $0 + Float((i + $1) & 15) }
    try expect(buffer.base[i] == wanted, "element \(i) is \(buffer.base[i]), not \(wanted)")
  }
}

private func everyType(_ world: borrowing Communicator) throws {
  func sumsToSize<Element: MPIScalar & Numeric>(_ one: Element) throws {
    let sum = try world.allReduce(one, .sum)
    try expectEqual(sum, Element(exactly: world.size)!, "\(Element.self)")
  }
  try sumsToSize(UInt8(1))
  try sumsToSize(Int32(1))
  try sumsToSize(Int64(1))
  try sumsToSize(UInt64(1))
  try sumsToSize(Float(1))
  try sumsToSize(Double(1))
  // Values that only survive in a type of the right width and sign.
  try expectEqual(try world.allReduce(UInt64.max - UInt64(world.rank), .max), .max, "UInt64")
  try expectEqual(try world.allReduce(Int64.min + Int64(world.rank), .min), .min, "Int64")
  try expectEqual(try world.allReduce(UInt8(200), .max), 200, "UInt8")
}

private func emptyBuffers(_ world: borrowing Communicator) throws {
  let nothing = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
  try world.broadcast(nothing)
  try expectEqual(try world.gather([Float]()).flatMap { $0 }, [], "gathered")
  try expectEqual(try world.allGather([Float]()).flatMap { $0 }, [], "gathered by all")
  try world.allReduce(inPlace: nothing, .sum)
  try expectEqual(try world.allReduce([Float](), .sum), [], "the sum of empty arrays")
}
