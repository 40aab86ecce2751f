import Foundation
import Lanes
import MPI

/// What k-means is asked for.
package struct KMeansOptions: Sendable {
  /// K.
  package var clusters: Int
  /// Runs from different seeds; the one with the lowest inertia wins.
  package var restarts = 20
  /// The most Lloyd iterations of one run.
  package var maximumIterations = 300
  /// A run ends when the centres move by less than this share of the features' mean variance (squared distances).
  package var tolerance = 1e-4
  /// Of the starting centres.
  package var seed: UInt64 = 0

  /// The usual limits, with these numbers of clusters and runs.
  package init(clusters: Int, restarts: Int = 20, seed: UInt64 = 0) {
    self.clusters = clusters
    self.restarts = restarts
    self.seed = seed
  }
}

/// A clustering by k-means.
package struct KMeansResult: Sendable {
  /// `[clusters][features]`
  package let centres: [Float]
  /// Σ of squared distances to the nearest centre.
  package let inertia: Double
  /// The cluster of every image of this rank, in order.
  package let assignments: [Int32]
  /// Lloyd iterations of the winning run.
  package let iterations: Int

  /// The result of one run.
  package init(centres: [Float], inertia: Double, assignments: [Int32], iterations: Int) {
    self.centres = centres
    self.inertia = inertia
    self.assignments = assignments
    self.iterations = iterations
  }
}

/// k-means over the features of all ranks: greedy k-means++ seeds, Lloyd iterations, empty clusters relocated, the
/// best of several restarts (Arthur and Vassilvitskii 2007). **Collective.**
///
/// The bits do not depend on the number of ranks.
package func kMeans(
  _ data: borrowing FeatureSlice, _ options: KMeansOptions, _ reduction: GroupReduction
) throws -> KMeansResult {
  var search = try KMeansSearch(data, options, reduction)
  while !search.isFinished { try search.runOnce(data) }
  return search.best!
}

/// k-means run by run, so that a caller can keep what it has between two of them.
package struct KMeansSearch: ~Copyable {
  private var run: LloydRun
  /// Runs that are over.
  package private(set) var done: Int
  /// The best of them.
  package private(set) var best: KMeansResult?

  /// Begins, or goes on after `done` runs whose best is `best`. **Collective.**
  package init(
    _ data: borrowing FeatureSlice, _ options: KMeansOptions, _ reduction: GroupReduction, done: Int = 0,
    best: KMeansResult? = nil
  ) throws {
    precondition(options.clusters >= 1 && options.clusters <= data.images && options.restarts >= 1)
    data.makeRows()
    run = try LloydRun(data, options, reduction)
    self.done = done
    self.best = best
  }

  /// Whether all runs are over.
  package var isFinished: Bool { done >= run.options.restarts }

  /// The next run. **Collective.**
  package mutating func runOnce(_ data: borrowing FeatureSlice) throws {
    try run.seed(data, restart: done)
    let result = try run.iterate(data)
    // A NaN inertia never wins over a number, but is returned when there is nothing else.
    if best.map({ result.inertia < $0.inertia || $0.inertia.isNaN }) ?? true { best = result }
    done += 1
  }
}

/// The state of one run: centres and assignments.
struct LloydRun: ~Copyable {
  let options: KMeansOptions
  let reduction: GroupReduction
  let features: Int
  let clusters: Int
  /// `[clusters][features]`
  var centres: [Float]
  /// ‖z‖² per group and lane.
  let norms: AlignedBuffer<LaneVector>
  /// Squared distance to the nearest centre, per group and lane; zero in padding lanes.
  let distances: AlignedBuffer<LaneVector>
  var assignments: [SIMD16<Int32>]
  /// The mean over features of their variance.
  let meanVariance: Double
  let products: AlignedBuffer<LaneVector>
  private let sums: AlignedBuffer<Float>

  init(_ data: borrowing FeatureSlice, _ options: KMeansOptions, _ reduction: GroupReduction) throws {
    self.options = options
    self.reduction = reduction
    features = data.features
    clusters = options.clusters
    centres = Array(repeating: 0, count: clusters * features)
    let groups = data.share.count
    norms = AlignedBuffer(count: groups)
    distances = AlignedBuffer(count: groups)
    assignments = Array(repeating: SIMD16(repeating: -1), count: groups)
    products = AlignedBuffer(count: max(clusters, 64))
    sums = AlignedBuffer(count: clusters * (features + 1))
    let moments = TreeSums<Double>(width: 2 * features, schedule: data.plan.local)
    for group in 0..<groups {
      channelSums(data.group(group), channels: features, pixels: 1, to: moments.leaf(group))
      moments.add(group)
      var norm = LaneVector.zero
      for feature in 0..<features {
        let value = data.group(group)[feature]
        norm = norm.addingProduct(value, value)
      }
      norms.base[group] = norm
    }
    let totals = try reduction.totals(moments, data.plan)
    let count = Double(data.images)
    let width = data.features
    meanVariance =
      (0..<width).reduce(0) {
        let mean = totals[$1] / count
        return $0 + totals[width + $1] / count - mean * mean
      } / Double(width)
  }

