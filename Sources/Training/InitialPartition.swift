import Clustering
import FCAE
import Lanes
import MPI

/// Where the first partition comes from.
package enum InitialPartition: String, CaseIterable, Sendable {
  /// The graph of nearest neighbours, cut along its leading eigenvectors.
  case graph
  /// k-means of the features.
  case kmeans
}

/// A graph that is partitioned.
package enum GraphSource: Hashable, Sendable {
  /// The mean of the graphs of all networks' features.
  case features
  /// The mean of that and the pixels' graph.
  case featuresAndPixels
  /// The graph of one network's features, where there are several.
  case member(Int)

  /// As it stands in a table.
  package var name: String {
    switch self {
    case .features: "features"
    case .featuresAndPixels: "features+pixels"
    case .member(let number): NeighbourTables.memberName(number)
    }
  }
}

/// The neighbours of all images by the features of several networks, and by their pixels.
struct NeighbourTables {
  /// nil: the pixels have no say.
  var pixels: NeighbourTable?
  /// By the features of one network each.
  var members: [NeighbourTable] = []

  /// All of them by name.
  var named: [(name: String, table: NeighbourTable)] {
    (pixels.map { [("pixels", $0)] } ?? []) + members.enumerated().map { (Self.memberName($0), $1) }
  }

  /// The name of the table of member, or candidate, `number`.
  static func memberName(_ number: Int) -> String { "member\(number)" }

  /// What the names of their tensors in a checkpoint begin with.
  static let prefix = "neighbours_"

  /// The names of a table's two tensors in a checkpoint.
  static func imagesName(_ table: String) -> String { "\(prefix)\(table)_images" }
  static func distancesName(_ table: String) -> String { "\(prefix)\(table)_distances" }

  /// What partitions come from.
  var sources: [GraphSource] {
    [.features] + (pixels == nil ? [] : [.featuresAndPixels])
      + (members.count > 1 ? members.indices.map { .member($0) } : [])
  }

  /// What they are judged by.
  var judge: GraphSource { pixels == nil ? .features : .featuresAndPixels }

  /// The graphs of all sources, on rank 0.
  var graphs: [GraphSource: NeighbourGraph] {
    let own = members.map { NeighbourGraph($0) }
    let features = NeighbourGraph(mean: own)
    var graphs: [GraphSource: NeighbourGraph] = [.features: features]
    if let pixels { graphs[.featuresAndPixels] = NeighbourGraph(mean: [features, NeighbourGraph(pixels)]) }
    if own.count > 1 { for (number, graph) in own.enumerated() { graphs[.member(number)] = graph } }
    return graphs
  }
}

extension Trainer {
  /// The images that the graph is made of.
  var graphSample: GroupSample { options.graphSample(images: images.count) }

  /// The nearest neighbours of all images, or of the sample, by the current features. **Collective.**
  mutating func findNeighbours() throws -> NeighbourTable {
    try encodeAll()
    try requireFiniteFeatures()
    clock.start(.graph)
    defer { clock.stop() }
    return try neighbours(of: features)
  }

  /// The same by the images' thumbnails, where these have a say and have not been found before. **Collective.**
  mutating func findPixelNeighbours() throws {
    guard options.pixelGraph, neighbours.pixels == nil else { return }
    clock.start(.graph)
    defer { clock.stop() }
    neighbours.pixels = try neighbours(of: thumbnails())
  }

  /// The images of `data` that the graph is made of. **Collective.**
  private func graphPart(_ data: FeatureSlice) throws -> FeatureSlice {
    graphSample.isPart ? try sampled(data, graphSample, reduction) : data
  }

  /// The class numbers of the same images, on rank 0, when there are labels.
  private var sampledLabels: [Int32]? {
    guard graphSample.isPart else { return labels }
    return labels.map { all in all.indices.filter { graphSample.contains($0 / laneCount) }.map { all[$0] } }
  }

  private func neighbours(of data: FeatureSlice) throws -> NeighbourTable {
    let data = try graphPart(data)
    return try NeighbourTable(data, neighbours: options.graphNeighbours(images: data.images), reduction)
  }

  /// What there is to say of the graph of `tables`. **Collective.**
  func describeGraph(_ tables: NeighbourTables, searchSeconds: Double) throws -> GraphRecord {
    try partition(graphPart(features), tables, searchSeconds: searchSeconds).record
  }

  /// A partition by `tables`; where the graph is made of a sample, the other images follow their nearest in it.
  /// **Collective.**
  ///
  /// - Returns: the clusters of this rank's images.
  private func partition(
    _ tables: NeighbourTables, searchSeconds: Double
  ) throws -> (clusters: [Int32], record: GraphRecord) {
    let sample = try graphPart(features)
    let (own, record) = try partition(sample, tables, searchSeconds: searchSeconds)
    guard graphSample.isPart else { return (own, record) }
    let all = try reduction.communicator.allGather(own).flatMap { $0 }
    let nearest = try nearestNeighbours(
      features, among: sample, count: 1, distinct: false, reduction.communicator)
    return (nearest.images.map { all[Int($0)] }, record)
  }

