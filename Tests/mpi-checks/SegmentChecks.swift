import MPI

let segmentChecks = CheckGroup(
  name: "segments",
  checks: [
    Check("gather-v", gatherV), Check("scatter-v", scatterV), Check("all-gather-v", allGatherV),
    Check("all-to-all-v", allToAllV),
    Check("zero-counts", zeroCounts), Check("too-many-elements", tooManyElements),
  ])

// Rank r has r values; rank 0 has none.
private func gatherV(_ world: borrowing Communicator) throws {
  let mine = [Int32](repeating: Int32(world.rank), count: world.rank)
  let wanted = (0..<world.size).map { [Int32](repeating: Int32($0), count: $0) }
  for limit in [Int(Int32.max), 2, 1] {
    let lists = try world.gather(mine, limit: limit)
    try expectEqual(lists, world.isRoot ? wanted : [], "lists at rank 0, \(limit) elements at most")
  }

  // In reverse order, with a gap of one element after each list.
  let root = world.size - 1
  let counts = Array(0..<world.size)
  let offsets = counts.map { rank in ((rank + 1)..<world.size).reduce(0) { $0 + $1 + 1 } }
  let segments = Segments(counts: counts, offsets: offsets)
  // In one call, and as if it were too long for one.
  for limit in [Int(Int32.max)] + (segments.extent > 2 ? [1, 2] : []) {
    var result = [Int32](repeating: -1, count: segments.extent + 1)
    try mine.withUnsafeBufferPointer { values in
      try result.withUnsafeMutableBufferPointer {
        try world.gatherV(values, into: $0, segments: segments, at: root, limit: limit)
      }
    }
    guard world.rank == root else { continue }
    for rank in counts {
      try expectEqual(Array(result[segments.range(of: rank)]), wanted[rank], "the list of rank \(rank)")
    }
    try expectEqual(result.count { $0 == -1 }, result.count - counts.reduce(0, +), "untouched elements")
  }
}

// What rank r receives is what it would have sent.
private func scatterV(_ world: borrowing Communicator) throws {
  for root in [0, world.size - 1] {
    let counts = (0..<world.size).map { ($0 * 3) % 4 }
    let offsets = counts.indices.map { rank in counts[..<rank].reduce(rank, +) }
    let segments = Segments(counts: counts, offsets: offsets)
    var values = [Double](repeating: -1, count: segments.extent)
    for rank in counts.indices {
      for place in segments.range(of: rank) { values[place] = Double(100 * rank + place) }
    }
    if world.rank != root { values = [] }
    var result = [Double](repeating: -2, count: counts[world.rank])
    try values.withUnsafeBufferPointer { values in
      try result.withUnsafeMutableBufferPointer {
        try world.scatterV(values, into: $0, segments: segments, at: root)
      }
    }
    let wanted = segments.range(of: world.rank).map { Double(100 * world.rank + $0) }
    try expectEqual(result, wanted, "what rank \(root) has sent")
  }
}

private func allGatherV(_ world: borrowing Communicator) throws {
  let mine = [Float](repeating: Float(world.rank), count: 2 * world.rank)
  let wanted = (0..<world.size).map { [Float](repeating: Float($0), count: 2 * $0) }
  let segments = Segments(counts: wanted.map(\.count))
  // In one call, and as if it were too long for one.
  for limit in [Int(Int32.max), 5, 2, 1] {
    try expectEqual(try world.allGather(mine, limit: limit), wanted, "lists on every rank, limit \(limit)")
    var buffer = [Float](repeating: -1, count: segments.extent)
    buffer.replaceSubrange(segments.range(of: world.rank), with: mine)
    try buffer.withUnsafeMutableBufferPointer {
      try world.allGatherV(inPlace: $0, segments: segments, limit: limit)
    }
    try expectEqual(buffer, wanted.flatMap { $0 }, "completed in place, limit \(limit)")
  }
  // In reverse order, with a gap of one element after each list.
  let offsets = (0..<world.size).map { rank in
    ((rank + 1)..<world.size).reduce(0) { $0 + wanted[$1].count + 1 }
  }
  let apart = Segments(counts: wanted.map(\.count), offsets: offsets)
  for limit in [Int(Int32.max), 3] {
    var buffer = [Float](repeating: -1, count: apart.extent + 1)
    try mine.withUnsafeBufferPointer { values in
      try buffer.withUnsafeMutableBufferPointer {
        try world.allGatherV(values, into: $0, segments: apart, limit: limit)
      }
    }
    for rank in 0..<world.size {
      try expectEqual(Array(buffer[apart.range(of: rank)]), wanted[rank], "the list of rank \(rank)")
    }
    try expectEqual(
      buffer.count { $0 == -1 }, buffer.count - total(wanted), "untouched elements, limit \(limit)")
  }
}

private func total(_ lists: [[Float]]) -> Int { lists.reduce(0) { $0 + $1.count } }

// Rank a sends b copies of 10a + b to rank b, so that rank 0 gets nothing.
private func allToAllV(_ world: borrowing Communicator) throws {
  let ranks = 0..<world.size
  let sending = Segments(counts: Array(ranks))
  let receiving = Segments(counts: ranks.map { _ in world.rank })
  let values = ranks.flatMap { [Int32](repeating: Int32(10 * world.rank + $0), count: $0) }
  var result = [Int32](repeating: -1, count: receiving.extent)
  try values.withUnsafeBufferPointer { values in
    try result.withUnsafeMutableBufferPointer {
      try world.allToAllV(values, sending: sending, into: $0, receiving: receiving)
    }
  }
  let wanted = ranks.flatMap { [Int32](repeating: Int32(10 * $0 + world.rank), count: world.rank) }
  try expectEqual(result, wanted, "what the others sent")
}

private func zeroCounts(_ world: borrowing Communicator) throws {
  let none = Segments(counts: [Int](repeating: 0, count: world.size))
  let nothing = UnsafeMutableBufferPointer<Double>(start: nil, count: 0)
  let values = UnsafeBufferPointer(nothing)
  try world.gatherV(values, into: nothing, segments: none)
  try world.allGatherV(values, into: nothing, segments: none)
  try world.allGatherV(inPlace: nothing, segments: none)
  try world.allToAllV(values, sending: none, into: nothing, receiving: none)
}

// The buffers are announced, never touched: the check of the counts comes before MPI sees them.
private func tooManyElements(_ world: borrowing Communicator) throws {
  let count = Int(Int32.max) + 1
  let address = UnsafeMutablePointer<UInt8>(bitPattern: 64)!
  let buffer = UnsafeMutableBufferPointer(start: address, count: count * world.size)
  func expectRefusal(_ what: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as MPIError {
      return try expect(error.message.contains("2147483647"), "\(what): \(error)")
    }
    throw CheckFailure(description: "\(what) took \(count) elements")
  }
  let segments = Segments(counts: [Int](repeating: count, count: world.size))
  try expectRefusal("all-to-all-v") {
    try world.allToAllV(UnsafeBufferPointer(buffer), sending: segments, into: buffer, receiving: segments)
  }
}
