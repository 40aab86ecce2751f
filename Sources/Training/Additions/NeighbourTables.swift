import Clustering
import Lanes
import MPI

/// A graph that is partitioned.
package enum GraphSource: Hashable, Sendable {
  /// The mean of the graphs of all networks' features.
  case features
  /// The mean of that and the pixels' graph.
  case featuresAndPixels
  /// The graph of one network's features, where there are several.
  case member(Int)

  /// As it stands in a table.
  package var name: String {
    switch self {
    case .features: "features"
    case .featuresAndPixels: "features+pixels"
    case .member(let number): "network\(number + 1)"
    }
  }
}

/// The nearest neighbours of all images by the features of several networks, and by their pixels: what neighbour graphs are
/// made of. The tables are on rank 0, and empty on the other ranks.
struct NeighbourTables {
  /// By the thumbnails; nil where the pixels have no say.
  var pixels: NeighbourTable?
  /// By the features of one network each.
  var members: [NeighbourTable] = []

  /// The graphs that partitions come from.
  var sources: [GraphSource] {
    [.features] + (pixels == nil ? [] : [.featuresAndPixels])
      + (members.count > 1 ? members.indices.map { .member($0) } : [])
  }

  /// The graph that partitions are judged by.
  var judge: GraphSource { pixels == nil ? .features : .featuresAndPixels }

  /// The graphs of all sources, on rank 0.
  var graphs: [GraphSource: NeighbourGraph] {
    let own = members.map { NeighbourGraph($0) }
    let features = NeighbourGraph(mean: own)
    var graphs: [GraphSource: NeighbourGraph] = [.features: features]
    if let pixels { graphs[.featuresAndPixels] = Self.mean(features, pixels) }
    if own.count > 1 { for (number, graph) in own.enumerated() { graphs[.member(number)] = graph } }
    return graphs
  }

  /// The graph of the features of the networks `members` alone, or, as `source` says, the mean of that and the pixels'; on rank 0.
  func graph(_ source: GraphSource, members: [NeighbourTable]) -> NeighbourGraph {
    let features = NeighbourGraph(mean: members.map { NeighbourGraph($0) })
    guard source == .featuresAndPixels, let pixels else { return features }
    return Self.mean(features, pixels)
  }

  /// The mean of the features' graph and the pixels'.
  private static func mean(_ features: NeighbourGraph, _ pixels: NeighbourTable) -> NeighbourGraph {
    NeighbourGraph(mean: [features, NeighbourGraph(pixels)])
  }

  private static let pixelName = "pixels"
  private static func memberName(_ number: Int) -> String { "member\(number)" }
  private static func imagesName(_ table: String) -> String { "neighbours_\(table)_images" }
  private static func distancesName(_ table: String) -> String { "neighbours_\(table)_distances" }

  /// Adds all tables to `snapshot`.
  func save(to snapshot: inout Snapshot) {
    func add(_ name: String, _ table: NeighbourTable) {
      snapshot.add(Self.imagesName(name), table.images)
      snapshot.add(Self.distancesName(name), table.distances)
    }
    if let pixels { add(Self.pixelName, pixels) }
    for (number, table) in members.enumerated() { add(Self.memberName(number), table) }
  }

  /// The tables of `members` networks and, where there is one, that of the pixels. **Collective.**
  ///
  /// - Parameters:
  ///   - images: images of a table
  ///   - neighbours: neighbours of each
  init(from snapshot: SnapshotReader, members: Int, images: Int, neighbours: Int) throws {
    func table(_ name: String) throws -> NeighbourTable {
      let count = images * neighbours
      let found = try snapshot.numbersOnRoot(Self.imagesName(name), count: count, below: images)
      let distances = try snapshot.valuesOnRoot(Self.distancesName(name), count: count) {
        $0 >= 0 && $0.isFinite
      }
      return NeighbourTable(count: neighbours, images: found, distances: distances)
    }
    if try snapshot.has(Self.imagesName(Self.pixelName)) { pixels = try table(Self.pixelName) }
    self.members = try (0..<members).map { try table(Self.memberName($0)) }
  }

  /// No tables.
  init() {}

  /// `pixels` and the tables `members`.
  init(pixels: NeighbourTable?, members: [NeighbourTable]) { (self.pixels, self.members) = (pixels, members) }
}
