internal import COpenMPI

extension Communicator {
  /// Puts the values of all ranks, as many from each, one after another into `result` everywhere. **Collective.**
  ///
  /// - Parameter result: `size` × `values.count` elements.
  package func allGather<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>
  ) throws(MPIError) {
    precondition(result.count >= size * values.count, "the result has no room for all ranks")
    let count = try mpiCount(values.count, "MPI_Allgather")
    let type = Element.mpiKind.handle
    try collective("MPI_Allgather") {
      MPI_Allgather(values.mpiAddress, count, type, result.mpiAddress, count, type, handle)
    }
  }

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
  package func allGatherV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>,
    segments: Segments
  ) throws(MPIError) {
    checkShape(segments, result.count)
    precondition(segments.counts[rank] == values.count, "the segments announce another number of values")
    let table = try MPISegments(segments, "MPI_Allgatherv")
    defer { table.free() }
    let type = Element.mpiKind.handle
    try collective("MPI_Allgatherv") {
      MPI_Allgatherv(
        values.mpiAddress, Int32(values.count), type, result.mpiAddress, table.counts, table.displacements,
        type, handle)
    }
  }

  /// Completes `buffer`, of which each rank has filled its own segment. **Collective.**
  package func allGatherV<Element: MPIScalar>(
    inPlace buffer: UnsafeMutableBufferPointer<Element>, segments: Segments
  ) throws(MPIError) {
    checkShape(segments, buffer.count)
    let table = try MPISegments(segments, "MPI_Allgatherv")
    defer { table.free() }
    let type = Element.mpiKind.handle
    try collective("MPI_Allgatherv") {
      MPI_Allgatherv(
        dbc_in_place(), 0, type, buffer.mpiAddress, table.counts, table.displacements, type, handle)
    }
  }

  /// All ranks' values, in the order of ranks, whatever each rank's number. **Collective.**
  package func allGather<Element: MPIScalar>(_ values: [Element]) throws(MPIError) -> [[Element]] {
    let counts = try allGather(Int64(values.count)).map { Int($0) }
    let segments = Segments(counts: counts)
    var all = [Element](repeating: .zero, count: segments.extent)
    try all.withUnsafeMutableBufferPointer { (result) throws(MPIError) in
      try values.withUnsafeBufferPointer { (values) throws(MPIError) in
        try allGatherV(values, into: result, segments: segments)
      }
    }
    return counts.indices.map { Array(all[segments.range(of: $0)]) }
  }
}
