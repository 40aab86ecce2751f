import ArgumentParser
import Clustering
import Lanes
import MPI
import Report

/// k-means as the trainer runs it.
struct KMeansBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "kmeans",
    abstract: "k-means with restarts of n × d features: seconds.",
    discussion: """
      The features come from a Gaussian mixture around as many places as there are clusters, or from a file, so that \
      other programs can be given the same ones.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Rows n.", valueName: "n"))
  var images = 70000

  @Option(help: ArgumentHelp("Numbers per row d.", valueName: "d"))
  var features = 120

  @Option(help: ArgumentHelp("Clusters K.", valueName: "K"))
  var clusters = 10

  @Option(help: ArgumentHelp("Runs of k-means; the best one counts.", valueName: "runs"))
  var restarts = 20

  @Option(help: ArgumentHelp("Features from a NumPy file, float32 [n, d], instead.", valueName: "file"))
  var file: String?

  func check(ranks: Int) throws {
    try common.check()
    let rows = try file.map { try NPYMatrix($0).rows } ?? images
    try OptionError.require("images", images)
    try OptionError.require("features", features)
    try OptionError.require("clusters", clusters)
    try OptionError.require("restarts", restarts)
    guard rows >= clusters, rows > 16 * (ranks - 1) else {
      throw OptionError("\(rows) rows are too few for \(clusters) clusters on \(ranks) ranks")
    }
  }

  func measure(_ world: borrowing Communicator) throws {
    let matrix = try world.together { try file.map { try NPYMatrix($0) } }
    let (rows, columns) = (matrix?.rows ?? images, matrix?.columns ?? features)
    let reduction = try GroupReduction(world, mode: .fixedOrder)
    let data = FeatureSlice(
      images: rows, features: columns, plan: reduction.plan(groups: laneGroups(images: rows)),
      rank: world.rank)
    for group in 0..<data.share.count {
      for lane in 0..<data.imageCount(group) {
        let row = (data.share.lowerBound + group) * laneCount + lane
        let lanes = data.group(group)
        if let matrix {
          matrix.forEach(row: row) { lanes[$0][lane] = $1 }
        } else {
          fillMixture(lanes, lane: lane, row: row, features: columns, places: clusters)
        }
      }
    }
    let options = KMeansOptions(clusters: clusters, restarts: restarts)
    var result = try kMeans(data, KMeansOptions(clusters: clusters, restarts: 1), reduction)
    let seconds = Spread(
      try (0..<common.repetitions).map { _ in
        try slowestSeconds(world) { result = try kMeans(data, options, reduction) }
      })
    let output = Output("kmeans", common, world)
    output.add([
      ("rows", .count(rows)), ("features", .count(columns)), ("clusters", .count(clusters)),
      ("restarts", .count(restarts)), ("time [s]", .spread(seconds, digits: 3)),
      ("inertia", .number(result.inertia, digits: 0)),
      ("iterations of the best run", .count(result.iterations)),
    ])
    output.finish()
  }
}

/// Row `row` of a mixture around `places` places that overlap, so that k-means has work to do, without negative
/// values as after a ReLU; the same on every rank.
func fillMixture(
  _ lanes: UnsafeMutablePointer<LaneVector>, lane: Int, row: Int, features: Int, places: Int
) {
  var noise = CounterRandom(seed: 0, purpose: .benchmark, epoch: 1, index: row)
  var place = CounterRandom(seed: 0, purpose: .benchmark, epoch: 2, index: row % places)
  for feature in 0..<features {
    let value = Float(place.uniform(in: 0...0.5)) + 0.5 * approximateNormal(&noise)
    lanes[feature][lane] = max(0, value)
  }
}

/// Nearly normal: the sum of four uniform numbers, which is far cheaper for a million rows.
private func approximateNormal(_ random: inout CounterRandom) -> Float {
  let (a, b) = (random.next32(), random.next32())
  let sum = (a & 0xffff) + (a >> 16) + (b & 0xffff) + (b >> 16)
  return (Float(sum) * 0x1p-16 - 2) * 1.7320508
}
