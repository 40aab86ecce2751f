import ArgumentParser
import FCAE
import Lanes
import MPI
import Training

/// The fixed-order sums against MPI_Allreduce, in the manner of the OSU micro-benchmarks.
struct CollectivesBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "collectives",
    abstract:
      "Fixed-order sums over ranks against MPI_Allreduce, by message size: microseconds, and their ratio.",
    discussion: """
      Floats are added as gradients are (all-to-all of segments, fold, all-gather), doubles as batch-norm sums are \
      (all-gather of nodes, fold), then the gradients of both stages of the paper's networks. Each repetition \
      measures one method and then the other; the ratio is that of such pairs.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Largest message of the sweep, in bytes.", valueName: "bytes"))
  var largest = 16 << 20

  @Option(
    help: ArgumentHelp(
      "Images of a mini-batch: their groups of 16 decide how many partial sums each rank hands in.",
      valueName: "images"))
  var batchSize = 256

  func check(ranks: Int) throws {
    try common.check()
    try OptionError.require("largest", largest, atLeast: 4)
    try OptionError.require("batch-size", batchSize, atLeast: 16 * ranks)
  }

  func measure(_ world: borrowing Communicator) throws {
    let output = Output("collectives", common, world)
    let reduction = try GroupReduction(world, mode: .fixedOrder)
    func add(_ name: String, _ bytes: Int, _ pair: (fixed: [Double], native: [Double])) {
      output.add([
        ("sum of", .text(name)), ("size [B]", .count(bytes)),
        ("fixed order [µs]", .spread(Spread(pair.fixed.map { $0 * 1e6 }))),
        ("MPI_Allreduce [µs]", .spread(Spread(pair.native.map { $0 * 1e6 }))),
        ("ratio", .spread(Spread(zip(pair.fixed, pair.native).map { $0 / $1 }), digits: 2)),
      ])
    }
    for bytes in sequence(first: 4, next: { 4 * $0 }).prefix(while: { $0 <= largest }) {
      add("floats", bytes, try floats(bytes / 4, reduction, world))
    }
    for bytes in sequence(first: 16, next: { 4 * $0 }).prefix(while: { $0 <= min(largest, 4096) }) {
      add("doubles", bytes, try doubles(bytes / 8, reduction, world))
    }
    for network in BenchmarkNetwork.allCases {
      let layout = try AutoEncoder(
        network.architecture(), activation: .relu, capacity: 1
      ).layout
      let centres = network.clusters * (try network.architecture()).features
      for (stage, count) in [(Stage.pretraining, layout.count), (.chain, layout.encoder.count + centres)]
      where 4 * count <= largest {
        add("\(network.rawValue) \(stage.rawValue)", 4 * count, try floats(count, reduction, world))
      }
    }
    output.finish()
  }

  /// Seconds per sum of `count` floats, of the slowest rank, by repetition. **Collective.**
  private func floats(
    _ count: Int, _ reduction: GroupReduction, _ world: borrowing Communicator
  ) throws -> (fixed: [Double], native: [Double]) {
    let plan = reduction.plan(groups: laneGroups(images: batchSize))
    let sums = TreeSums<Float>(width: count, schedule: plan.local)
    let result = AlignedBuffer<Float>(count: count)
    return try pairs(world) {
      try reduction.totals(sums, range: 0..<count, plan, into: result.base)
    } _: {
      try world.allReduce(inPlace: result.all, .sum)
    }
  }

  /// Seconds per sum of `count` doubles. **Collective.**
  private func doubles(
    _ count: Int, _ reduction: GroupReduction, _ world: borrowing Communicator
  ) throws -> (fixed: [Double], native: [Double]) {
    let plan = reduction.plan(groups: laneGroups(images: batchSize))
    let sums = TreeSums<Double>(width: count, schedule: plan.local)
    let result = AlignedBuffer<Double>(count: count)
    return try pairs(world) {
      _ = try reduction.totals(sums, plan)
    } _: {
      try world.allReduce(inPlace: result.all, .sum)
    }
  }

  /// Both methods in turn. **Collective.**
  private func pairs(
    _ world: borrowing Communicator, _ fixed: () throws -> Void, _ native: () throws -> Void
  ) throws -> (fixed: [Double], native: [Double]) {
    var seconds: (fixed: [Double], native: [Double]) = ([], [])
    for _ in 0..<common.repetitions {
      seconds.fixed.append(try collectiveSeconds(1, world, atLeastSeconds: 0.01, fixed).median)
      seconds.native.append(try collectiveSeconds(1, world, atLeastSeconds: 0.01, native).median)
    }
    return seconds
  }
}
