import Lanes
import MPI

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
    products = AlignedBuffer(count: max(clusters, 64) * productGroups)
    sums = AlignedBuffer(count: clusters * (features + 1))
    let moments = TreeSums<Double>(width: 2 * features, schedule: data.plan.local)
    for group in 0..<groups {
      channelSums(data.group(group), channels: features, pixels: 1, to: moments.leaf(group))
      moments.add(group)
      norms.base[group] = squaredNorms(data.group(group), count: features)
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

  /// Lloyd iterations until nothing changes, the centres rest, or the limit is reached; a few more where a cluster has no
  /// images then. **Collective.**
  mutating func iterate(_ data: borrowing FeatureSlice) throws -> KMeansResult {
    for group in assignments.indices { assignments[group] = SIMD16(repeating: -1) }
    var iterations = 0
    var resting = false
    var most = 0
    var attempts = 0
    while true {
      let step = try assign(data)
      iterations += 1
      if step.changes == 0 || resting || iterations >= options.maximumIterations || step.inertia.isNaN {
        let flat = ownAssignments(data)
        let occupied = try self.occupied(flat)
        // Where clusters have no images although there are enough different ones, moving their centres to the farthest
        // images fills them. With too few, some always stay empty.
        attempts = occupied > most ? 0 : attempts + 1
        most = max(most, occupied)
        if occupied == clusters || attempts == Self.fillAttempts || step.inertia.isNaN || step.inertia == 0 {
          var result = KMeansResult(
            centres: centres, inertia: step.inertia, assignments: flat, iterations: iterations)
          result.occupied = occupied
          return result
        }
      }
      resting = try moveCentres(data) <= options.tolerance * meanVariance
    }
  }

  /// Attempts to fill empty clusters that fill none more than there were before.
  private static let fillAttempts = 3

  /// The cluster of every image of this rank, in order.
  private func ownAssignments(_ data: borrowing FeatureSlice) -> [Int32] {
    assignments.indices.flatMap { group in (0..<data.imageCount(group)).map { assignments[group][$0] } }
  }

  /// How many clusters have images. **Collective.**
  ///
  /// - Parameter assignments: of this rank's images
  func occupied(_ assignments: [Int32]) throws -> Int {
    var has = [Int32](repeating: 0, count: clusters)
    for cluster in assignments { has[Int(cluster)] = 1 }
    return try reduction.communicator.allReduce(has, .max).count { $0 > 0 }
  }

  /// Every image to its nearest centre. ‖z − μ‖² = ‖z‖² − 2zμ + ‖μ‖²: the first term does not decide.
  private mutating func assign(_ data: borrowing FeatureSlice) throws -> (inertia: Double, changes: Int) {
    let centreNorms = squaredNorms(ofRows: centres, features: features)
    let totals = TreeSums<Double>(width: 2, schedule: data.plan.local)
    forEachGroup(data, centres, count: clusters, in: products.base) { group, products, stride in
      var best = LaneVector(repeating: centreNorms[0]).addingProduct(products[0], -2)
      var index = SIMD16<Int32>.zero
      for cluster in 1..<clusters {
        let value = LaneVector(repeating: centreNorms[cluster]).addingProduct(
          products[cluster * stride], -2)
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
    let counts = clusters * features
    try assignments.withUnsafeBytes {
      try addClusters(
        data, $0.bindMemory(to: Int32.self), clusters: clusters, reduction, to: sums.base)
    }
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
    let farthest = try farthestImages(data, empty.count, reduction.communicator) { group, lane in
      (distances.base[group][lane], assignments[group][lane])
    }
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
}

/// Lane groups whose products are formed at a time.
private let productGroups = 4

/// Visits every group of this rank with the products of its images and `rows`, `[count][features]`: that of row j is `products[j · stride]`.
///
/// - Parameter memory: room for `count` rows
func forEachGroup(
  _ data: borrowing FeatureSlice, _ rows: [Float], count: Int, in memory: UnsafeMutablePointer<LaneVector>,
  _ visit: (_ group: Int, _ products: UnsafePointer<LaneVector>, _ stride: Int) -> Void
) {
  for first in stride(from: 0, to: data.share.count, by: productGroups) {
    Whereabouts.beat()
    let width = min(productGroups, data.share.count - first)
    laneProducts(
      data.group(first), groupCount: width, rows: rows, rowCount: count, features: data.features, to: memory)
    for place in 0..<width { visit(first + place, memory + place, width) }
  }
}

/// Σ x² of every row of `[rows][features]`.
func squaredNorms(ofRows rows: [Float], features: Int) -> [Float] {
  rows.withUnsafeBufferPointer { rows in
    (0..<(rows.count / features)).map { squaredNorm(rows.baseAddress! + $0 * features, count: features) }
  }
}
