import Clustering
import Lanes
import MPI

extension MappedImages {
  /// Images that are compared with each other for a report at most; of more, an even sample is.
  package static let mostCompared = 20_000

  /// The map of rows that one rank has.
  ///
  /// - Parameter communicator: of this rank alone
  /// - Complexity: n·m·d multiply-adds, m at most 20 000
  package init(_ features: FloatRows, seed: UInt64, _ communicator: borrowing Communicator) throws {
    precondition(communicator.size == 1, "one rank searches for all images")
    let reduction = try GroupReduction(communicator, mode: .fixedOrder)
    let slice = FeatureSlice(
      images: features.rows, features: features.columns,
      plan: reduction.plan(groups: laneGroups(images: features.rows)), rank: 0)
    for image in 0..<features.rows {
      let group = slice.group(image / laneCount)
      for (column, value) in features[image].enumerated() { group[column][image % laneCount] = value }
    }
    slice.makeRows()
    try self.init(slice, limit: Self.mostCompared, seed: seed, reduction)
  }
}
