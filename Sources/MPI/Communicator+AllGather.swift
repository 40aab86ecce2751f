internal import COpenMPI
import Lanes

extension Communicator {
  /// Each rank's value, in the order of ranks. **Collective.**
  package func allGather<Element: MPIScalar>(_ value: Element) throws(MPIError) -> [Element] {
    var result = [Element](repeating: .zero, count: size)
    let type = Element.mpiKind.handle
    var value = value
    try collective("MPI_Allgather") {
      result.withUnsafeMutableBufferPointer {
        MPI_Allgather(&value, 1, type, $0.mpiAddress, 1, type, handle)
      }
    }
    return result
  }

  /// Puts the values of each rank where `segments`, alike on all ranks, says into `result`. **Collective.**
  ///
  /// - Parameter limit: elements of one call's result; more go rank by rank, in parts of at most so many
  package func allGatherV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>,
    segments: Segments, limit: Int = Int(Int32.max)
  ) throws(MPIError) {
    checkShape(segments, result.count)
    precondition(segments.counts[rank] == values.count, "the segments announce another number of values")
    guard segments.extent <= limit else {
      let own = UnsafeMutableBufferPointer(rebasing: result[segments.range(of: rank)])
      if let start = own.baseAddress, let values = values.baseAddress {
        start.update(from: values, count: own.count)
      }
      return try broadcastEach(result, segments, limit: limit)
    }
    let table = try MPISegments(segments, "MPI_Allgatherv")
    let type = Element.mpiKind.handle
    try collective("MPI_Allgatherv") {
      MPI_Allgatherv(
        values.mpiAddress, Int32(values.count), type, result.mpiAddress, table.counts, table.displacements,
        type, handle)
    }
  }

  /// Completes `buffer`, of which each rank has filled its own segment. **Collective.**
  ///
  /// - Parameter limit: elements of one call's result; more go rank by rank, in parts of at most so many
  package func allGatherV<Element: MPIScalar>(
    inPlace buffer: UnsafeMutableBufferPointer<Element>, segments: Segments, limit: Int = Int(Int32.max)
  ) throws(MPIError) {
    checkShape(segments, buffer.count)
    guard segments.extent <= limit else { return try broadcastEach(buffer, segments, limit: limit) }
    let table = try MPISegments(segments, "MPI_Allgatherv")
    let type = Element.mpiKind.handle
    try collective("MPI_Allgatherv") {
      MPI_Allgatherv(
        dbc_in_place(), 0, type, buffer.mpiAddress, table.counts, table.displacements, type, handle)
    }
  }

  /// Every rank's segment of `buffer` to all, in parts.
  private func broadcastEach<Element: MPIScalar>(
    _ buffer: UnsafeMutableBufferPointer<Element>, _ segments: Segments, limit: Int
  ) throws(MPIError) {
    for sender in 0..<size {
      let part = UnsafeMutableBufferPointer(rebasing: buffer[segments.range(of: sender)])
      try broadcast(part, from: sender, limit: limit)
    }
  }

  /// Each rank's values, in the order of ranks, whatever each rank's number. **Collective.**
  ///
  /// - Parameter limit: elements of one call's result; more go rank by rank, in parts of at most so many
  package func allGather<Element: MPIScalar>(
    _ values: [Element], limit: Int = Int(Int32.max)
  ) throws(MPIError) -> [[Element]] {
    let (all, segments) = try allGatherInTurn(values, limit: limit)
    return segments.counts.indices.map { Array(all[segments.range(of: $0)]) }
  }

  /// All ranks' values, one rank's behind the other's. **Collective.**
  package func allGatherJoined<Element: MPIScalar>(_ values: [Element]) throws(MPIError) -> [Element] {
    try allGatherInTurn(values, limit: Int(Int32.max)).all
  }

  private func allGatherInTurn<Element: MPIScalar>(
    _ values: [Element], limit: Int
  ) throws(MPIError) -> (all: [Element], segments: Segments) {
    let segments = Segments(counts: try allGather(Int64(values.count)).map { Int($0) })
    MemoryShortage.require(segments.extent, of: Element.self, for: "values of all ranks")
    var all = [Element](repeating: .zero, count: segments.extent)
    try all.withUnsafeMutableBufferPointer { (result) throws(MPIError) in
      try values.withUnsafeBufferPointer { (values) throws(MPIError) in
        try allGatherV(values, into: result, segments: segments, limit: limit)
      }
    }
    return (all, segments)
  }

  /// The name of every rank's node, in the order of ranks. **Collective.**
  package func hosts() throws(MPIError) -> [String] {
    try allGather(Array(host.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }
}
