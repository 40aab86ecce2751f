internal import COpenMPI
import Glibc
import Lanes

/// One piece of memory that all ranks of a node read and write.
///
/// `free` returns the memory, together on all ranks. A window that only goes out of scope stays until the job
/// ends: to free it waits for the other ranks, and a rank that unwinds with an error would wait for ever.
package struct SharedWindow<Element: BitwiseCopyable>: ~Copyable {
  /// The elements, the same ones on every rank of the node; undefined until somebody has written them.
  package let all: UnsafeMutableBufferPointer<Element>
  private let window: MPI_Win?
  private let node: Communicator

  /// Allocates `count` elements, aligned to 64 bytes, for the ranks of `node`. **Collective** over `node`.
  ///
  /// Throws a `SharedMemoryError` where the node has too little shared memory, and a `MemoryShortage` where it has too
  /// little at all: one message, all ranks stop.
  /// - Parameter purpose: what they are for, as the message then says
  package init(
    count: Int, on node: borrowing Communicator, for purpose: StaticString = "what the ranks of a node share"
  ) throws {
    precondition(count >= 0)
    let host = node.host
    let stride = MemoryLayout<Element>.stride
    // Alone on its node a rank gets ordinary memory.
    let isShared = node.size > 1
    try node.onRoot {
      if isShared { try SharedMemoryError.check(count: count, stride: stride, purpose, host: host) }
      if let shortage = MemoryShortage.expected(count: count, stride: stride, for: purpose) { throw shortage }
    }
    let padded = max(count, 1) * stride + 64

    let owned = try node.duplicate()
    var window: MPI_Win? = nil
    var base: UnsafeMutableRawPointer? = nil
    do throws(MPIError) {
      try owned.collective("MPI_Win_allocate_shared") {
        MPI_Win_allocate_shared(
          owned.isRoot ? padded : 0, 1, dbc_info_null(), owned.handle, &base, &window)
      }
    } catch {
      throw SharedMemoryError(
        host: host, purpose: "\(purpose)", needed: padded, available: nil, cause: error.message)
    }
    try MPI.check(MPI_Win_set_errhandler(window, dbc_errors_return()), "MPI_Win_set_errhandler")
    var size = 0
    var unit: Int32 = 0
    try MPI.check(MPI_Win_shared_query(window, 0, &size, &unit, &base), "MPI_Win_shared_query")
    // MPI_Win_sync is only defined between a lock and its unlock: one lock for the window's life.
    try MPI.check(MPI_Win_lock_all(Int32(MPI_MODE_NOCHECK), window), "MPI_Win_lock_all")
    let start = base!.alignedUp(toMultipleOf: 64).bindMemory(to: Element.self, capacity: max(count, 1))
    all = UnsafeMutableBufferPointer(start: start, count: count)
    self.window = window
    self.node = owned
  }

  /// What any rank wrote before is what every rank reads afterwards. **Collective** over the node.
  package func fence() throws(MPIError) {
    try check(MPI_Win_sync(window), "MPI_Win_sync")
    try node.barrier()
    try check(MPI_Win_sync(window), "MPI_Win_sync")
  }

  /// Gives the memory back; nobody may use `all` afterwards. **Collective** over the node.
  package consuming func free() throws(MPIError) {
    try check(MPI_Win_unlock_all(window), "MPI_Win_unlock_all")
    var window = self.window
    try node.collective("MPI_Win_free") { MPI_Win_free(&window) }
  }
}

/// A node cannot provide the shared memory that was asked for.
package struct SharedMemoryError: Error, CustomStringConvertible {
  /// The node's name.
  package let host: String
  /// What it was for.
  package let purpose: String
  /// The bytes that were asked for.
  package let needed: Int
  /// The bytes that are free, where that is known.
  package let available: Int?
  /// What MPI said, where it was MPI that refused.
  package let cause: String?

  private static let directory = "/dev/shm"

  /// The node, what was asked for, what is free, and what to do.
  package var description: String {
    let found = available.map { "\(mebibytes($0)) are free" } ?? cause ?? "MPI refused"
    return """
      \(host): \(Self.directory) must have room for \(mebibytes(needed)) of shared memory for \(purpose), but \(found); \
      make it larger (containers: --shm-size; Linux: mount -o remount,size=… \(Self.directory)), remove old \
      files there, or run on nodes with more memory
      """
  }

  /// The bytes of shared memory that are free on this node; nil where that is not known.
  static var available: Int? {
    var status = statvfs()
    return statvfs(directory, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : nil
  }

  /// Throws where this node's shared memory has no room for `count` elements of `stride` bytes.
  ///
  /// Without the check the window would be made and the first write to it would end in a bus error.
  fileprivate static func check(
    count: Int, stride: Int, _ purpose: StaticString, host: String
  ) throws(SharedMemoryError) {
    guard let available else { return }
    let (product, overflow) = count.multipliedReportingOverflow(by: stride)
    let bytes = overflow || product > .max - 64 ? Int.max : product + 64
    guard bytes > available else { return }
    throw SharedMemoryError(
      host: host, purpose: "\(purpose)", needed: bytes, available: available, cause: nil)
  }
}
