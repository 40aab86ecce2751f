import Clustering
import Lanes
import MPI

let graphChecks = CheckGroup(
  name: "graph",
  checks: [
    Check("neighbours-by-brute-force", neighboursByBruteForce), Check("graph-digest", graphDigest),
    Check("neighbours-of-both-kinds", neighboursOfBothKinds),
    Check("class-means", classMeansOfBlobs), Check("class-means-of-many", classMeansOfMany),
    Check("sample", sampleOfGroups),
    Check("signs-of-life", signsOfLife), Check("convergence", convergence),
  ])

private let features = 37

/// `images` points around eleven centres; every 50th is the same as the one before it.
private func slice(_ reduction: GroupReduction, images: Int) -> FeatureSlice {
  let plan = reduction.plan(groups: laneGroups(images: images))
  let slice = FeatureSlice(images: images, features: features, plan: plan, rank: reduction.communicator.rank)
  for group in 0..<slice.share.count {
    for lane in 0..<slice.imageCount(group) {
      let values = point((slice.share.lowerBound + group) * laneCount + lane)
      for feature in 0..<features { slice.group(group)[feature][lane] = values[feature] }
    }
  }
  return slice
}

private func point(_ image: Int) -> [Float] {
  let image = image % 50 == 49 ? image - 1 : image
  var random = CounterRandom(seed: 4, purpose: .kmeans, epoch: 200, index: image)
  var place = CounterRandom(seed: 4, purpose: .kmeans, epoch: 201, index: image % 11)
  return (0..<features).map { _ in Float(2 * place.normal() + random.normal()) }
}

private func neighboursByBruteForce(_ world: borrowing Communicator) throws {
  let (images, count) = (1201, 10)
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: images)
  let found = try nearestNeighbours(of: data, count: count, reduction.communicator)
  let points = (0..<images).map { point($0) }
  for (own, image) in ((data.share.lowerBound * laneCount)...).prefix(data.localImages).enumerated() {
    let all = (0..<images).map { other in
      zip(points[image], points[other]).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
    let nearest = (0..<images).filter { $0 != image }.sorted { all[$0] < all[$1] }.prefix(count)
    for (place, other) in nearest.enumerated() {
      // Equal distances may come in another order, so distances are compared, and what was found is checked.
      let entry = own * count + place
      try expect(
        abs(Double(found.distances[entry]) - all[other]) < 1e-3,
        "neighbour \(place) of \(image) is at \(found.distances[entry]), expected \(all[other])")
      try expect(
        abs(all[Int(found.images[entry])] - all[other]) < 1e-3, "neighbour \(place) of \(image) is wrong")
      try expect(Int(found.images[entry]) != image, "\(image) is its own neighbour")
    }
  }
}

/// The neighbours among all others are those that a search among all finds beside the image itself: the same numbers and bits, images that
/// are equally near included. The numbers of images are such that blocks are halves, thirds and parts of the whole.
private func neighboursOfBothKinds(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  for (images, count) in [(2, 1), (17, 3), (500, 6), (1024, 5), (1601, 7), (2300, 4)] {
    let data = slice(reduction, images: images)
    let found = try nearestNeighbours(of: data, count: count, world)
    let all = try nearestNeighbours(data, among: data, count: count + 1, world)
    for (own, image) in data.ownImages.enumerated() {
      // An equal image of a lower number comes before the image itself.
      let entries = (own * (count + 1)..<(own + 1) * (count + 1)).filter { Int(all.images[$0]) != image }
        .prefix(count)
      let line = own * count..<(own + 1) * count
      try expectEqual(
        entries.map { all.images[$0] }, Array(found.images[line]), "neighbours of \(image) of \(images)")
      try expectEqual(entries.map { all.distances[$0] }, Array(found.distances[line]), "their distances")
    }
  }
}

