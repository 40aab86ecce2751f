import Clustering
import Lanes
import MPI

let reductionChecks = CheckGroup(
  name: "reduction",
  checks: [
    Check("fixed-order-doubles", fixedOrderDoubles), Check("fixed-order-floats", fixedOrderFloats),
    Check("native-agrees", nativeAgrees),
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

private func fixedOrderFloats(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  for groups in groupCounts {
    for (width, range) in [(1, 0..<1), (40, 0..<40), (1000, 13..<770)] {
      let plan = reduction.plan(groups: groups)
      let sums = floatSums(plan, rank: world.rank, width: width)
      var result = [Float](repeating: .nan, count: range.count)
      try reduction.totals(sums, range: range, plan, into: &result)
      try expectEqual(result, Array(expected(groups, width: width)[range]), "\(groups) groups, \(range)")
    }
  }
}

private func fixedOrderDoubles(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
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
