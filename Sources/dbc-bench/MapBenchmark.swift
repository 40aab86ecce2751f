import ArgumentParser
import Basics
import Clustering
import Lanes
import MPI
import Report

/// The map of a run's features; `launch/experiments/map` compares it with others.
struct MapBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Maps the rows of a NumPy file, as a run maps its images: seconds.", shouldDisplay: false)

  @OptionGroup var common: CommonOptions

  @Argument(help: "The rows, a NumPy file, float32 [n, d].")
  var file: String

  @Argument(help: "Where their places go, a NumPy file, float32 [n, 2].")
  var places: String

  @Option(help: ArgumentHelp("Neighbours of every row.", valueName: "number"))
  var neighbours = 10

  @Option(
    help: ArgumentHelp("More rows than this are placed by their neighbours in a sample.", valueName: "n"))
  var sample = EmbeddingMap.mostImages

  func check(ranks: Int) throws {
    try common.check()
    try OptionError.require("neighbours", neighbours)
    try OptionError.require("sample", sample, atLeast: 2 * laneCount)
    let rows = try NPYMatrix(file).rows
    guard rows >= 2, rows > laneCount * (ranks - 1) else {
      throw OptionError("\(file) has \(rows) rows, too few for a map on \(ranks) ranks")
    }
  }

  func measure(_ world: borrowing Communicator) throws {
    let matrix = try world.together { try NPYMatrix(file) }
    let reduction = try GroupReduction(world, mode: .fixedOrder)
    let data = FeatureSlice(
      images: matrix.rows, features: matrix.columns,
      plan: reduction.plan(groups: laneGroups(images: matrix.rows)), rank: world.rank)
    for (number, row) in data.ownImages.enumerated() {
      let lanes = data.group(number / laneCount)
      matrix.forEach(row: row) { lanes[$0][number % laneCount] = $1 }
    }
    data.makeRows()
    let values = UnsafeBufferPointer(start: data.rows.base, count: data.localImages * data.features)
    try world.together {
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        throw ReportError(
          .malformed, file,
          "expected finite numbers, found \(values[place]) in row \(data.ownImages.lowerBound + place / data.features)"
        )
      }
    }
    let part = GroupSample(images: matrix.rows, limit: sample)
    let mapped = try sampled(data, part, reduction)
    var table = NeighbourTable(count: 0, images: [], distances: [])
    let searchSeconds = try slowestSeconds(world) {
      table = try NeighbourTable(mapped, neighbours: neighbours, reduction)
    }
    let own = UnsafeBufferPointer(start: mapped.rows.base, count: mapped.localImages * mapped.features)
    let features = try world.gatherJoined(Array(own))
    var points: [Float] = []
    let mapSeconds = Spread(
      try (0..<common.repetitions).map { _ in
        try slowestSeconds(world) {
          guard world.isRoot else { return }
          points = features.withUnsafeBufferPointer {
            EmbeddingMap(features: $0, dimensions: mapped.features, neighbours: table, seed: 0).points
          }
        }
      })
    let placeSeconds = try slowestSeconds(world) {
      if part.isPart {
        points = try MappedImages.placed(data, among: mapped, points, neighbours: neighbours, world)
      }
    }
    try world.onRoot {
      try points.withUnsafeBufferPointer {
        try NPY.write($0, rows: matrix.rows, columns: 2, to: places)
      }
    }
    let output = Output("map", common, world)
    output.add([
      ("rows", .count(matrix.rows)), ("features", .count(matrix.columns)), ("mapped", .count(part.images)),
      ("neighbours", .count(min(neighbours, part.images - 1))),
      ("search [s]", .number(searchSeconds, digits: 3)),
      ("map [s]", .spread(mapSeconds, digits: 3)), ("placing [s]", .number(placeSeconds, digits: 3)),
    ])
    output.finish()
  }
}
