internal import COpenMPI

extension Communicator {
  /// Sends the r-th of `size` equal parts of `values` to rank r, and puts what rank r sends into the r-th part
  /// of `result`. **Collective.**
  package func allToAll<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>
  ) throws(MPIError) {
    precondition(values.count % size == 0, "the values do not divide into one part per rank")
    precondition(result.count >= values.count, "the result is shorter than the values")
    let count = try mpiCount(values.count / size, "MPI_Alltoall")
    let type = Element.mpiKind.handle
    try collective("MPI_Alltoall") {
      MPI_Alltoall(values.mpiAddress, count, type, result.mpiAddress, count, type, handle)
    }
  }

  /// Sends the r-th of `sending` to rank r, and puts what rank r sends into the r-th of `receiving`.
  /// **Collective.**
  ///
  /// What rank a expects of rank b is as long as what rank b sends to rank a; it may be nothing.
  package func allToAllV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, sending: Segments,
    into result: UnsafeMutableBufferPointer<Element>, receiving: Segments
  ) throws(MPIError) {
    checkShape(sending, values.count)
    checkShape(receiving, result.count)
    let send = try MPISegments(sending, "MPI_Alltoallv")
    defer { send.free() }
    let receive = try MPISegments(receiving, "MPI_Alltoallv")
    defer { receive.free() }
    let type = Element.mpiKind.handle
    try collective("MPI_Alltoallv") {
      MPI_Alltoallv(
        values.mpiAddress, send.counts, send.displacements, type,
        result.mpiAddress, receive.counts, receive.displacements, type, handle)
    }
  }
}
