import Clustering
import Lanes
import MPI

/// Averages of the scores over every image's neighbours: S̃ = (1 − λ) S + λ D⁻¹A S, with the neighbour graph's weights A and
/// their row sums D. Rank 0, which has the graph, makes them.
package struct NeighbourAverage {
  private let graph: NeighbourGraph?
  private let sample: GroupSample
  private let weight: Float
  private let reduction: GroupReduction
  /// The lane groups of every rank that are nodes of the graph, numbered within the rank's share.
  private let groups: [[Int]]

  /// - Parameters:
  ///   - graph: A, on rank 0
  ///   - sample: the images that are the graph's nodes; the others keep their scores
  ///   - plan: how the lane groups of all images are divided over the ranks
  ///   - weight: λ, 0…1
  init(
    graph: NeighbourGraph?, sample: GroupSample, plan: ReductionPlan, weight: Float,
    _ reduction: GroupReduction
  ) {
    (self.graph, self.sample, self.weight, self.reduction) = (graph, sample, weight, reduction)
    groups = plan.shares.map { share in
      share.filter { sample.contains($0) }.map { $0 - share.lowerBound }
    }
  }

  /// S̃ in the place of S. **Collective.**
  ///
  /// - Parameters:
  ///   - scores: of this rank's images, `[own groups][columns]` lane vectors
  ///   - columns: clusters
  func replace(_ scores: UnsafeMutablePointer<LaneVector>, columns: Int) throws {
    let own = groups[reduction.communicator.rank]
    let segments = Segments(counts: groups.map { $0.count * columns * laneCount })
    let part = AlignedBuffer<LaneVector>(count: own.count * columns)
    let nodes = graph == nil ? 0 : groups.reduce(0) { $0 + $1.count }
    let all = AlignedBuffer<LaneVector>(count: nodes * columns, for: "the scores S of the graph's images")
    for (number, group) in own.enumerated() {
      (part.base + number * columns).update(from: scores + group * columns, count: columns)
    }
    try reduction.communicator.gatherV(
      UnsafeBufferPointer(part.all.floats), into: all.all.floats, segments: segments)
    if let graph {
      Whereabouts.working("target R") { graph.average(all.base, columns: columns, weight: weight) }
    }
    try reduction.communicator.scatterV(
      UnsafeBufferPointer(all.all.floats), into: part.all.floats, segments: segments)
    for (number, group) in own.enumerated() {
      (scores + group * columns).update(from: part.base + number * columns, count: columns)
    }
  }

  /// The modularity of a partition in the graph, on rank 0.
  ///
  /// - Parameter assignments: of all images, on rank 0
  func modularity(of assignments: [Int32], clusters: Int) -> Double? {
    guard let graph else { return nil }
    return Whereabouts.working("modularity") {
      graph.quality(sample.values(of: assignments), clusters: clusters).modularity
    }
  }
}