/// Prints the bits of neighbours, eigenvectors and a partition, which MPITests compares between numbers of ranks.
private func graphDigest(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: 1201)
  let found = try nearestNeighbours(of: data, count: 10, reduction.communicator)
  let neighbours = try world.gather(found.images).flatMap { $0 }
  let distances = try world.gather(found.distances.map(\.bitPattern).map { Int32(bitPattern: $0) })
  let table = try NeighbourTable(data, neighbours: 10, reduction)
  let graph =
    world.isRoot ? NeighbourGraph(agreementOf: [NeighbourGraph(table), NeighbourGraph(table)]) : nil
  let groups = try RankGroups(reduction)
  let embedding = try GraphEmbedding(data, graph, count: 12, seed: 1, reduction, rows: groups.reduction)
  // As many pieces as there may be groups, and more.
  let partitions = try groups.map((0..<14).map { 20 - $0 }) { piece in
    try kMeans(
      embedding.slice(dimensions: 12),
      KMeansOptions(clusters: 11, restarts: 2, seed: UInt64(piece)), groups.reduction
    ).assignments
  }
  try expect(partitions.allSatisfy { $0.count == (world.isRoot ? 1201 : 0) }, "every piece has its result")
  let assignments = partitions.flatMap { $0 }
  if world.isRoot {
    let values = embedding.values.map(\.bitPattern)
    print(
      "digest graph \(digest(neighbours)) \(digest(distances.flatMap { $0 })) \(digest(values)) "
        + "\(digest(assignments))")
  }
}

/// What rank 0 does alone shows that it goes on, for every image.
private func signsOfLife(_ world: borrowing Communicator) throws {
  let images = 1201
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let table = try NeighbourTable(slice(reduction, images: images), neighbours: 10, reduction)
  guard world.isRoot else { return }
  func expectBeats<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
    let before = Whereabouts.current.beats
    let value = try body()
    let beats = Int(Whereabouts.current.beats - before)
    try expect(beats >= images, "\(what): \(beats) signs of life for \(images) images")
    return value
  }
  let graph = try expectBeats("graph") { NeighbourGraph(table) }
  let mean = try expectBeats("agreement") { NeighbourGraph(agreementOf: [graph, graph]) }
  _ = try expectBeats("quality") { mean.quality([Int32](repeating: 0, count: images), clusters: 3) }
  _ = try expectBeats("eigenvectors") { try SpectralBasis(mean, nodes: images, count: 12, seed: 1) }
}

/// All ranks know whether the eigenvectors were found, and they are those that one rank finds, to the bit, however the ranks are on nodes.
private func convergence(_ world: borrowing Communicator) throws {
  let images = 1201
  for nodes in nodeLayouts(ranks: world.size) {
    let reduction = try GroupReduction(world, mode: .fixedOrder, nodes: nodes)
    let data = slice(reduction, images: images)
    let table = try NeighbourTable(data, neighbours: 10, reduction)
    let graph = world.isRoot ? NeighbourGraph(table) : nil
    let embedding = try GraphEmbedding(data, graph, count: 12, seed: 1, reduction, rows: reduction)
    try expect(embedding.converged, "residual \(embedding.residual) after \(embedding.rounds) rounds")
    try expect(embedding.residual > 0 && embedding.residual < 1e-5, "residual \(embedding.residual)")
    if let graph {
      let alone = try SpectralBasis(graph, nodes: images, count: 12, seed: 1)
      try expectEqual(embedding.values, alone.values, "eigenvalues, nodes \(nodes ?? [])")
      try expectEqual([embedding.residual], [alone.residual], "residual, nodes \(nodes ?? [])")
    }
  }
}

private func classMeansOfBlobs(_ world: borrowing Communicator) throws {
  let images = 333
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: images)
  let first = data.share.lowerBound * laneCount
  let own = (first..<(first + data.localImages)).map { Int32($0 % 3) }
  let (means, sizes) = try classMeans(data, own, clusters: 4, reduction)
  try expectEqual(sizes, [111, 111, 111, 0], "sizes")
  for cluster in 0..<3 {
    let mean = (0..<111).reduce(0.0) { $0 + Double(point(3 * $1 + cluster)[5]) } / 111
    try expect(abs(Double(means[cluster * features + 5]) - mean) < 1e-5, "the mean of cluster \(cluster)")
  }
  // An empty cluster takes the image that is farthest from its mean, or keeps the centre that it had.
  let distances = (0..<images).map { image in
    point(image).indices.reduce(0.0) {
      let difference = Double(point(image)[$1] - means[image % 3 * features + $1])
      return $0 + difference * difference
    }
  }
  let farthest = distances.indices.max { distances[$0] < distances[$1] }!
  try expectEqual(Array(means.suffix(features)), point(farthest), "the centre of an empty cluster")
  let old = (0..<(4 * features)).map { Float($0) }
  let kept = try classMeans(data, own, clusters: 4, keeping: old, reduction).means
  try expectEqual(Array(kept.suffix(features)), Array(old.suffix(features)), "the centre that it had")
  try expectEqual(kept.prefix(3 * features), means.prefix(3 * features), "the other centres")
}

