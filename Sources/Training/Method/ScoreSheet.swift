import Clustering
import Lanes
import MPI

/// The scores S of this rank's images (equation 1), and the assignments that follow from them.
package final class ScoreSheet: Checkpointed {
  /// The number of clusters: K, or more in the refinement.
  package let clusters: Int
  /// S, `[own groups][clusters]` lane vectors; padding lanes are zero.
  package let lanes: AlignedBuffer<LaneVector>
  /// The most probable cluster of every image of the data set by the last scores, on rank 0; empty on the other ranks, and
  /// before the first scores.
  package private(set) var assignments: [Int32] = []
  private let rule: SoftScores
  private let images: Int
  private let plan: ReductionPlan
  private let reduction: GroupReduction
  /// The most probable cluster of this rank's images by the last scores; empty before the first ones.
  private(set) var own: [Int32] = []

  /// A sheet without scores for the images of `plan`'s groups.
  package init(_ rule: SoftScores, images: Int, plan: ReductionPlan, _ reduction: GroupReduction) {
    (self.rule, self.images, self.plan, self.reduction) = (rule, images, plan, reduction)
    clusters = rule.clusters
    lanes = AlignedBuffer(
      count: plan.shares[reduction.communicator.rank].count * rule.clusters, for: "scores S")
  }

  /// S of this rank's group number `group`, `[clusters]` lane vectors.
  package func group(_ group: Int) -> UnsafeMutablePointer<LaneVector> { lanes.base + group * clusters }

  /// Scores all images anew. **Collective.**
  ///
  /// - Parameters:
  ///   - features: z of this rank's images
  ///   - centres: μ, `[clusters][features]`
  package func score(_ features: FeatureSlice, centres: UnsafePointer<Float>) throws -> ChainSummary {
    let kernels = AlignedBuffer<LaneVector>(count: clusters)
    for group in 0..<features.share.count {
      Whereabouts.beat()
      rule.score(
        features.group(group), centres: centres, mask: laneMask(images: features.imageCount(group)),
        scores: self.group(group), kernels: kernels.base)
    }
    return try summarize()
  }

  /// Sums over all images, and the assignments on rank 0. **Collective.**
  private func summarize() throws -> ChainSummary {
    let share = plan.shares[reduction.communicator.rank]
    let sums = TreeSums<Double>(width: 1 + clusters, schedule: plan.local)
    var current: [Int32] = []
    var histogram = ScoreHistogram()
    for group in 0..<share.count {
      let best = hardAssignments(self.group(group), clusters: clusters)
      let leaf = sums.leaf(group)
      leaf[0] = best.scores.doubleSum()
      for cluster in 0..<clusters { leaf[1 + cluster] = 0 }
      for lane in 0..<min(laneCount, images - (share.lowerBound + group) * laneCount) {
        current.append(best.clusters[lane])
        histogram.add(best.scores[lane])
        // Scores that are not finite are in no cluster.
        if best.scores[lane] > 0 { leaf[1 + Int(best.clusters[lane])] += 1 }
      }
      sums.add(group)
    }
    let totals = try reduction.totals(sums, plan)
    let differing = own.isEmpty ? current.count : zip(own, current).count { $0 != $1 }
    // Whole numbers, whose sum has no order.
    let counts = try reduction.communicator.allReduce(
      [Int64(differing)] + histogram.counts.map { Int64($0) }, .sum)
    own = current
    assignments = try reduction.communicator.gatherJoined(current)
    return ChainSummary(
      changed: Int(counts[0]), meanMaximumScore: totals[0] / Double(images),
      sizes: totals[1...].map { Int($0) }, histogram: counts[1...].map { Int($0) })
  }

  func save(to snapshot: inout Snapshot) { snapshot.add("assignments", assignments) }

  func restore(from snapshot: SnapshotReader) throws {
    let all = try snapshot.numbers("assignments", count: images, below: clusters)
    if reduction.communicator.isRoot { assignments = all }
    let share = plan.shares[reduction.communicator.rank]
    own = Array(all[min(share.lowerBound * laneCount, images)..<min(share.upperBound * laneCount, images)])
  }
}