  /// Lloyd iterations until nothing changes, the centres rest, or the limit is reached.
  mutating func iterate(_ data: borrowing FeatureSlice) throws -> KMeansResult {
    for group in assignments.indices { assignments[group] = SIMD16(repeating: -1) }
    var inertia = 0.0
    var iterations = 0
    var resting = false
    while true {
      let step = try assign(data)
      inertia = step.inertia
      iterations += 1
      if step.changes == 0 || resting || iterations >= options.maximumIterations || inertia.isNaN { break }
      resting = try moveCentres(data) <= options.tolerance * meanVariance
    }
    var flat: [Int32] = []
    for group in assignments.indices {
      for lane in 0..<data.imageCount(group) { flat.append(assignments[group][lane]) }
    }
    return KMeansResult(centres: centres, inertia: inertia, assignments: flat, iterations: iterations)
  }

  /// Every image to its nearest centre. ‖z − μ‖² = ‖z‖² − 2zμ + ‖μ‖²: the first term does not decide.
  private mutating func assign(_ data: borrowing FeatureSlice) throws -> (inertia: Double, changes: Int) {
    let centreNorms = (0..<clusters).map { cluster in
      (0..<features).reduce(Float(0)) {
        $0.addingProduct(centres[cluster * features + $1], centres[cluster * features + $1])
      }
    }
    let totals = TreeSums<Double>(width: 2, schedule: data.plan.local)
    for group in 0..<data.share.count {
      Whereabouts.beat()
      laneProducts(data.group(group), rows: centres, count: clusters, features: features, to: products.base)
      var best = LaneVector(repeating: centreNorms[0]).addingProduct(products.base[0], -2)
      var index = SIMD16<Int32>.zero
      for cluster in 1..<clusters {
        let value = LaneVector(repeating: centreNorms[cluster]).addingProduct(products.base[cluster], -2)
        let nearer = value .< best
        best.replace(with: value, where: nearer)
        index.replace(with: Int32(cluster), where: nearer)
      }
      let images = data.imageCount(group)
      let distance = norms.base[group] + best
      distances.base[group] = distance.replacing(with: 0, where: distance .< 0) * laneMask(images: images)
      var changes = 0
      for lane in 0..<images where index[lane] != assignments[group][lane] { changes += 1 }
      assignments[group] = index
      let leaf = totals.leaf(group)
      leaf[0] = distances.base[group].doubleSum()
      leaf[1] = Double(changes)
      totals.add(group)
    }
    let result = try reduction.totals(totals, data.plan)
    return (result[0], Int(result[1]))
  }

  /// Every centre to the mean of its images; returns the mean squared movement of a centre. **Collective.**
  private mutating func moveCentres(_ data: borrowing FeatureSlice) throws -> Double {
    let width = clusters * (features + 1)
    let counts = clusters * features
    let leaves = TreeSums<Float>(width: width, schedule: data.plan.local)
    for group in 0..<data.share.count {
      let leaf = leaves.leaf(group)
      leaf.update(repeating: 0, count: width)
      for lane in 0..<data.imageCount(group) {
        let cluster = Int(assignments[group][lane])
        addFloats(data.row(group, lane), to: leaf + cluster * features, count: features)
        leaf[counts + cluster] += 1
      }
      leaves.add(group, range: 0..<width)
    }
    try reduction.totals(leaves, range: 0..<width, data.plan, into: sums.base)
    try relocateEmptyClusters(data, sums.base)
    var movement = 0.0
    for cluster in 0..<clusters {
      let count = sums.base[counts + cluster]
      for feature in 0..<features {
        let position = cluster * features + feature
        let value = count > 0 ? sums.base[position] / count : centres[position]
        let step = Double(value - centres[position])
        movement += step * step
        centres[position] = value
      }
    }
    return movement / Double(clusters)
  }

  /// Gives every cluster without images the image that is farthest from its centre. **Collective.**
  ///
  /// - Parameter sums: `[clusters][features]` sums, then `[clusters]` counts; corrected for the images that move
  private func relocateEmptyClusters(
    _ data: borrowing FeatureSlice, _ sums: UnsafeMutablePointer<Float>
  ) throws {
    let counts = sums + clusters * features
    let empty = (0..<clusters).filter { counts[$0] == 0 }
    if empty.isEmpty { return }
    let farthest = try farthestImages(data, empty.count)
    for (cluster, image) in zip(empty, farthest) {
      let old = Int(image.cluster)
      for feature in 0..<features {
        sums[old * features + feature] -= image.row[feature]
        sums[cluster * features + feature] = image.row[feature]
      }
      counts[old] -= 1
      counts[cluster] = 1
    }
  }

  /// The `count` images farthest from their centres, over all ranks, the farthest first. **Collective.**
  private func farthestImages(
    _ data: borrowing FeatureSlice, _ count: Int
  ) throws -> [(row: [Float], cluster: Int32)] {
    var own: [(distance: Float, group: Int, lane: Int)] = []
    for group in 0..<data.share.count {
      for lane in 0..<data.imageCount(group) { own.append((distances.base[group][lane], group, lane)) }
    }
    own.sort { ($0.distance, $1.group, $1.lane) > ($1.distance, $0.group, $0.lane) }
    let mine = own.prefix(count)
    let stride = features + 2
    var packed: [Float] = []
    for image in mine {
      packed += [image.distance, Float(assignments[image.group][image.lane])]
      packed += UnsafeBufferPointer(start: data.row(image.group, image.lane), count: features)
    }
    // Ranks hold ascending images, so a stable order by distance is the same on any number of ranks.
    let all = try reduction.communicator.allGather(packed).flatMap { $0 }
    let order = (0..<(all.count / stride)).sorted {
      (all[$0 * stride], $1) > (all[$1 * stride], $0)
    }
    return order.prefix(count).map {
      (Array(all[($0 * stride + 2)..<(($0 + 1) * stride)]), Int32(all[$0 * stride + 1]))
    }
  }
}
