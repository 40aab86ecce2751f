internal import COpenMPI

extension Communicator {
  /// Replaces every element of `buffer` by its sum (minimum, maximum) over all ranks. **Collective.**
  ///
  /// Any length. The order of a sum's additions is MPI's choice and may depend on the number of ranks.
  package func allReduce<Element: MPIScalar>(
    inPlace buffer: UnsafeMutableBufferPointer<Element>, _ reduction: Reduction
  ) throws(MPIError) {
    for part in chunks(of: buffer.count, Element.self) {
      try collective("MPI_Allreduce") {
        MPI_Allreduce(
          dbc_in_place(), buffer.baseAddress! + part.lowerBound, Int32(part.count), Element.mpiKind.handle,
          reduction.handle, handle)
      }
    }
  }

  /// The sum (minimum, maximum) of one value per rank. **Collective.**
  package func allReduce<Element: MPIScalar>(
    _ value: Element, _ reduction: Reduction
  ) throws(MPIError) -> Element {
    var value = value
    try collective("MPI_Allreduce") {
      MPI_Allreduce(
        dbc_in_place(), &value, 1, Element.mpiKind.handle, reduction.handle, handle)
    }
    return value
  }

  /// The sums (minima, maxima) of arrays of one length, element by element. **Collective.**
  package func allReduce<Element: MPIScalar>(
    _ values: [Element], _ reduction: Reduction
  ) throws(MPIError) -> [Element] {
    var result = values
    try result.withUnsafeMutableBufferPointer { (buffer) throws(MPIError) in
      try allReduce(inPlace: buffer, reduction)
    }
    return result
  }
}
