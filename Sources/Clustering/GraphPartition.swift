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
      of: data, count: min(neighbours, data.images - 1), reduction.communicator)
    count = found.count
    images = try reduction.communicator.gatherJoined(found.images)
    distances = try reduction.communicator.gatherJoined(found.distances)
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

/// The leading eigenvectors of a neighbour graph, on every rank some images' rows.
package struct GraphEmbedding {
  /// Eigenvalues, descending.
  package let values: [Double]
  /// Rounds of the subspace iteration.
  package let rounds: Int
  /// The largest ‖Av − λv‖ of the eigenvectors.
  package let residual: Double
  /// Whether the eigenvectors are what they are to be, to `SpectralBasis.tolerance`; otherwise a partition by them may be
  /// poor.
  package let converged: Bool
  /// Images of the graph.
  package let images: Int
  private let plan: ReductionPlan
  private let rank: Int
  private let count: Int
  /// `[own images][count]`
  private let rows: [Float]

  /// The `count` leading eigenvectors of a graph of the images of `data`. **Collective.** The ranks of rank 0's node solve the eigenproblem
  /// together, or it does so alone where the node has too little shared memory.
  ///
  /// - Parameters:
  ///   - graph: on rank 0
  ///   - groups: the ranks that divide the rows among them; each group has all
  package init(
    _ data: borrowing FeatureSlice, _ graph: NeighbourGraph?, count: Int, seed: UInt64,
    _ reduction: GroupReduction, rows groups: GroupReduction
  ) throws {
    let width = min(count, data.images)
    var team = reduction.team
    if let ranks = team, ranks.hasRoot {
      let entries = try ranks.broadcast(graph?.columns.count ?? 0)
      let bytes = entries * 8 + SpectralBasis.bytes(nodes: data.images, count: width)
      if try !ranks.hasRoom(bytes) { team = nil }
    }
    let takesPart = reduction.communicator.isRoot || team?.hasRoot == true
    let basis = try Whereabouts.working("eigenvectors") {
      try takesPart
        ? SpectralBasis(graph, nodes: data.images, count: width, seed: seed, team: team) : nil
    }
    values = try reduction.communicator.broadcast(basis?.values ?? [])
    let outcome = try reduction.communicator.broadcast(
      basis.map { [Double($0.rounds), $0.residual, $0.converged ? 1 : 0] } ?? [])
    (rounds, residual, converged) = (Int(outcome[0]), outcome[1], outcome[2] == 1)
    let all = try reduction.communicator.broadcast(basis?.vectors ?? [])
    images = data.images
    plan = groups.plan(groups: data.plan.tree.groups)
    rank = groups.communicator.rank
    self.count = width
    let own = data.imageNumbers(plan.shares[rank])
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

  /// Those of `values` whose images are in it; the values are of the data set's images from `first` on.
  package func values<Value>(of values: [Value], from first: Int = 0) -> [Value] {
    guard isPart else { return values }
    return values.indices.filter { contains((first + $0) / laneCount) }.map { values[$0] }
  }

  /// The images that are in it, ascending.
  package var imageNumbers: [Int32] {
    let all = images + (groups - taken) * laneCount
    return (0..<all).filter { contains($0 / laneCount) }.map { Int32($0) }
  }
}

/// The images of `data` that are in `sample`; `data` itself where all are. **Collective.**
///
/// Each rank holds all of the sample while it is made.
///
/// - Parameter limit: numbers that go in one exchange; a larger sample goes rank by rank, in parts
package func sampled(
  _ data: borrowing FeatureSlice, _ sample: GroupSample, _ reduction: GroupReduction,
  limit: Int = Int(Int32.max)
) throws -> FeatureSlice {
  guard sample.isPart else { return copy data }
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
  try reduction.communicator.allGatherV(inPlace: all.all.floats, segments: segments, limit: limit)
  let slice = FeatureSlice(
    images: sample.images, features: data.features, plan: reduction.plan(groups: sample.taken),
    rank: reduction.communicator.rank)
  slice.lanes.base.update(
    from: all.base + slice.share.lowerBound * data.features, count: slice.share.count * data.features)
  return slice
}
