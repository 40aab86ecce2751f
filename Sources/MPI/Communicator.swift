internal import COpenMPI

/// A group of ranks that exchange data, apart from the messages of every other communicator.
///
/// Only the main thread may use it. Where the last owner goes, the communicator is freed: MPI counts that as
/// collective, but the implementations do it without waiting for other ranks, so an error may unwind through it.
package struct Communicator: ~Copyable {
  let handle: MPI_Comm
  /// This rank's number within the communicator.
  package let rank: Int
  /// The number of ranks in the communicator.
  package let size: Int
  /// This rank's number within the whole job.
  package let worldRank: Int
  /// The number of ranks in the whole job.
  package let worldSize: Int
  /// The name of the node that this rank runs on.
  package let host: String

  /// Takes over `handle`; world rank and size are those of MPI_COMM_WORLD.
  init(owning handle: MPI_Comm) throws(MPIError) {
    try check(MPI_Comm_set_errhandler(handle, dbc_errors_return()), "MPI_Comm_set_errhandler")
    let world = dbc_comm_world()
    let rank = try Self.number("MPI_Comm_rank") { MPI_Comm_rank(handle, $0) }
    let size = try Self.number("MPI_Comm_size") { MPI_Comm_size(handle, $0) }
    let worldRank = try Self.number("MPI_Comm_rank") { MPI_Comm_rank(world, $0) }
    let worldSize = try Self.number("MPI_Comm_size") { MPI_Comm_size(world, $0) }
    self.handle = handle
    self.rank = rank
    self.size = size
    self.worldRank = worldRank
    self.worldSize = worldSize
    host = mpiText(capacity: Int(MPI_MAX_PROCESSOR_NAME)) { MPI_Get_processor_name($0, $1) }
  }

  deinit {
    var finalized: Int32 = 0
    MPI_Finalized(&finalized)
    guard finalized == 0 else { return }
    var handle: MPI_Comm? = self.handle
    MPI_Comm_free(&handle)
  }

  /// Whether this is rank 0.
  package var isRoot: Bool { rank == 0 }

  /// Where a message comes from, as messages show it: `[rank 1 of 4, host]`, counted over the whole job.
  package var label: String { "[rank \(worldRank) of \(worldSize), \(host)]" }

  /// Waits until every rank has come here. **Collective.**
  package func barrier() throws(MPIError) {
    try collective("MPI_Barrier") { MPI_Barrier(handle) }
  }

  /// Makes the collective call `call`, so that the job's other threads can see it; throws where it fails.
  func collective(_ call: StaticString, _ body: () -> Int32) throws(MPIError) {
    try check(Whereabouts.inside(call, counted: size == worldSize, body), call)
  }

  private static func number(
    _ call: StaticString, _ ask: (UnsafeMutablePointer<Int32>) -> Int32
  ) throws(MPIError) -> Int {
    var value: Int32 = 0
    try check(ask(&value), call)
    return Int(value)
  }
}
