internal import COpenMPI

/// An MPI call that did not succeed on this rank.
package struct MPIError: Error, Equatable, CustomStringConvertible {
  /// The function that failed, such as `MPI_Bcast`.
  package let call: String
  /// MPI's error class (`MPI_ERR_…`).
  package let errorClass: Int
  /// MPI's own words.
  package let message: String

  /// The call, MPI's words and its error class.
  package var description: String { "\(call) failed: \(message) (error class \(errorClass))" }
}

/// Throws where `code`, returned by the function `call`, is not success.
func check(_ code: Int32, _ call: StaticString) throws(MPIError) {
  guard code != MPI_SUCCESS else { return }
  var errorClass: Int32 = 0
  MPI_Error_class(code, &errorClass)
  let message = mpiText(capacity: Int(MPI_MAX_ERROR_STRING)) { MPI_Error_string(code, $0, $1) }
  throw MPIError(call: "\(call)", errorClass: Int(errorClass), message: message)
}

/// `count` as MPI takes it; throws above Int32.max, the most that one call of MPI 3 can express.
func mpiCount(_ count: Int, _ call: StaticString) throws(MPIError) -> Int32 {
  guard let narrow = Int32(exactly: count) else {
    throw MPIError(
      call: "\(call)", errorClass: Int(MPI_ERR_COUNT),
      message: "\(count) elements were asked for, one call takes at most \(Int32.max)")
  }
  return narrow
}

/// The text that an MPI function writes into a buffer of `capacity` bytes, whose length it also reports.
func mpiText(
  capacity: Int, _ fill: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32
) -> String {
  var length: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: capacity + 1) { buffer, count in
    let status = buffer.withMemoryRebound(to: CChar.self) { fill($0.baseAddress!, &length) }
    count = status == MPI_SUCCESS ? Int(length) : 0
  }
  return String(decoding: bytes, as: UTF8.self)
}
