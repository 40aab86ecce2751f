/// The order in which the partial sums of lane groups are added: a binary tree over the group index.
///
/// Node (level l, index i) covers the groups i·2ˡ ..< (i+1)·2ˡ that exist; its value is left + right, or left
/// alone where there is no right half. The order depends only on the number of groups, so a sum has the same
/// bits however the groups are spread over ranks. (The idea of KaMPIng's reproducible reduce.)
package struct ReductionTree: Equatable, Sendable {
  /// The number of groups, the leaves.
  package let groups: Int

  /// The tree over `groups` ≥ 0 groups.
  package init(groups: Int) {
    precondition(groups >= 0)
    self.groups = groups
  }

  /// The contiguous groups of rank `rank` of `ranks`: as even as possible.
  package func share(rank: Int, of ranks: Int) -> Range<Int> {
    (rank * groups / ranks)..<((rank + 1) * groups / ranks)
  }

  /// One node of the tree.
  package struct Node: Equatable, Sendable {
    /// l; 0 is a leaf.
    package let level: Int
    /// i
    package let index: Int

    /// The first group that it covers.
    package var firstGroup: Int { index << level }
  }

  /// What happens after a value was put on the stack: `merges` times, the top is added to the one below it.
  package struct Push: Equatable, Sendable {
    /// The stack position that the value is put in.
    package let slot: Int
    /// How often the top is then added to the value below it and dropped.
    package let merges: Int
  }

  /// A stack machine that adds a sequence of nodes, left to right.
  package struct Schedule: Equatable, Sendable {
    /// One entry per value, in order.
    package let pushes: [Push]
    /// The nodes that are left at the end, in the slots 0, 1, ….
    package let remaining: [Node]
    /// The number of slots that are needed.
    package let depth: Int
  }

  /// The schedule that folds `nodes`, which are in ascending order and do not overlap, as far as they go.
  package func schedule(folding nodes: [Node]) -> Schedule {
    var stack: [Node] = []
    var pushes: [Push] = []
    var depth = 0
    for node in nodes {
      let slot = stack.count
      depth = max(depth, slot + 1)
      stack.append(node)
      var merges = 0
      while let top = stack.last {
        let start = top.firstGroup
        let isLeft = top.index % 2 == 0
        if isLeft, start + (1 << top.level) >= groups, !(start == 0) {
          stack[stack.count - 1] = Node(level: top.level + 1, index: top.index / 2)
        } else if !isLeft, stack.count >= 2,
          stack[stack.count - 2] == Node(level: top.level, index: top.index - 1)
        {
          stack.removeLast()
          stack[stack.count - 1] = Node(level: top.level + 1, index: top.index / 2)
          merges += 1
        } else {
          break
        }
      }
      pushes.append(Push(slot: slot, merges: merges))
    }
    return Schedule(pushes: pushes, remaining: stack, depth: depth)
  }

  /// The schedule of a rank that owns the groups of `range`.
  package func schedule(groups range: Range<Int>) -> Schedule {
    schedule(folding: range.map { Node(level: 0, index: $0) })
  }
}

/// Partial sums of this rank's lane groups, added in the order of a `ReductionTree` as they come.
///
/// Every leaf has `width` values. After the last leaf, slots 0, 1, … hold the nodes that remain.
package struct TreeSums<Value: BitwiseCopyable & AdditiveArithmetic>: ~Copyable {
  /// The number of values per leaf.
  package let width: Int
  /// The order of the additions.
  package private(set) var schedule: ReductionTree.Schedule
  private var slots: AlignedBuffer<Value>

  /// Memory for the sums that `schedule` adds, `width` values each.
  package init(width: Int, schedule: ReductionTree.Schedule) {
    self.width = width
    self.schedule = schedule
    slots = AlignedBuffer(count: max(schedule.depth, 1) * width, for: "partial sums")
  }

  /// Begins anew with another number of leaves, in the same memory if it is enough.
  package mutating func restart(_ schedule: ReductionTree.Schedule) {
    self.schedule = schedule
    if schedule.depth * width > slots.count {
      slots = AlignedBuffer(count: schedule.depth * width, for: "partial sums")
    }
  }

  /// The memory of leaf number `leaf` of this rank: to be overwritten, then `add`ed.
  package func leaf(_ leaf: Int) -> UnsafeMutablePointer<Value> {
    slots.base + schedule.pushes[leaf].slot * width
  }

  /// The value of the remaining node number `node`.
  package func node(_ node: Int) -> UnsafeMutablePointer<Value> {
    slots.base + node * width
  }

  /// All remaining nodes, one after another: `[nodes][width]`.
  package var nodes: UnsafeMutableBufferPointer<Value> {
    UnsafeMutableBufferPointer(start: slots.base, count: schedule.remaining.count * width)
  }
}

extension TreeSums where Value == Double {
  /// Adds leaf number `leaf`, which was just written, to the nodes that it completes.
  package func add(_ leaf: Int) {
    let push = schedule.pushes[leaf]
    for merge in 0..<push.merges {
      let right = node(push.slot - merge)
      let left = node(push.slot - merge - 1)
      for i in 0..<width { left[i] += right[i] }
    }
  }
}

extension TreeSums where Value == Float {
  /// Adds the part `range` of leaf number `leaf`, which was just written, to the nodes that it completes.
  package func add(_ leaf: Int, range: Range<Int>) {
    let push = schedule.pushes[leaf]
    for merge in 0..<push.merges {
      addFloats(
        node(push.slot - merge) + range.lowerBound, to: node(push.slot - merge - 1) + range.lowerBound,
        count: range.count)
    }
  }
}

/// target[i] += source[i] for `count` floats at any alignment.
package func addFloats(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
  addFloats(target, source, to: target, count: count)
}

/// target[i] = left[i] + right[i] for `count` floats at any alignment; `target` may be `left` or `right`.
package func addFloats(
  _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>,
  count: Int
) {
  let (a, b, into) = (UnsafeRawPointer(left), UnsafeRawPointer(right), UnsafeMutableRawPointer(target))
  let vectors = count / 16
  for i in 0..<vectors {
    let sum =
      a.loadUnaligned(fromByteOffset: i &* 64, as: LaneVector.self)
      + b.loadUnaligned(fromByteOffset: i &* 64, as: LaneVector.self)
    into.storeBytes(of: sum, toByteOffset: i &* 64, as: LaneVector.self)
  }
  for i in (vectors &* 16)..<count { target[i] = left[i] + right[i] }
}
