internal import COpenMPI
import Lanes
import Synchronization

/// An exchange that runs while the program computes; nothing may touch its buffers before `wait`.
///
/// A request that is dropped without `wait` (an error unwinds) waits for the exchange, but for a quarter of a
/// second at most: the other ranks may never join it, and this rank still has its message to print. The job is lost then;
/// a body that returns in spite of it fails.
package struct Request: ~Copyable {
  private var handle: MPI_Request?
  private let call: StaticString
  // MPI reads the tables of a v-collective until the exchange is over, so the request owns them.
  private let tables: (MPISegments?, MPISegments?)

  init(_ handle: MPI_Request?, _ call: StaticString, tables: (MPISegments?, MPISegments?) = (nil, nil)) {
    self.handle = handle
    self.call = call
    self.tables = tables
  }

  deinit {
    guard handle != dbc_request_null() else { return freeTables() }
    var open = handle
    let deadline = ContinuousClock.now + .milliseconds(250)
    var done: Int32 = 0
    while done == 0 {
      guard MPI_Test(&open, &done, dbc_status_ignore()) == MPI_SUCCESS, ContinuousClock.now < deadline else {
        // The tables are left to MPI, which may still read them.
        return Self.abandoned.store(true, ordering: .relaxed)
      }
    }
    freeTables()
  }

  /// Waits until the exchange is over on this rank.
  package consuming func wait() throws(MPIError) {
    let code = Whereabouts.inside(call) { MPI_Wait(&handle, dbc_status_ignore()) }
    try check(code, call)
  }

  /// Whether the exchange is over; asking also drives it forward, as MPI has no thread of its own.
  package mutating func isFinished() throws(MPIError) -> Bool {
    var done: Int32 = 0
    try check(MPI_Test(&handle, &done, dbc_status_ignore()), call)
    return done != 0
  }

  private func freeTables() {
    tables.0?.free()
    tables.1?.free()
  }

  /// Whether a request was dropped while its exchange was still in flight.
  static let abandoned = Atomic<Bool>(false)
}

/// An all-reduce in flight that owns its buffer, so that nobody else can touch it.
package struct OwnedRequest<Element: MPIScalar>: ~Copyable {
  // The order matters: a request that is dropped waits before its buffer goes.
  private var request: Request
  private let buffer: AlignedBuffer<Element>

  init(_ request: consuming Request, _ buffer: consuming AlignedBuffer<Element>) {
    self.request = request
    self.buffer = buffer
  }

  /// Waits until the exchange is over on this rank, and hands the buffer back with the result.
  package consuming func wait() throws(MPIError) -> AlignedBuffer<Element> {
    try request.wait()
    return buffer
  }

  /// Whether the exchange is over; asking also drives it forward.
  package mutating func isFinished() throws(MPIError) -> Bool { try request.isFinished() }
}
