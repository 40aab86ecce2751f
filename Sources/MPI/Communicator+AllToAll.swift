internal import COpenMPI

extension Communicator {
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
    let receive = try MPISegments(receiving, "MPI_Alltoallv")
    let type = Element.mpiKind.handle
    try collective("MPI_Alltoallv") {
      MPI_Alltoallv(
        values.mpiAddress, send.counts, send.displacements, type,
        result.mpiAddress, receive.counts, receive.displacements, type, handle)
    }
  }
}
