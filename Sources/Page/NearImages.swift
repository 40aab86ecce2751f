import Clustering
import Lanes
import MPI

extension ReportInput.NearImages {
  /// Images that are compared with each other at most; of more, an even sample is.
  private static let mostImages = 20_000
  /// Neighbours of each.
  private static let neighbours = 5

  /// Searches the neighbours by the features; nil of one image alone.
  ///
  /// - Parameter communicator: of this rank alone
  /// - Complexity: m²·d multiply-adds, m at most 20 000
  package static func find(
    _ features: FloatRows, _ communicator: borrowing Communicator
  ) throws -> ReportInput.NearImages? {
    precondition(communicator.size == 1, "one rank searches for all images")
    let images = spread((0..<Int32(features.rows)).map { $0 }, mostImages)
    guard images.count > 1 else { return nil }
    let reduction = try GroupReduction(communicator, mode: .fixedOrder)
    let slice = FeatureSlice(
      images: images.count, features: features.columns,
      plan: reduction.plan(groups: laneGroups(images: images.count)), rank: 0)
    for (place, image) in images.enumerated() {
      let group = slice.group(place / laneCount)
      for (column, value) in features[Int(image)].enumerated() { group[column][place % laneCount] = value }
    }
    return Self(images: images, table: try NeighbourTable(slice, neighbours: neighbours, reduction))
  }
}
