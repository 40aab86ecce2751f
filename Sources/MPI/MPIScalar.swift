internal import COpenMPI

/// A number that MPI can send and reduce as it is.
package protocol MPIScalar: BitwiseCopyable, Sendable {
  /// The MPI type of the same width and kind.
  static var mpiKind: MPIKind { get }
  /// The zero that receive buffers are filled with.
  static var zero: Self { get }
}

/// The MPI types of the scalars that are exchanged.
package enum MPIKind: Sendable {
  case uint8, int32, int64, uint64, float, double

  var handle: MPI_Datatype {
    switch self {
    case .uint8: dbc_uint8()
    case .int32: dbc_int32()
    case .int64: dbc_int64()
    case .uint64: dbc_uint64()
    case .float: dbc_float()
    case .double: dbc_double()
    }
  }
}

extension UInt8: MPIScalar { package static var mpiKind: MPIKind { .uint8 } }
extension Int32: MPIScalar { package static var mpiKind: MPIKind { .int32 } }
extension Int64: MPIScalar { package static var mpiKind: MPIKind { .int64 } }
extension UInt64: MPIScalar { package static var mpiKind: MPIKind { .uint64 } }
extension Float: MPIScalar { package static var mpiKind: MPIKind { .float } }
extension Double: MPIScalar { package static var mpiKind: MPIKind { .double } }

/// How the ranks' values become one.
package enum Reduction: Sendable {
  case sum, min, max

  var handle: MPI_Op {
    switch self {
    case .sum: dbc_sum()
    case .min: dbc_min()
    case .max: dbc_max()
    }
  }
}

// Empty buffers have no address, and some collectives take a null pointer amiss even where the count is zero.
private func someAddress() -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: 64)! }

extension UnsafeBufferPointer {
  var mpiAddress: UnsafeRawPointer {
    baseAddress.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(someAddress())
  }
}

extension UnsafeMutableBufferPointer {
  var mpiAddress: UnsafeMutableRawPointer {
    baseAddress.map { UnsafeMutableRawPointer($0) } ?? someAddress()
  }
}
