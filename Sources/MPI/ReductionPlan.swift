import Lanes

/// How sums over lane groups are formed across ranks.
package enum ReductionMode: String, CaseIterable, Sendable {
  /// In the order of the `ReductionTree`: the same bits on any number of ranks.
  case fixedOrder = "fixed-order"
  /// By MPI_Allreduce: the library's order, which may depend on the number of ranks.
  case native
}

/// Which groups of a number of lane groups belong to which rank, and how their partial sums are put together.
package struct ReductionPlan: Sendable {
  /// The order of all additions.
  package let tree: ReductionTree
  /// The groups of each rank.
  package let shares: [Range<Int>]
  /// The order in which this rank adds its own groups.
  package let local: ReductionTree.Schedule
  /// How the partial sums that the ranks are left with are added.
  let ranks: PartialSums

  /// The plan of rank `rank` of `ranks` for `groups` groups, divided as evenly as possible.
  package init(groups: Int, rank: Int, ranks: Int) {
    let tree = ReductionTree(groups: groups)
    let shares = (0..<ranks).map { tree.share(rank: $0, of: ranks) }
    let schedules = shares.map { tree.schedule(groups: $0) }
    self.tree = tree
    self.shares = shares
    local = schedules[rank]
    self.ranks = PartialSums(tree, schedules.map(\.remaining))
  }
}

/// Partial sums that several holders have, and the order in which they are added.
struct PartialSums: Sendable {
  /// The number of sums that each holder has.
  let counts: [Int]
  /// For each value of `schedule`, its number among all sums, one holder after another.
  let order: [Int]
  /// The additions.
  let schedule: ReductionTree.Schedule

  /// The sums `nodes[h]` of `tree` that holder h has, in ascending order.
  init(_ tree: ReductionTree, _ nodes: [[ReductionTree.Node]]) {
    let all = nodes.flatMap { $0 }
    counts = nodes.map(\.count)
    // Ranks of several nodes may take turns, so that the sums of one node do not follow each other.
    order = all.indices.sorted { all[$0].firstGroup < all[$1].firstGroup }
    schedule = tree.schedule(folding: order.map { all[$0] })
  }

  /// The number of all sums.
  var count: Int { order.count }

  /// Adds in the order of the schedule, as far as it goes.
  ///
  /// - Parameters:
  ///   - width: numbers of a sum
  ///   - value: where sum number i is; only read
  ///   - slot: memory for what is in stack position s; at the end what remains is in the slots 0, 1, …
  ///   - add: puts the sum of its first two arguments, `width` numbers each, into the third, which may be one of them
  func fold<Value: BitwiseCopyable>(
    width: Int, value: (Int) -> UnsafePointer<Value>, slot: (Int) -> UnsafeMutablePointer<Value>,
    add: (UnsafePointer<Value>, UnsafePointer<Value>, UnsafeMutablePointer<Value>) -> Void
  ) {
    var stack: [UnsafePointer<Value>] = []
    for (number, push) in zip(order, schedule.pushes) {
      stack.append(value(number))
      for _ in 0..<push.merges {
        let right = stack.removeLast()
        let place = stack.count - 1
        add(stack[place], right, slot(place))
        stack[place] = UnsafePointer(slot(place))
      }
    }
    for (place, value) in stack.enumerated() where value != UnsafePointer(slot(place)) {
      slot(place).update(from: value, count: width)
    }
  }
}

/// How the partial sums of ranks are added where nodes have several ranks: first those of each node, then those of all nodes.
struct NodePlan: Sendable {
  /// Of each rank of this node, the number of its first sum among the node's.
  let firsts: [Int]
  /// The sums of this node's ranks.
  let inside: PartialSums
  /// The most sums that the ranks of one node have.
  let most: Int
  /// What the nodes are left with.
  let between: PartialSums

  /// The plan for node `node`.
  ///
  /// - Parameter nodes: the number of each rank's node
  init(_ plan: ReductionPlan, nodes: [Int], node: Int) {
    let tree = plan.tree
    let sums = (0...nodes.max()!).map { number in
      PartialSums(
        tree,
        nodes.indices.filter { nodes[$0] == number }.map { tree.schedule(groups: plan.shares[$0]).remaining })
    }
    inside = sums[node]
    most = sums.map(\.count).max()!
    between = PartialSums(tree, sums.map(\.schedule.remaining))
    firsts = Segments(counts: inside.counts).offsets
  }
}
