import Clustering
import Lanes
import MPI
import Training

let clusteringChecks = CheckGroup(
  name: "clustering",
  checks: [
    Check("k-means-finds-blobs", kMeansFindsBlobs), Check("k-means-digest", kMeansDigest),
    Check("empty-clusters", emptyClusters), Check("last-assignment", lastAssignment),
    Check("targets-digest", targetsDigest),
    Check("targets-between-nodes", targetsBetweenNodes),
  ])

private let features = 9

/// `images` points around `blobs` far centres.
private func slice(_ reduction: GroupReduction, images: Int, blobs: Int, spread: Double = 0.3) -> FeatureSlice
{
  let plan = reduction.plan(groups: laneGroups(images: images))
  let slice = FeatureSlice(images: images, features: features, plan: plan, rank: reduction.communicator.rank)
  for group in 0..<slice.share.count {
    for lane in 0..<slice.imageCount(group) {
      let image = (slice.share.lowerBound + group) * laneCount + lane
      var random = CounterRandom(seed: 3, purpose: .kmeans, epoch: 100, index: image)
      var place = CounterRandom(seed: 3, purpose: .kmeans, epoch: 101, index: image % blobs)
      for feature in 0..<features {
        slice.group(group)[feature][lane] = Float(4 * place.normal() + spread * random.normal())
      }
    }
  }
  return slice
}

private func kMeansFindsBlobs(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: 333, blobs: 6)
  let result = try kMeans(data, KMeansOptions(clusters: 6, restarts: 5, seed: 1), reduction)
  let all = try world.gather(result.assignments).flatMap { $0 }
  if world.isRoot {
    let metrics = PartitionMetrics(assignments: all, labels: (0..<333).map { Int32($0 % 6) })
    try expectEqual(metrics.accuracy, 1, "accuracy on separate blobs")
  }
  // Σ over images and features of variance 0.09, less what the centres take.
  try expect(result.inertia > 200 && result.inertia < 320, "inertia \(result.inertia)")
}

/// Prints the bits of a result, which MPITests compares between numbers of ranks.
private func kMeansDigest(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: 411, blobs: 7, spread: 2.5)
  let result = try kMeans(data, KMeansOptions(clusters: 7, restarts: 3, seed: 2), reduction)
  let all = try world.gather(result.assignments).flatMap { $0 }
  if world.isRoot {
    print(
      "digest k-means \(digest(result.centres.map(\.bitPattern))) \(digest(all)) \(result.inertia.bitPattern)"
    )
  }
}

/// More clusters than distinct points: k-means must not hang, trap or lose a cluster that can be filled.
private func emptyClusters(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: 100, blobs: 4, spread: 0)
  let result = try kMeans(data, KMeansOptions(clusters: 6, restarts: 2, seed: 3), reduction)
  try expect(result.inertia < 1e-2, "inertia \(result.inertia) although every point can have its centre")
  try expect(result.centres.allSatisfy(\.isFinite), "a centre is not finite")
  try expectEqual(result.occupied, 4, "clusters with images, of four distinct points")
  // A search that goes on with this result counts them again.
  let again = KMeansResult(
    centres: result.centres, inertia: 0, assignments: result.assignments, iterations: 1)
  let options = KMeansOptions(clusters: 6, restarts: 2, seed: 3)
  let search = try KMeansSearch(data, options, reduction, done: 2, best: again)
  try expectEqual(search.best?.occupied, 4, "clusters with images of a result that was kept")
}

/// A run that ends at any time leaves no cluster without images, where there are enough of them.
private func lastAssignment(_ world: borrowing Communicator) throws {
  let (images, clusters) = (200, 6)
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: images, blobs: images, spread: 0)
  for iterations in 1...3 {
    // All centres in one place: the first assignment gives all images to one of them.
    var options = KMeansOptions(clusters: clusters, restarts: 1)
    options.start = [Float](repeating: 0, count: clusters * features)
    options.maximumIterations = iterations
    let result = try kMeans(data, options, reduction)
    try expectEqual(result.occupied, clusters, "clusters with images, \(iterations) iterations")
    let found = Set(try world.allGather(result.assignments).flatMap { $0 })
    try expectEqual(found.count, clusters, "clusters in the assignments, \(iterations) iterations")
  }
}

private func targetsDigest(_ world: borrowing Communicator) throws {
  for mode in TargetMode.allCases {
    let text = try targets(world, mode, nodes: try world.splitByNode())
    if world.isRoot { print("digest targets \(text)") }
  }
}

/// The same with every second rank on a node of its own kind, as far as the store can tell.
private func targetsBetweenNodes(_ world: borrowing Communicator) throws {
  guard world.size > 1 else { return }
  for mode in TargetMode.allCases {
    let node = try world.split(color: world.rank % 2, key: world.rank)!
    let leaders = try world.split(color: node.isRoot ? 0 : nil, key: world.rank)
    let text = try targets(world, mode, nodes: NodeCommunicators(node: node, leaders: leaders))
    if world.isRoot { print("digest targets \(text)") }
  }
}

/// The bits of R as the last rank sees it, after one update from made-up features.
private func targets(
  _ world: borrowing Communicator, _ mode: TargetMode, nodes: NodeCommunicators
) throws -> String {
  let (images, clusters) = (203, 5)
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: images, blobs: clusters, spread: 3)
  let rule = SoftScores(clusters: clusters, features: features, degreesOfFreedom: 1)
  let sheet = ScoreSheet(rule, images: images, plan: data.plan, reduction)
  let target = try Target(
    BoostedTarget(boost: 2, normalization: .dbc, clusters: clusters), images: images, mode: mode,
    plan: data.plan, reduction, nodes: nodes)
  let centres = (0..<(clusters * features)).map { Float($0 % 11) - 5 }
  let state = try sheet.score(data, centres: centres)
  try expectEqual(state.changed, images, "the first scores assign every image")
  try expectEqual(try sheet.score(data, centres: centres).changed, 0, "the same scores change nothing")
  try expectEqual(state.sizes.reduce(0, +), images, "sizes")
  var bits: [UInt32] = []
  for sizes in [nil, [100, 80, 3, 0, 20]] {
    try target.set(.boosted(sheet, nil, sizes: sizes))
    for image in 0..<images {
      bits += (0..<clusters).map { target.row(image)[$0 * laneCount].bitPattern }
    }
  }
  let seen = try world.allGather(UInt64(digest(bits)))
  try expectEqual(Set(seen).count, 1, "distinct views of R")
  try target.set(.partition(data.ownImages.map { Int32($0 % clusters) }))
  let isPartition = (0..<images).allSatisfy { image in
    (0..<clusters).allSatisfy { target.row(image)[$0 * laneCount] == ($0 == image % clusters ? 1 : 0) }
  }
  try expect(isPartition, "the rows of a partition are not its clusters")
  try target.free()
  let assigned = try world.broadcast(UInt64(digest(sheet.assignments)))
  return "\(seen[0]) \(assigned)"
}

/// FNV-1a over the numbers.
func digest<Number: FixedWidthInteger>(_ numbers: [Number]) -> UInt64 {
  numbers.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64(truncatingIfNeeded: $1)) &* 0x100_0000_01b3 }
}
