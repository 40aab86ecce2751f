import Lanes
import MPI

/// The map of a whole data set whose features the ranks hold: an even sample is mapped, and the others are placed by their
/// neighbours in it.
package struct MappedImages: Sendable {
  /// On rank 0, `[images][2]`; empty on the other ranks.
  package let points: [Float]
  /// The images of the sample, ascending; all images where there are few.
  package let sample: [Int32]
  /// On rank 0 the neighbours of the sample's images, whose numbers in it are places in `sample`; empty on the other ranks.
  package let neighbours: NeighbourTable

  /// Neighbours of an image, for its place in the map and for what is unlike all others.
  private static let neighbourCount = 10

  /// Maps the images of `data`. **Collective.** The same on any number of ranks.
  ///
  /// - Parameter limit: images of the sample at most
  package init(
    _ data: FeatureSlice, limit: Int, seed: UInt64, _ reduction: GroupReduction
  ) throws {
    let isRoot = reduction.communicator.isRoot
    let part = GroupSample(images: data.images, limit: limit)
    sample = part.imageNumbers
    guard data.images > 1 else {
      points = isRoot ? [Float](repeating: 0, count: 2 * data.images) : []
      neighbours = NeighbourTable(count: 0, images: [], distances: [])
      return
    }
    let mapped = try sampled(data, part, reduction)
    let table = try NeighbourTable(
      mapped, neighbours: min(Self.neighbourCount, mapped.images - 1), reduction)
    mapped.makeRows()
    let features = try reduction.communicator.gatherJoined(
      Array(UnsafeBufferPointer(start: mapped.rows.base, count: mapped.localImages * mapped.features)))
    var points: [Float] = []
    if isRoot {
      points = Whereabouts.working("map") {
        features.withUnsafeBufferPointer {
          EmbeddingMap(features: $0, dimensions: mapped.features, neighbours: table, seed: seed).points
        }
      }
    }
    if part.isPart {
      points = try Self.placed(
        data, among: mapped, points, neighbours: Self.neighbourCount, reduction.communicator)
    }
    (self.points, neighbours) = (points, table)
  }

  /// The places of all images of `data`, on rank 0, by those of the sample, which it has. **Collective.**
  package static func placed(
    _ data: borrowing FeatureSlice, among sample: borrowing FeatureSlice, _ points: [Float], neighbours: Int,
    _ world: borrowing Communicator
  ) throws -> [Float] {
    let points = try world.broadcast(points)
    let found = try nearestNeighbours(
      data, among: sample, count: min(neighbours, sample.images), world)
    let table = NeighbourTable(count: found.count, images: found.images, distances: found.distances)
    return try world.gatherJoined(EmbeddingMap.placed(table, among: points))
  }
}
