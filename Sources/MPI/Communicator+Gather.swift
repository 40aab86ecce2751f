internal import COpenMPI
import Lanes

extension Communicator {
  /// Each rank's value, in the order of ranks, at `root`; empty elsewhere. **Collective.**
  package func gather<Element: MPIScalar>(_ value: Element, at root: Int = 0) throws(MPIError) -> [Element] {
    var result = [Element](repeating: .zero, count: rank == root ? size : 0)
    let type = Element.mpiKind.handle
    var value = value
    try collective("MPI_Gather") {
      result.withUnsafeMutableBufferPointer {
        MPI_Gather(&value, 1, type, $0.mpiAddress, 1, type, Int32(root), handle)
      }
    }
    return result
  }

  /// Puts the values of each rank where `segments` says into `result` at `root`. **Collective.**
  ///
  /// - Parameters:
  ///   - values: at `root` they may stand in `result`, at their place, and are not copied then
  ///   - segments: one per rank. Rank r sends `segments.counts[r]` values. Where they reach beyond `limit`, all ranks must
  ///     give them, otherwise only `root`'s are read.
  ///   - limit: elements of one call's result; more go rank by rank, in parts of at most so many
  package func gatherV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>,
    segments: Segments, at root: Int = 0, limit: Int = Int(Int32.max)
  ) throws(MPIError) {
    guard segments.extent > limit else { return try gatherWhole(values, into: result, segments, at: root) }
    if rank == root { checkShape(segments, result.count) }
    for (sender, count) in segments.counts.enumerated() {
      for part in chunks(of: count, Element.self, most: limit) {
        var counts = [Int](repeating: 0, count: size)
        counts[sender] = part.count
        try gatherWhole(
          UnsafeBufferPointer(rebasing: values[rank == sender ? part : 0..<0]),
          into: rank == root
            ? UnsafeMutableBufferPointer(rebasing: result[(segments.offsets[sender] + part.lowerBound)...])
            : result,
          Segments(counts: counts), at: root)
      }
    }
  }

  /// The reverse of `gatherV`: gives every rank its part of `values`, which `root` has, in `result`. **Collective.**
  ///
  /// - Parameters:
  ///   - values: read at `root` only
  ///   - segments: one per rank, the same on all. Rank r receives `segments.counts[r]` values.
  package func scatterV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>,
    segments: Segments, at root: Int = 0
  ) throws(MPIError) {
    if rank == root { checkShape(segments, values.count) }
    precondition(segments.counts[rank] == result.count, "the segments announce another number of values")
    let type = Element.mpiKind.handle
    let table = try MPISegments(segments, "MPI_Scatterv")
    try collective("MPI_Scatterv") {
      MPI_Scatterv(
        values.mpiAddress, table.counts, table.displacements, type, result.mpiAddress,
        Int32(result.count), type, Int32(root), handle)
    }
  }

  private func gatherWhole<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>,
    _ segments: Segments, at root: Int
  ) throws(MPIError) {
    let count = try mpiCount(values.count, "MPI_Gatherv")
    let type = Element.mpiKind.handle
    guard rank == root else {
      return try collective("MPI_Gatherv") {
        MPI_Gatherv(values.mpiAddress, count, type, nil, nil, nil, type, Int32(root), handle)
      }
    }
    checkShape(segments, result.count)
    precondition(segments.counts[rank] == values.count, "the segments announce another number of values")
    let table = try MPISegments(segments, "MPI_Gatherv")
    let place = result.baseAddress.map { UnsafePointer($0 + segments.offsets[rank]) }
    let isInPlace = count > 0 && values.baseAddress == place
    try collective("MPI_Gatherv") {
      MPI_Gatherv(
        isInPlace ? UnsafeRawPointer(dbc_in_place()) : values.mpiAddress, count, type, result.mpiAddress,
        table.counts, table.displacements, type, Int32(root), handle)
    }
  }

  /// Each rank's values, in the order of ranks, at `root`, whatever each rank's number; empty elsewhere. **Collective.**
  ///
  /// - Parameter limit: elements of one call's result; more go rank by rank, in parts of at most so many
  package func gather<Element: MPIScalar>(
    _ values: [Element], at root: Int = 0, limit: Int = Int(Int32.max)
  ) throws(MPIError) -> [[Element]] {
    let (all, segments) = try gatherInTurn(values, at: root, limit: limit)
    return rank == root ? segments.counts.indices.map { Array(all[segments.range(of: $0)]) } : []
  }

  /// All ranks' values, one rank's behind the other's, at `root`; empty elsewhere. **Collective.**
  package func gatherJoined<Element: MPIScalar>(_ values: [Element]) throws(MPIError) -> [Element] {
    try gatherInTurn(values, at: 0, limit: Int(Int32.max)).all
  }

  private func gatherInTurn<Element: MPIScalar>(
    _ values: [Element], at root: Int, limit: Int
  ) throws(MPIError) -> (all: [Element], segments: Segments) {
    // All ranks must know whether it goes in parts.
    let segments = Segments(counts: try allGather(Int64(values.count)).map { Int($0) })
    if rank == root { MemoryShortage.require(segments.extent, of: Element.self, for: "values of all ranks") }
    var all = [Element](repeating: .zero, count: rank == root ? segments.extent : 0)
    try all.withUnsafeMutableBufferPointer { (result) throws(MPIError) in
      try values.withUnsafeBufferPointer { (values) throws(MPIError) in
        try gatherV(values, into: result, segments: segments, at: root, limit: limit)
      }
    }
    return (all, segments)
  }

  func checkShape(_ segments: Segments, _ count: Int) {
    precondition(segments.counts.count == size, "one segment per rank")
    precondition(segments.extent <= count, "the segments reach beyond the buffer")
  }
}