  /// Partitions of the graphs of the images of `data`: with the pixels' and without, and every network's own; each with
  /// several numbers of eigenvectors and starts of k-means. The one of the highest modularity in the mean of the
  /// features' graphs and the pixels' is taken. **Collective.**
  private func partition(
    _ data: FeatureSlice, _ tables: NeighbourTables, searchSeconds: Double
  ) throws -> (clusters: [Int32], record: GraphRecord) {
    let started = monotonicSeconds()
    // More eigenvectors than clusters show parts of clusters, which k-means puts together.
    let counts = [0, 2, 5, 8, 12].map { min(options.clusters + $0, data.images) }
    let graphs = reduction.communicator.isRoot ? tables.graphs : [:]
    let judge = graphs[tables.judge]
    let labels = sampledLabels
    var eigenSeconds = 0.0
    var eigenvalues: [Double] = []
    var candidates: [GraphRecord.Candidate] = []
    var best: [Int32] = []
    var chosen = 0
    for source in tables.sources {
      let begun = monotonicSeconds()
      let embedding = try GraphEmbedding(
        data, graphs[source], count: counts.last!, seed: options.seed, reduction)
      eigenSeconds += monotonicSeconds() - begun
      for count in counts {
        for start in 0..<Self.graphStarts {
          let assignments = try spectralClusters(embedding, eigenvectors: count, start: start)
          let all = try reduction.communicator.gather(assignments).flatMap { $0 }
          let quality = try agreedQuality(judge?.quality(all, clusters: options.clusters))
          if candidates.isEmpty || quality.modularity > candidates[chosen].quality.modularity {
            chosen = candidates.count
            best = assignments
            eigenvalues = embedding.values
          }
          candidates.append(
            GraphRecord.Candidate(
              source: source, eigenvectors: count, start: start, quality: quality,
              metrics: metrics(of: all, labels)))
        }
      }
    }
    let record = GraphRecord(
      origin: origin, members: tables.members.count, neighbours: options.graphNeighbours(images: data.images),
      eigenvalues: eigenvalues, searchSeconds: searchSeconds, eigenSeconds: eigenSeconds,
      candidates: candidates, chosen: chosen,
      seconds: searchSeconds + monotonicSeconds() - started)
    return (best, record)
  }

  private static var graphStarts: Int { 3 }
  private static var graphRestarts: Int { 4 }

  /// k-means of the rows of the leading eigenvectors. **Collective.**
  private func spectralClusters(
    _ embedding: GraphEmbedding, eigenvectors: Int, start: Int
  ) throws -> [Int32] {
    let kmeans = KMeansOptions(
      clusters: options.clusters, restarts: Self.graphRestarts, seed: options.seed &+ UInt64(start) << 32)
    return try kMeans(embedding.slice(dimensions: eigenvectors), kmeans, reduction).assignments
  }

  /// What rank 0 says, on all ranks. **Collective.**
  private func agreedQuality(_ found: PartitionQuality?) throws -> PartitionQuality {
    var quality = found ?? PartitionQuality()
    let numbers: [Double] = try reduction.communicator.broadcast([quality.cut, quality.modularity])
    (quality.cut, quality.modularity) = (numbers[0], numbers[1])
    return quality
  }

  /// The graph's partition, its clusters numbered like the chain's: sets the centres to its class means. The graph is that
  /// of the ensemble before the chain, and later that of the current features. **Collective.**
  ///
  /// - Returns: the clusters of this rank's images.
  mutating func refreshPartition(_ targets: TargetStore) throws -> [Int32] {
    let started = monotonicSeconds()
    if progress.epoch == 0, !neighbours.members.isEmpty {
      try encodeAll()
    } else {
      neighbours.members = [try findNeighbours()]
    }
    clock.start(.graph)
    defer { clock.stop() }
    let (found, record) = try partition(neighbours, searchSeconds: monotonicSeconds() - started)
    try observer.record(.graph(record))
    neighbours.members = []
    let all = try reduction.communicator.gather(found).flatMap { $0 }
    var names = (0..<clusters).map { Int32($0) }
    if targets.assignments.count == all.count {
      var table = Array(repeating: Array(repeating: 0, count: clusters), count: clusters)
      for (new, old) in zip(all, targets.assignments) { table[Int(new)][Int(old)] += 1 }
      names = maximumAssignment(table).map { Int32($0) }
    }
    names = try reduction.communicator.broadcast(names)
    let partition = found.map { names[Int($0)] }
    let (means, _) = try classMeans(features, partition, clusters: clusters, reduction)
    centres.update(from: means, count: means.count)
    return partition
  }
}
