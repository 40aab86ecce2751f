import Basics
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
      Rank 0's parts: score is S of its own rows, the assignments of all rows and what they say; gather is S to rank 0 \
      (root) or the column sums over all ranks (distributed); form is R; share is R to all nodes. The total is that of \
      the slowest rank.
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
    let data = FeatureSlice(images: images, features: features, plan: plan, rank: world.rank)
    let centres = AlignedBuffer<Float>(count: clusters * features)
    for group in 0..<data.share.count {
      for lane in 0..<data.imageCount(group) {
        let row = (data.share.lowerBound + group) * laneCount + lane
        fillMixture(data.group(group), lane: lane, row: row, features: features, places: clusters)
      }
    }
    var random = CounterRandom(seed: 0, purpose: .benchmark, epoch: 3)
    for i in 0..<centres.count { centres.base[i] = Float(random.uniform(in: 0...2)) }
    for mode in target.map({ [$0] }) ?? TargetMode.allCases {
      let sheet = ScoreSheet(
        SoftScores(clusters: clusters, features: features, degreesOfFreedom: 1), images: images, plan: plan,
        reduction)
      let target = try Target(
        BoostedTarget(boost: 2, normalization: .dbc, clusters: clusters), images: images, mode: mode,
        plan: plan,
        reduction, nodes: world.splitByNode())
      var parts: [[Double]] = []
      // The first one touches the memory.
      for _ in 0...common.repetitions {
        parts.append(try update(data, centres: centres.base, sheet, target, world))
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
    _ data: FeatureSlice, centres: UnsafePointer<Float>, _ sheet: ScoreSheet, _ target: Target,
    _ world: borrowing Communicator
  ) throws -> [Double] {
    try world.barrier()
    let start = monotonicSeconds()
    _ = try sheet.score(data, centres: centres)
    let scored = monotonicSeconds()
    try target.set(.boosted(sheet, nil, sizes: Array(repeating: images / clusters, count: clusters)))
    let total = try world.allReduce(monotonicSeconds() - start, .max)
    let times = target.times
    return [total, scored - start, times.gatherSeconds, times.formSeconds, times.shareSeconds]
  }
}

extension TargetMode: ExpressibleByArgument {}
