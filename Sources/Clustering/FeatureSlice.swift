import Lanes
import MPI

/// This rank's features of a whole data set, in two layouts.
///
/// Group g of the data set holds the images 16g ..< 16g + 16; a rank owns the groups of its share.
package final class FeatureSlice {
  /// Images of the whole data set.
  package let images: Int
  /// Numbers per feature vector.
  package let features: Int
  /// Which groups belong to which rank.
  package let plan: ReductionPlan
  /// The groups of this rank.
  package let share: Range<Int>
  /// `[groups][features]` lane vectors, zero in padding lanes.
  package let lanes: AlignedBuffer<LaneVector>
  /// The features as rows, `[groups·16][features]`; up to date after `makeRows`.
  package let rows: AlignedBuffer<Float>

  /// Memory, all zeros, for the share that `plan` gives rank `rank` of `images` images' features.
  package init(images: Int, features: Int, plan: ReductionPlan, rank: Int) {
    precondition(plan.tree.groups == laneGroups(images: images))
    self.images = images
    self.features = features
    self.plan = plan
    share = plan.shares[rank]
    lanes = AlignedBuffer(count: share.count * features, for: "features")
    rows = AlignedBuffer(count: share.count * laneCount * features, for: "features")
  }

  /// The features of this rank's group number `group`, `[features]` lane vectors.
  package func group(_ group: Int) -> UnsafeMutablePointer<LaneVector> { lanes.base + group * features }

  /// The features of lane `lane` of group `group` as a row.
  package func row(_ group: Int, _ lane: Int) -> UnsafeMutablePointer<Float> {
    rows.base + (group * laneCount + lane) * features
  }

  /// The images in this rank's group number `group`.
  package func imageCount(_ group: Int) -> Int {
    min(laneCount, images - (share.lowerBound + group) * laneCount)
  }

  /// The images of the groups `share`.
  package func imageNumbers(_ share: Range<Int>) -> Range<Int> {
    min(share.lowerBound * laneCount, images)..<min(share.upperBound * laneCount, images)
  }

  /// The images of this rank.
  package var ownImages: Range<Int> { imageNumbers(share) }

  /// How many these are.
  package var localImages: Int { ownImages.count }

  /// Brings `rows` up to date with `lanes`.
  package func makeRows() {
    for number in 0..<share.count {
      transposeLanes(group(number), count: features, to: row(number, 0), stride: features)
    }
  }
}
