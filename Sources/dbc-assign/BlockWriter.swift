internal import CLinux
import Dataset
import Dispatch
import Report

/// Where the results go, on rank 0: rows and arrays, and files in folders. Where the node has a core that no rank has, a thread of its
/// own writes one block while the next is being worked on. Where it has none, such a thread would stop ranks in the midst of their work,
/// for which all others would wait: rank 0 writes before its own part, of which the others then do more.
final class BlockWriter: @unchecked Sendable {
  // The writing thread alone touches these until `done` is signalled.
  private var stream: RowStream?
  private let directory: ResultDirectory?
  private let sorter: Sorter?
  private let catalogue: ImageCatalogue
  private let names: ClusterNames?
  private var failure: (any Error)?
  /// Images that are farther from their centre than all training images of the cluster.
  private(set) var unlike = 0

  private let queue: DispatchQueue?
  private let done = DispatchSemaphore(value: 0)
  private var isBusy = false

  /// - Parameter ranks: those of rank 0's node
  init(
    _ stream: RowStream?, _ directory: ResultDirectory?, _ sorter: Sorter?, _ catalogue: ImageCatalogue,
    _ names: ClusterNames?, ranks: Int
  ) {
    (self.stream, self.directory, self.sorter, self.catalogue) = (stream, directory, sorter, catalogue)
    self.names = names
    queue = ranks < dbc_usable_cores() ? DispatchQueue(label: "results") : nil
  }

  /// Writes `block`, or begins to; its memory must stay as it is until `wait`, which says what went wrong. Only after `wait`.
  func begin(_ block: AssignedBlock) {
    guard let queue else { return tryToWrite(block) }
    isBusy = true
    let work = Work(block: block)
    queue.async { [self] in
      // mpirun binds a rank and all its threads to one core. This one goes where there is room.
      dbc_leave_bound_cores()
      tryToWrite(work.block)
      done.signal()
    }
  }

  /// Waits for the block that is being written; throws where that has failed.
  func wait() throws {
    if isBusy { done.wait() }
    isBusy = false
    if let failure { throw failure }
  }

  /// Ends everything.
  func finish() throws {
    try wait()
    try stream?.flush()
    try directory?.finish(catalogue.skipped.map { ($0.error.file ?? "", $0.error.message) })
  }

  private func tryToWrite(_ block: AssignedBlock) {
    do { try write(block) } catch { failure = error }
  }

  private func write(_ block: AssignedBlock) throws {
    func row(_ place: Int) -> Row {
      let (image, found) = (block.first + place, block.assignments[place])
      return Row(
        index: image, source: catalogue.sourceParts(of: image),
        label: catalogue.labels.map { $0.names[Int($0.numbers[image])] },
        name: names.map { $0.names[Int(found.cluster)] ?? "" }, found: found)
    }
    let count = block.assignments.count
    try directory?.write(block)
    try directory?.write(count, row)
    try stream?.write(count, row)
    unlike += block.assignments.count { $0.shareNearer >= 1 }
    guard let sorter else { return }
    for (place, found) in block.assignments.enumerated() {
      try sorter.place(catalogue.ownFile(of: block.first + place), in: Int(found.cluster))
    }
  }

  /// Passes a block on to the thread that writes it.
  private struct Work: @unchecked Sendable {
    let block: AssignedBlock
  }
}
