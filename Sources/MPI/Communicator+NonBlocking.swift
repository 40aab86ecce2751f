internal import COpenMPI
import Lanes

// Every rank starts its exchanges in the same order; they may be waited for in any order.
extension Communicator {
  /// Starts to replace every element of `buffer` by its sum (minimum, maximum) over all ranks. **Collective.**
  package func iAllReduce<Element: MPIScalar>(
    inPlace buffer: UnsafeMutableBufferPointer<Element>, _ reduction: Reduction
  ) throws(MPIError) -> Request {
    let count = try mpiCount(buffer.count, "MPI_Iallreduce")
    var request: MPI_Request? = nil
    try collective("MPI_Iallreduce") {
      MPI_Iallreduce(
        dbc_in_place(), buffer.mpiAddress, count, Element.mpiKind.handle, reduction.handle, handle, &request)
    }
    return Request(request, "MPI_Iallreduce")
  }

  /// Starts the same with a buffer that the request keeps until `wait` hands it back. **Collective.**
  package func iAllReduce<Element: MPIScalar>(
    owning buffer: consuming AlignedBuffer<Element>, _ reduction: Reduction
  ) throws(MPIError) -> OwnedRequest<Element> {
    let request = try iAllReduce(inPlace: buffer.all, reduction)
    return OwnedRequest(request, buffer)
  }

  /// Starts to put the values of all ranks, as many from each, one after another into `result`. **Collective.**
  package func iAllGather<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>
  ) throws(MPIError) -> Request {
    precondition(result.count >= size * values.count, "the result has no room for all ranks")
    let count = try mpiCount(values.count, "MPI_Iallgather")
    let type = Element.mpiKind.handle
    var request: MPI_Request? = nil
    try collective("MPI_Iallgather") {
      MPI_Iallgather(
        values.mpiAddress, count, type, result.mpiAddress, count, type, handle, &request)
    }
    return Request(request, "MPI_Iallgather")
  }

  /// Starts to complete `buffer`, of which each rank has filled its own segment. **Collective.**
  package func iAllGatherV<Element: MPIScalar>(
    inPlace buffer: UnsafeMutableBufferPointer<Element>, segments: Segments
  ) throws(MPIError) -> Request {
    checkShape(segments, buffer.count)
    return try iAllGatherV(dbc_in_place(), 0, into: buffer, segments)
  }

  /// Starts to put the values of each rank where `segments`, alike on all ranks, says into `result`.
  /// **Collective.**
  package func iAllGatherV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>,
    segments: Segments
  ) throws(MPIError) -> Request {
    checkShape(segments, result.count)
    precondition(segments.counts[rank] == values.count, "the segments announce another number of values")
    return try iAllGatherV(values.mpiAddress, values.count, into: result, segments)
  }

  /// Starts to send the r-th of `size` equal parts of `values` to rank r, and to put what rank r sends into the
  /// r-th part of `result`. **Collective.**
  package func iAllToAll<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, into result: UnsafeMutableBufferPointer<Element>
  ) throws(MPIError) -> Request {
    precondition(values.count % size == 0, "the values do not divide into one part per rank")
    precondition(result.count >= values.count, "the result is shorter than the values")
    let count = try mpiCount(values.count / size, "MPI_Ialltoall")
    let type = Element.mpiKind.handle
    var request: MPI_Request? = nil
    try collective("MPI_Ialltoall") {
      MPI_Ialltoall(
        values.mpiAddress, count, type, result.mpiAddress, count, type, handle, &request)
    }
    return Request(request, "MPI_Ialltoall")
  }

  /// Starts to send the r-th of `sending` to rank r, and to put what rank r sends into the r-th of `receiving`.
  /// **Collective.**
  package func iAllToAllV<Element: MPIScalar>(
    _ values: UnsafeBufferPointer<Element>, sending: Segments,
    into result: UnsafeMutableBufferPointer<Element>, receiving: Segments
  ) throws(MPIError) -> Request {
    checkShape(sending, values.count)
    checkShape(receiving, result.count)
    let send = try MPISegments(sending, "MPI_Ialltoallv")
    let receive = try MPISegments(receiving, "MPI_Ialltoallv")
    let type = Element.mpiKind.handle
    var request: MPI_Request? = nil
    try collective("MPI_Ialltoallv") {
      MPI_Ialltoallv(
        values.mpiAddress, send.counts, send.displacements, type,
        result.mpiAddress, receive.counts, receive.displacements, type, handle, &request)
    }
    return Request(request, "MPI_Ialltoallv", tables: (send, receive))
  }

  private func iAllGatherV<Element: MPIScalar>(
    _ address: UnsafeRawPointer, _ count: Int, into result: UnsafeMutableBufferPointer<Element>,
    _ segments: Segments
  ) throws(MPIError) -> Request {
    let table = try MPISegments(segments, "MPI_Iallgatherv")
    let type = Element.mpiKind.handle
    var request: MPI_Request? = nil
    try collective("MPI_Iallgatherv") {
      MPI_Iallgatherv(
        address, Int32(count), type, result.mpiAddress, table.counts, table.displacements, type, handle,
        &request)
    }
    return Request(request, "MPI_Iallgatherv", tables: (table, nil))
  }
}
