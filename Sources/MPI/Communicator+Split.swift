internal import COpenMPI

/// The ranks of one node, and the first rank of every node.
package final class NodeCommunicators {
  /// The ranks that share this node's memory, in the order of the communicator that was split.
  package let node: Communicator
  /// One rank per node, its rank 0; `nil` on all other ranks. Rank 0 of the whole is rank 0 here, too.
  package let leaders: Communicator?

  /// Communicators that were split in another way than by node.
  package init(node: consuming Communicator, leaders: consuming Communicator?) {
    self.node = node
    self.leaders = leaders
  }

  /// The number of each rank's node, from 0 in the order of their first ranks. **Collective** over `whole`.
  ///
  /// - Parameter whole: what was split
  package func numbers(of whole: borrowing Communicator) throws(MPIError) -> [Int] {
    var number: Int64 = 0
    betweenNodes { number = Int64($0.rank) }
    return try whole.allGather(try node.broadcast([number])[0]).map { Int($0) }
  }

  /// Runs `body` on the first rank of every node.
  package func betweenNodes(_ body: (borrowing Communicator) throws -> Void) rethrows {
    switch leaders {
    case .some(let leaders): try body(leaders)
    case .none: break
    }
  }
}

extension Communicator {
  /// A new communicator of this one's ranks, apart from its messages. **Collective.**
  package func duplicate() throws(MPIError) -> Communicator {
    var copy: MPI_Comm? = nil
    try collective("MPI_Comm_dup") { MPI_Comm_dup(handle, &copy) }
    return try Communicator(owning: copy!)
  }

  /// The ranks that give the same `color`, ordered by `key`, then by rank; `nil` for a rank without a color.
  /// **Collective.**
  ///
  /// Colors are not negative, and colors and keys fit into 32 bits.
  package func split(color: Int?, key: Int) throws(MPIError) -> Communicator? {
    precondition(color.map { $0 >= 0 } ?? true, "a color is not negative")
    var part: MPI_Comm? = nil
    try collective("MPI_Comm_split") {
      MPI_Comm_split(handle, color.map(Int32.init) ?? MPI_UNDEFINED, Int32(key), &part)
    }
    guard let part, part != dbc_comm_null() else { return nil }
    return try Communicator(owning: part)
  }

  /// Splits the ranks by node (those that can share memory). **Collective.**
  package func splitByNode() throws(MPIError) -> NodeCommunicators {
    let node = try sharingMemory()
    let leaders = try split(color: node.isRoot ? 0 : nil, key: rank)
    return NodeCommunicators(node: node, leaders: leaders)
  }

  private func sharingMemory() throws(MPIError) -> Communicator {
    var part: MPI_Comm? = nil
    let type = Int32(bitPattern: UInt32(MPI_COMM_TYPE_SHARED))
    try collective("MPI_Comm_split_type") {
      MPI_Comm_split_type(handle, type, Int32(rank), dbc_info_null(), &part)
    }
    return try Communicator(owning: part!)
  }
}
