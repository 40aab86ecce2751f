import Clustering
import Glibc
import Lanes
import MPI

let reductionChecks = CheckGroup(
  name: "reduction",
  checks: [
    Check("fixed-order-doubles", fixedOrderDoubles), Check("fixed-order-floats", fixedOrderFloats),
    Check("native-agrees", nativeAgrees), Check("late-ranks", lateRanks),
  ])

private let groupCounts = [1, 2, 3, 5, 7, 8, 16, 33]

/// Value `i` of group `group`: numbers of very different sizes, so that another order shows.
private func value(_ group: Int, _ i: Int) -> Double {
  var random = CounterRandom(seed: 5, purpose: .kmeans, epoch: group, index: i)
  return random.normal() * [1e-6, 1, 1e5][(group + i) % 3]
}

/// What one process alone makes of all groups.
private func expected(_ groups: Int, width: Int) -> [Float] {
  let plan = ReductionPlan(groups: groups, rank: 0, ranks: 1)
  let sums = TreeSums<Float>(width: width, schedule: plan.local)
  for group in 0..<groups {
    for i in 0..<width { sums.leaf(group)[i] = Float(value(group, i)) }
    sums.add(group, range: 0..<width)
  }
  return Array(sums.nodes)
}

private func floatSums(_ plan: ReductionPlan, rank: Int, width: Int) -> TreeSums<Float> {
  let sums = TreeSums<Float>(width: width, schedule: plan.local)
  for (leaf, group) in plan.shares[rank].enumerated() {
    for i in 0..<width { sums.leaf(leaf)[i] = Float(value(group, i)) }
    sums.add(leaf, range: 0..<width)
  }
  return sums
}

/// Which ranks share memory: as it is, nobody, and other ways that the ranks may be on nodes.
func nodeLayouts(ranks: Int) -> [[Int]?] {
  let all = Array(0..<ranks)
  return [
    nil, all, all.map { $0 % 2 }, all.map { $0 / 2 }, all.map { min($0, 1) },
    all.map { $0 == ranks - 1 && ranks > 1 ? 1 : 0 },
  ]
}

private func fixedOrderFloats(_ world: borrowing Communicator) throws {
  for nodes in nodeLayouts(ranks: world.size) {
    let reduction = try GroupReduction(world, mode: .fixedOrder, nodes: nodes)
    for groups in groupCounts {
      for (width, range) in [(1, 0..<1), (40, 0..<40), (1000, 13..<770)] {
        let plan = reduction.plan(groups: groups)
        let sums = floatSums(plan, rank: world.rank, width: width)
        var result = [Float](repeating: .nan, count: range.count)
        try reduction.totals(sums, range: range, plan, into: &result)
        try expectEqual(
          result, Array(expected(groups, width: width)[range]),
          "\(groups) groups, \(range), nodes \(nodes ?? [])")
      }
    }
  }
}

/// Sums of many widths that follow each other while ranks are late: nobody overwrites what another one still reads.
private func lateRanks(_ world: borrowing Communicator) throws {
  for nodes in nodeLayouts(ranks: world.size) {
    let reduction = try GroupReduction(world, mode: .fixedOrder, nodes: nodes)
    for round in 0..<200 {
      var random = CounterRandom(seed: 6, purpose: .kmeans, epoch: round, index: 0)
      let (groups, isLarge) = (
        1 + Int.random(in: 0..<(40), using: &random), Int.random(in: 0..<(20), using: &random) == 0
      )
      let width = 1 + Int.random(in: 0..<(isLarge ? 700_000 : 600), using: &random)
      var own = CounterRandom(seed: 7, purpose: .kmeans, epoch: round, index: world.rank)
      if Int.random(in: 0..<8, using: &own) == 0 { usleep(UInt32(Int.random(in: 0..<500, using: &own))) }
      let plan = reduction.plan(groups: groups)
      // Whole numbers: their sum is exact in any order.
      let wanted = { (i: Int) in groups * (groups - 1) / 2 + groups * (i % 7 + round) }
      if Int.random(in: 0..<(2), using: &random) == 0 || isLarge {
        let sums = TreeSums<Float>(width: width, schedule: plan.local)
        for (leaf, group) in plan.shares[world.rank].enumerated() {
          for i in 0..<width { sums.leaf(leaf)[i] = Float(group + i % 7 + round) }
          sums.add(leaf, range: 0..<width)
        }
        var result = [Float](repeating: .nan, count: width)
        try reduction.totals(sums, range: 0..<width, plan, into: &result)
        try expect(
          result.indices.allSatisfy { result[$0] == Float(wanted($0)) },
          "round \(round), \(width) floats, nodes \(nodes ?? [])")
      } else {
        let sums = TreeSums<Double>(width: width, schedule: plan.local)
        for (leaf, group) in plan.shares[world.rank].enumerated() {
          for i in 0..<width { sums.leaf(leaf)[i] = Double(group + i % 7 + round) }
          sums.add(leaf)
        }
        try expectEqual(
          try reduction.totals(sums, plan), (0..<width).map { Double(wanted($0)) },
          "round \(round), \(width) doubles, nodes \(nodes ?? [])")
      }
    }
  }
}

private func fixedOrderDoubles(_ world: borrowing Communicator) throws {
  for nodes in nodeLayouts(ranks: world.size) {
    try fixedOrderDoubles(world, GroupReduction(world, mode: .fixedOrder, nodes: nodes))
  }
}

private func fixedOrderDoubles(_ world: borrowing Communicator, _ reduction: GroupReduction) throws {
  for groups in groupCounts {
    func total(_ plan: ReductionPlan, rank: Int, _ add: (borrowing TreeSums<Double>) throws -> [Double])
      throws -> [Double]
    {
      let sums = TreeSums<Double>(width: 3, schedule: plan.local)
      for (leaf, group) in plan.shares[rank].enumerated() {
        for i in 0..<3 { sums.leaf(leaf)[i] = value(group, i) }
        sums.add(leaf)
      }
      return try add(sums)
    }
    let plan = reduction.plan(groups: groups)
    let found = try total(plan, rank: world.rank) { try reduction.totals($0, plan) }
    let alone = try total(ReductionPlan(groups: groups, rank: 0, ranks: 1), rank: 0) { Array($0.nodes) }
    try expectEqual(found, alone, "\(groups) groups")
  }
}

private func nativeAgrees(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .native)
  for groups in groupCounts {
    let plan = reduction.plan(groups: groups)
    let sums = floatSums(plan, rank: world.rank, width: 50)
    var result = [Float](repeating: .nan, count: 50)
    try reduction.totals(sums, range: 0..<50, plan, into: &result)
    for (found, wanted) in zip(result, expected(groups, width: 50)) {
      try expect(
        abs(found - wanted) <= 1e-2 + 1e-5 * abs(wanted), "\(groups) groups: \(found), expected \(wanted)")
    }
  }
}
