import ArgumentParser
import Clustering
import Lanes
import MPI
import Training

/// What an epoch of the learning chain does besides encoding and training: S, its gathering, R, its broadcast.
struct ChainBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "chain",
    abstract:
      "One target update of the chain (S, gather, R, broadcast), at the root and distributed: milliseconds.",
    discussion: """
      Rank 0's parts: score is S of its own rows; gather is S to rank 0 (root) or the column sums over all ranks \
      (distributed); form is R and the assignments; share is R to all nodes and the assignments to rank 0. The total \
      is that of the slowest rank.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Rows n, a million at most.", valueName: "n"))
  var images = 70000

  @Option(help: ArgumentHelp("Numbers per row d.", valueName: "d"))
  var features = 120

  @Option(help: ArgumentHelp("Clusters K.", valueName: "K"))
  var clusters = 10

  @Option(help: "root or distributed; without it both.")
  var target: TargetMode?

  func check(ranks: Int) throws {
    try common.check()
    try OptionError.require("images", images, atLeast: 16 * ranks)
    guard images <= 1 << 20 else { throw OptionError("--images must be at most 1048576, found \(images)") }
    try OptionError.require("features", features)
    try OptionError.require("clusters", clusters)
  }

  func measure(_ world: borrowing Communicator) throws {
    let output = Output("chain", common, world)
    let reduction = try GroupReduction(world, mode: .fixedOrder)
    let plan = reduction.plan(groups: laneGroups(images: images))
    let share = plan.shares[world.rank]
    let rows = AlignedBuffer<LaneVector>(count: share.count * features)
    let centres = AlignedBuffer<Float>(count: clusters * features)
    for group in share {
      for lane in 0..<min(laneCount, images - group * laneCount) {
        fillMixture(
          rows.base + (group - share.lowerBound) * features, lane: lane, row: group * laneCount + lane,
          features: features, places: clusters)
      }
    }
    var random = CounterRandom(seed: 0, purpose: .benchmark, epoch: 3)
    for i in 0..<centres.count { centres.base[i] = Float(random.uniform(in: 0...2)) }
    for mode in target.map({ [$0] }) ?? TargetMode.allCases {
      let rule = BoostedTarget(boost: 2, normalization: .dbc, clusters: clusters)
      let targets = try TargetStore(
        images: images, rule: rule, mode: mode, plan: plan, reduction: reduction, nodes: world.splitByNode())
      var parts: [[Double]] = []
      // The first one touches the memory.
      for _ in 0...common.repetitions {
        parts.append(try update(rows.base, centres: centres.base, targets, share, world))
      }
      let names = ["total", "score", "gather", "form", "share"]
      output.add(
        [
          ("target", .text(mode.rawValue)), ("rows", .count(images)), ("clusters", .count(clusters)),
          ("features", .count(features)),
        ]
          + names.indices.map { part in
            let values = Spread(parts.dropFirst().map { $0[part] * 1e3 })
            return (
              "\(names[part]) [ms]",
              part == 0 ? .spread(values, digits: 2) : .number(values.median, digits: 2)
            )
          })
    }
    output.finish()
  }

  /// The seconds of one update: in all on the slowest rank, then this rank's parts. **Collective.**
  private func update(
    _ rows: UnsafePointer<LaneVector>, centres: UnsafePointer<Float>, _ targets: TargetStore,
    _ share: Range<Int>,
    _ world: borrowing Communicator
  ) throws -> [Double] {
    let rule = SoftScores(clusters: clusters, features: features, degreesOfFreedom: 1)
    let kernels = AlignedBuffer<LaneVector>(count: clusters)
    try world.barrier()
    let start = monotonicSeconds()
    for group in 0..<share.count {
      let count = min(laneCount, images - (share.lowerBound + group) * laneCount)
      rule.score(
        rows + group * features, centres: centres, mask: laneMask(images: count),
        scores: targets.scores.base + group * clusters, kernels: kernels.base)
    }
    let scored = monotonicSeconds()
    _ = try targets.update()
    let total = try world.allReduce(monotonicSeconds() - start, .max)
    let times = targets.times
    return [total, scored - start, times.gatherSeconds, times.formSeconds, times.shareSeconds]
  }
}

extension TargetMode: ExpressibleByArgument {}
