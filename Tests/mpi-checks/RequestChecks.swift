import Lanes
import MPI

let requestChecks = CheckGroup(
  name: "requests",
  checks: [
    Check("owned-all-reduce", ownedAllReduce), Check("overlap", overlap),
    Check("exchange-of-segments", exchangeOfSegments), Check("equal-parts", equalParts),
    Check("dropped-request", droppedRequest),
  ])

private func ownedAllReduce(_ world: borrowing Communicator) throws {
  let buffer = AlignedBuffer<Float>(count: 1000)
  for i in 0..<1000 { buffer.base[i] = Float(i + world.rank) }
  var request = try world.iAllReduce(owning: buffer, .sum)
  while try !request.isFinished() {}
  let result = try request.wait()
  let ranks = Float(world.size * (world.size - 1) / 2)
  for i in 0..<1000 { try expectEqual(result.base[i], Float(i * world.size) + ranks, "element \(i)") }
}

// Two exchanges of 4 MB each in flight while this rank computes; waited for in the other order.
private func overlap(_ world: borrowing Communicator) throws {
  let count = 1_000_000
  let first = AlignedBuffer<Float>(count: count)
  let second = AlignedBuffer<Float>(count: count)
  first.all.update(repeating: 1)
  second.all.update(repeating: Float(world.rank))
  let sum = try world.iAllReduce(inPlace: first.all, .sum)
  var most = try world.iAllReduce(inPlace: second.all, .max)
  var work = 0.0
  for i in 1...2_000_000 {
    work += 1 / Double(i)
    if i % 100_000 == 0 { _ = try most.isFinished() }
  }
  try most.wait()
  try sum.wait()
  try expect(work > 15 && work < 16, "the work meanwhile: \(work)")
  for i in stride(from: 0, to: count, by: 997) {
    try expectEqual(first.base[i], Float(world.size), "sum, element \(i)")
    try expectEqual(second.base[i], Float(world.size - 1), "maximum, element \(i)")
  }
}

// The exchange of gradients: each rank gets its segment of everyone's buffer, folds it, and shares the result.
private func exchangeOfSegments(_ world: borrowing Communicator) throws {
  let count = 500_003
  let bounds = (0...world.size).map { $0 * count / world.size }
  let segments = Segments(counts: (0..<world.size).map { bounds[$0 + 1] - bounds[$0] })
  let own = segments.counts[world.rank]
  let receiving = Segments(counts: [Int](repeating: own, count: world.size))
  let gradient = AlignedBuffer<Float>(count: count)
  for i in 0..<count { gradient.base[i] = Float((i + world.rank) & 1023) }
  let pieces = AlignedBuffer<Float>(count: own * world.size)
  try world.iAllToAllV(
    UnsafeBufferPointer(gradient.all), sending: segments, into: pieces.all, receiving: receiving
  ).wait()
  let mine = gradient.base + bounds[world.rank]
  for i in 0..<own { mine[i] = (0..<world.size).reduce(0) { $0 + pieces.base[$1 * own + i] } }
  try world.iAllGatherV(inPlace: gradient.all, segments: segments).wait()
  for i in 0..<count {
    let wanted = (0..<world.size).reduce(Float(0)) { $0 + Float((i + $1) & 1023) }
    try expect(gradient.base[i] == wanted, "element \(i) is \(gradient.base[i]), not \(wanted)")
  }
}

private func equalParts(_ world: borrowing Communicator) throws {
  let ranks = (0..<world.size).map(Int32.init)
  let values = ranks.map { $0 + 100 * Int32(world.rank) }
  var swapped = [Int32](repeating: -1, count: world.size)
  var gathered = [Int32](repeating: -1, count: world.size)
  try values.withUnsafeBufferPointer { values in
    try swapped.withUnsafeMutableBufferPointer { swapped in
      try gathered.withUnsafeMutableBufferPointer { gathered in
        let first = try world.iAllToAll(values, into: swapped)
        let second = try world.iAllGather(UnsafeBufferPointer(rebasing: values.prefix(1)), into: gathered)
        try second.wait()
        try first.wait()
      }
    }
  }
  try expectEqual(swapped, ranks.map { 100 * $0 + Int32(world.rank) }, "all-to-all")
  try expectEqual(gathered, ranks.map { 100 * $0 }, "all-gather")
}

private func droppedRequest(_ world: borrowing Communicator) throws {
  let buffer = AlignedBuffer<Float>(count: 100_000)
  buffer.all.update(repeating: 2)
  do { _ = try world.iAllReduce(inPlace: buffer.all, .sum) }
  try expectEqual(buffer.base[99_999], Float(2 * world.size), "the buffer of a request that was dropped")
}