/// The means of hundreds of clusters, some of them empty: the bits are those of whole sums in the order of the tree.
private func classMeansOfMany(_ world: borrowing Communicator) throws {
  let (images, clusters) = (1201, 300)
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  let data = slice(reduction, images: images)
  let cluster = { (image: Int) in image % 5 == 0 ? image / 400 : image * 7 % 290 }
  func sum(_ groups: Range<Int>) -> [Float] {
    var total = [Float](repeating: 0, count: clusters * features)
    if groups.count == 1 {
      for image in (groups.lowerBound * laneCount)..<min(groups.upperBound * laneCount, images) {
        for (feature, value) in point(image).enumerated() {
          total[cluster(image) * features + feature] += value
        }
      }
      return total
    }
    var half = 1
    while 2 * half < groups.count { half *= 2 }
    let left = sum(groups.prefix(half))
    for (i, value) in sum(groups.dropFirst(half)).enumerated() { total[i] = left[i] + value }
    return total
  }
  let expected = sum(0..<laneGroups(images: images))
  let own = data.ownImages.map { Int32(cluster($0)) }
  let old = (0..<(clusters * features)).map { Float($0) }
  let (means, sizes) = try classMeans(data, own, clusters: clusters, keeping: old, reduction)
  try expectEqual(sizes, (0..<clusters).map { k in (0..<images).count { cluster($0) == k } }, "sizes")
  try expect(sizes.contains(0), "no cluster is empty")
  let all = expected.indices.map {
    sizes[$0 / features] == 0 ? old[$0] : expected[$0] / Float(sizes[$0 / features])
  }
  try expect(means.map(\.bitPattern) == all.map(\.bitPattern), "the means have other bits")
}

/// Some groups of a data set whose last group is partly filled, and the nearest of them for every image.
private func sampleOfGroups(_ world: borrowing Communicator) throws {
  let reduction = try GroupReduction(world, mode: .fixedOrder)
  for (images, limit, expected) in [
    (333, 120, 109), (333, 79, 61), (320, 112, 112), (40, 1, 8), (40, 39, 24), (40, 40, 40),
  ] {
    let data = slice(reduction, images: images)
    let sample = GroupSample(images: images, limit: limit)
    let part = try sampled(data, sample, reduction)
    try expectEqual(part.images, expected, "images of the sample")
    let inParts = try sampled(data, sample, reduction, limit: 1000)
    try expect(inParts.lanes.all.elementsEqual(part.lanes.all), "in parts, the sample has other numbers")
    let numbers = (0..<sample.groups).filter { sample.contains($0) }
    try expectEqual(numbers.count, sample.taken, "groups of the sample")
    let gaps = zip(numbers, numbers.dropFirst()).map { $1 - $0 }
    try expect((gaps.max() ?? 1) - (gaps.min() ?? 1) <= 1, "the groups \(numbers) are not spread evenly")
    for group in 0..<part.share.count {
      for lane in 0..<part.imageCount(group) {
        let image = numbers[part.share.lowerBound + group] * laneCount + lane
        try expectEqual(part.group(group)[3][lane], point(image)[3], "a feature of image \(image)")
      }
    }
    let nearest = try nearestNeighbours(data, among: part, count: 1, reduction.communicator)
    for own in 0..<data.localImages {
      let image = data.share.lowerBound * laneCount + own
      guard sample.contains(image / laneCount) else { continue }
      try expect(nearest.distances[own] < 1e-3, "image \(image) is in the sample, but not its own nearest")
    }
  }
}
