import MPI
import Testing

/// How work of several pieces is dealt to groups of ranks.
@Suite struct RankGroupsTests {
  @Test("groups are equally large, at most twelve of them")
  func count() {
    let expected = [
      1: 1, 2: 2, 3: 3, 4: 4, 5: 1, 6: 6, 7: 1, 8: 4, 10: 2, 12: 12, 16: 4, 24: 12, 33: 3, 64: 4, 96: 12,
    ]
    for (ranks, groups) in expected { #expect(RankGroups.count(ranks: ranks) == groups, "\(ranks) ranks") }
  }

  @Test(
    "every piece is done once, and no group has much more to do than another", arguments: [1, 2, 3, 4, 12])
  func deal(groups: Int) {
    let costs = [200, 450, 300, 675, 440, 660, 200, 450, 300, 675, 440, 660]
    let dealt = RankGroups.deal(costs, groups: groups)
    #expect(dealt.count == groups)
    #expect(dealt.flatMap { $0 }.sorted() == Array(costs.indices))
    let loads = dealt.map { $0.reduce(0) { $0 + costs[$1] } }
    #expect(loads.max()! - loads.min()! <= costs.max()!)
    if groups == 2 { #expect(loads.max()! - loads.min()! <= 100) }
  }

  @Test("fewer pieces than groups")
  func few() {
    #expect(RankGroups.deal([5, 9], groups: 4) == [[1], [0], [], []])
    #expect(RankGroups.deal([], groups: 2) == [[], []])
  }
}
