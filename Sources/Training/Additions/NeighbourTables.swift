import Clustering
import Lanes
import MPI

/// The nearest neighbours of all images by several kinds of features, and by their pixels: what neighbour graphs are made of.
/// The tables are on rank 0, and empty on the other ranks.
struct NeighbourTables {
  /// By the thumbnails; nil before the first search.
  var pixels: NeighbourTable?
  /// By the features of the networks, of each after stage I and, where they are refined, after that.
  var features: [NeighbourTable] = []

  /// The graph of the neighbours that the kinds of features agree on, and `graph`; on rank 0.
  var graphs: (features: NeighbourGraph, judge: NeighbourGraph) {
    let all = separateGraphs
    return (
      NeighbourGraph(agreementOf: Array(all.prefix(features.count))), NeighbourGraph(agreementOf: all)
    )
  }

  /// The graph of the neighbours that the kinds of features and the pixels agree on; on rank 0.
  var graph: NeighbourGraph { NeighbourGraph(agreementOf: separateGraphs) }

  /// The number of all tables.
  var count: Int { all.count }

  /// The graph of each table, that of the pixels last; on rank 0.
  var separateGraphs: [NeighbourGraph] { all.map { NeighbourGraph($0) } }

  private var all: [NeighbourTable] { features + (pixels.map { [$0] } ?? []) }

  private static let pixelName = "pixels"
  private static func featuresName(_ number: Int) -> String { "features\(number)" }
  private static func imagesName(_ table: String) -> String { "neighbours_\(table)_images" }
  private static func distancesName(_ table: String) -> String { "neighbours_\(table)_distances" }

  /// Adds all tables to `snapshot`.
  func save(to snapshot: inout Snapshot) {
    func add(_ name: String, _ table: NeighbourTable) {
      snapshot.add(Self.imagesName(name), table.images)
      snapshot.add(Self.distancesName(name), table.distances)
    }
    if let pixels { add(Self.pixelName, pixels) }
    for (number, table) in features.enumerated() { add(Self.featuresName(number), table) }
  }

  /// So many tables of `features` and, where there is one, that of the pixels. **Collective.**
  ///
  /// - Parameters:
  ///   - images: images of a table
  ///   - neighbours: neighbours of each
  init(from snapshot: SnapshotReader, features: Int, images: Int, neighbours: Int) throws {
    func table(_ name: String) throws -> NeighbourTable {
      let count = images * neighbours
      let found = try snapshot.numbersOnRoot(Self.imagesName(name), count: count, below: images)
      let distances = try snapshot.valuesOnRoot(Self.distancesName(name), count: count) {
        $0 >= 0 && $0.isFinite
      }
      return NeighbourTable(count: neighbours, images: found, distances: distances)
    }
    if try snapshot.has(Self.imagesName(Self.pixelName)) { pixels = try table(Self.pixelName) }
    self.features = try (0..<features).map { try table(Self.featuresName($0)) }
  }

  /// No tables.
  init() {}
}
