import Lanes
import Testing

/// The sum of groups `range` in the tree's order, by the recursive definition.
private func recursiveSum(_ values: [Float], level: Int, index: Int) -> Float {
  if level == 0 { return values[index] }
  let middle = (2 * index + 1) << (level - 1)
  let left = recursiveSum(values, level: level - 1, index: 2 * index)
  return middle < values.count ? left + recursiveSum(values, level: level - 1, index: 2 * index + 1) : left
}

@Suite struct ReductionTreeTests {
  @Test("any number of groups over any number of ranks gives the bits of the recursive definition")
  func sameBits() {
    for groups in Array(1...40) + [63, 64, 65, 100] {
      let values = randomFloats(groups, seed: UInt64(groups))
      let tree = ReductionTree(groups: groups)
      var levels = 0
      while 1 << levels < groups { levels += 1 }
      let expected = recursiveSum(values, level: levels, index: 0)
      for ranks in [1, 2, 3, 4, 5, 7, 8, 50] {
        var nodes: [ReductionTree.Node] = []
        var sums: [Float] = []
        for rank in 0..<ranks {
          let share = tree.share(rank: rank, of: ranks)
          let local = TreeSums<Float>(width: 1, schedule: tree.schedule(groups: share))
          for (leaf, group) in share.enumerated() {
            local.leaf(leaf)[0] = values[group]
            local.add(leaf, range: 0..<1)
          }
          nodes += local.schedule.remaining
          sums += local.nodes
        }
        let root = TreeSums<Float>(width: 1, schedule: tree.schedule(folding: nodes))
        for (leaf, sum) in sums.enumerated() {
          root.leaf(leaf)[0] = sum
          root.add(leaf, range: 0..<1)
        }
        #expect(root.schedule.remaining.count == 1)
        #expect(root.node(0)[0] == expected, "\(groups) groups, \(ranks) ranks")
      }
    }
  }

  @Test("shares are contiguous, cover every group and differ by at most one")
  func shares() {
    for groups in [0, 1, 5, 16, 4375] {
      for ranks in 1...9 {
        let shares = (0..<ranks).map { ReductionTree(groups: groups).share(rank: $0, of: ranks) }
        #expect(shares.flatMap { Array($0) } == Array(0..<groups))
        #expect(shares.map(\.count).max()! - shares.map(\.count).min()! <= 1)
      }
    }
  }
}
