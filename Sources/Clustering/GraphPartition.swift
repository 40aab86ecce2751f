import Lanes
import MPI

/// The nearest neighbours of all images, on rank 0; empty elsewhere.
package struct NeighbourTable: Sendable {
  /// Neighbours per image.
  package let count: Int
  /// `[images][count]`, the nearest first.
  package let images: [Int32]
  /// Squared distances, the same.
  package let distances: [Float]

  /// What was found before.
  package init(count: Int, images: [Int32], distances: [Float]) {
    (self.count, self.images, self.distances) = (count, images, distances)
  }

  /// The `neighbours` nearest of every image, searched by all ranks. **Collective.**
  package init(_ data: borrowing FeatureSlice, neighbours: Int, _ reduction: GroupReduction) throws {
    let found = try nearestNeighbours(
      data, among: data, count: min(neighbours, data.images - 1), distinct: true, reduction.communicator)
    count = found.count
    images = try reduction.communicator.gather(found.images).flatMap { $0 }
    distances = try reduction.communicator.gather(found.distances).flatMap { $0 }
  }
}

extension NeighbourGraph {
  /// The graph of what was found, on rank 0.
  package init(_ table: NeighbourTable) {
    self.init(
      nodes: table.images.count / table.count, count: table.count, images: table.images,
      distances: table.distances)
  }
}

/// The leading eigenvectors of a neighbour graph, on every rank its own images' rows.
package struct GraphEmbedding {
  /// Eigenvalues, descending.
  package let values: [Double]
  /// Rounds of the subspace iteration.
  package let rounds: Int
  private let images: Int
  private let plan: ReductionPlan
  private let rank: Int
  private let count: Int
  /// `[own images][count]`
  private let rows: [Float]

  /// The `count` leading eigenvectors of a graph of the images of `data`. **Collective.** Rank 0 solves the eigenproblem
  /// alone.
  ///
  /// - Parameter graph: on rank 0
  package init(
    _ data: borrowing FeatureSlice, _ graph: NeighbourGraph?, count: Int, seed: UInt64,
    _ reduction: GroupReduction
  ) throws {
    let width = min(count, data.images)
    let basis = Whereabouts.working("eigenvectors") {
      graph.map { SpectralBasis($0, count: width, seed: seed) }
    }
    values = try reduction.communicator.broadcast(basis?.values ?? [])
    rounds = Int(try reduction.communicator.broadcast(Int64(basis?.rounds ?? 0)))
    let all = try reduction.communicator.broadcast(basis?.vectors ?? [])
    images = data.images
    plan = data.plan
    rank = reduction.communicator.rank
    self.count = width
    let own = data.ownImages
    rows = Array(all[(own.lowerBound * width)..<(own.upperBound * width)])
  }

  /// The `dimensions` leading eigenvectors, one row of length 1 per image (Ng, Jordan, Weiss 2001).
  package func slice(dimensions: Int) -> FeatureSlice {
    let slice = FeatureSlice(images: images, features: dimensions, plan: plan, rank: rank)
    for group in 0..<slice.share.count {
      for lane in 0..<slice.imageCount(group) {
        let row = (group * laneCount + lane) * count
        let length = (0..<dimensions).reduce(Float(0)) { $0 + rows[row + $1] * rows[row + $1] }.squareRoot()
        for i in 0..<dimensions {
          slice.group(group)[i][lane] = length > 0 ? rows[row + i] / length : 0
        }
      }
    }
    return slice
  }
}

/// Some lane groups of a data set, spread evenly over it. The last one, which may be partly filled, is always among them.
package struct GroupSample: Sendable {
  /// Lane groups of the data set.
  package let groups: Int
  /// Groups of the sample.
  package let taken: Int
  /// Images of the sample.
  package let images: Int

  /// All of a data set of `images` images, or, where these are more than `limit`, as many groups as there is room for
  /// among so many, but at least one.
  package init(images: Int, limit: Int) {
    groups = laneGroups(images: images)
    taken = images <= limit ? groups : max(1, limit / laneCount)
    self.images = images - (groups - taken) * laneCount
  }

  /// Whether it is less than the whole.
  package var isPart: Bool { taken < groups }

  /// Whether the data set's group of this number is in it.
  package func contains(_ group: Int) -> Bool {
    (group + 1) * taken / groups > group * taken / groups
  }
}

/// The images of `data` that are in `sample`. **Collective.**
///
/// Each rank holds all of the sample while it is made.
package func sampled(
  _ data: borrowing FeatureSlice, _ sample: GroupSample, _ reduction: GroupReduction
) throws -> FeatureSlice {
  let own = data.share.filter { sample.contains($0) }
  let width = data.features * laneCount
  let counts = data.plan.shares.map { share in share.count { sample.contains($0) } * width }
  let all = AlignedBuffer<LaneVector>(count: counts.reduce(0, +) / laneCount, for: "features of the sample")
  let segments = Segments(counts: counts)
  var next = all.base + segments.offsets[reduction.communicator.rank] / laneCount
  for group in own {
    next.update(from: data.group(group - data.share.lowerBound), count: data.features)
    next += data.features
  }
  try reduction.communicator.allGatherV(inPlace: all.all.floats, segments: segments)
  let slice = FeatureSlice(
    images: sample.images, features: data.features, plan: reduction.plan(groups: sample.taken),
    rank: reduction.communicator.rank)
  slice.lanes.base.update(
    from: all.base + slice.share.lowerBound * data.features, count: slice.share.count * data.features)
  return slice
}

/// The mean of the features of every cluster, `[clusters][features]`, and the clusters' sizes. **Collective.**
///
/// - Parameter assignments: of this rank's images
package func classMeans(
  _ data: borrowing FeatureSlice, _ assignments: [Int32], clusters: Int, _ reduction: GroupReduction
) throws -> (means: [Float], sizes: [Int]) {
  precondition(assignments.count == data.localImages)
  data.makeRows()
  let features = data.features
  let width = clusters * (features + 1)
  let leaves = TreeSums<Float>(width: width, schedule: data.plan.local)
  for group in 0..<data.share.count {
    let leaf = leaves.leaf(group)
    leaf.update(repeating: 0, count: width)
    for lane in 0..<data.imageCount(group) {
      let cluster = Int(assignments[group * laneCount + lane])
      addFloats(data.row(group, lane), to: leaf + cluster * features, count: features)
      leaf[clusters * features + cluster] += 1
    }
    leaves.add(group, range: 0..<width)
  }
  let sums = AlignedBuffer<Float>(count: width)
  try reduction.totals(leaves, range: 0..<width, data.plan, into: sums.base)
  let sizes = (0..<clusters).map { sums.base[clusters * features + $0] }
  let means = (0..<(clusters * features)).map { sums.base[$0] / max(sizes[$0 / features], 1) }
  return (means, sizes.map { Int($0) })
}
