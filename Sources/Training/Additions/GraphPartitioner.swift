import Basics
import Clustering
import FCAE
import Lanes
import MPI

/// Where the first partition of stage II comes from.
package enum InitialPartition: String, CaseIterable, Sendable {
  /// The graph of nearest neighbours, cut along its leading eigenvectors.
  case graph
  /// k-means of the features.
  case kmeans
}

/// Finds neighbours, and cuts the graphs that they make. More images than `--graph-images` are too many for all pairs: then a
/// sample of lane groups makes the graph, and the other images follow their nearest in it.
struct GraphPartitioner {
  let context: RunContext
  let model: Model
  unowned let progress: RunProgress

  private var options: TrainingOptions { context.options }
  private var sample: GroupSample { context.graphSample }

  /// The nearest neighbours of all images, or of the sample, by the features of the model as it is. **Collective.**
  func neighboursByFeatures() throws -> NeighbourTable {
    try model.encode()
    guard try model.hasFiniteFeatures() else { throw try progress.notFiniteFeatures() }
    context.clock.start(.graph)
    defer { context.clock.stop() }
    return try neighbours(of: model.features)
  }

  /// The nearest neighbours of all images, or of the sample, by their thumbnails. **Collective.**
  func neighboursByPixels() throws -> NeighbourTable {
    context.clock.start(.graph)
    defer { context.clock.stop() }
    return try neighbours(of: context.thumbnails())
  }

  private func neighbours(of data: FeatureSlice) throws -> NeighbourTable {
    let data = try sampled(data)
    return try NeighbourTable(
      data, neighbours: options.graphNeighbours(images: data.images), context.reduction)
  }

  /// The model's features of the images that the graph is made of. **Collective.**
  func sampledFeatures() throws -> FeatureSlice { try sampled(model.features) }

  /// The images of `data` that the graph is made of. **Collective.**
  private func sampled(_ data: FeatureSlice) throws -> FeatureSlice {
    try Clustering.sampled(data, sample, context.reduction)
  }

  /// The class numbers of the images that the graph is made of, on rank 0, when there are labels.
  private var sampledLabels: [Int32]? {
    guard sample.isPart else { return context.labels }
    return context.labels.map { all in all.indices.filter { sample.contains($0 / laneCount) }.map { all[$0] }
    }
  }

  /// The best partition by `tables`, without what it says of images outside of the sample. **Collective.**
  ///
  /// - Parameter searchSeconds: what finding the tables took
  func describe(_ tables: NeighbourTables, searchSeconds: Double) throws -> GraphRecord {
    context.clock.start(.graph)
    defer { context.clock.stop() }
    return try bestPartition(of: sampledFeatures(), tables, epoch: nil, searchSeconds: searchSeconds)
      .record
  }

  /// The best partition by `tables`; images outside of the sample follow their nearest in it by the model's features, which must
  /// be up to date. **Collective.**
  ///
  /// - Parameter epoch: epochs of stage II that lie behind it
  /// - Returns: the clusters of this rank's images.
  func partition(
    _ tables: NeighbourTables, epoch: Int, searchSeconds: Double
  ) throws -> (clusters: [Int32], record: GraphRecord) {
    context.clock.start(.graph)
    defer { context.clock.stop() }
    let part = try sampledFeatures()
    let (own, record) = try bestPartition(of: part, tables, epoch: epoch, searchSeconds: searchSeconds)
    guard sample.isPart else { return (own, record) }
    let all = try context.reduction.communicator.allGatherJoined(own)
    let nearest = try nearestNeighbours(
      model.features, among: part, count: 1, distinct: false, context.reduction.communicator)
    return (nearest.images.map { all[Int($0)] }, record)
  }

  /// Partitions of the graphs of the images of `data`: with the pixels' and without, and every network's own; each with
  /// several numbers of eigenvectors and starts of k-means. The one of the highest modularity in the mean of the
  /// features' graphs and the pixels' is taken. **Collective.**
  private func bestPartition(
    of data: FeatureSlice, _ tables: NeighbourTables, epoch: Int?, searchSeconds: Double
  ) throws -> (clusters: [Int32], record: GraphRecord) {
    let started = monotonicSeconds()
    let graphs =
      context.reduction.communicator.isRoot ? Whereabouts.working("graphs") { tables.graphs } : [:]
    var found = Found(judge: graphs[tables.judge], labels: sampledLabels)
    for source in tables.sources { try addPartitions(of: source, graphs[source], data, to: &found) }
    let record = GraphRecord(
      origin: progress.origin, epoch: epoch, members: tables.members.count,
      neighbours: options.graphNeighbours(images: data.images), eigenvalues: found.eigenvalues,
      searchSeconds: searchSeconds, eigenSeconds: found.eigenSeconds, candidates: found.candidates,
      chosen: found.chosen, sizes: found.sizes, agreement: found.agreement,
      seconds: searchSeconds + monotonicSeconds() - started)
    return (found.best, record)
  }

  /// The partitions so far, and the best of them.
  private struct Found {
    /// The graph that all are judged by, on rank 0.
    let judge: NeighbourGraph?
    /// The class numbers of the graph's images, on rank 0, when there are labels.
    let labels: [Int32]?
    var candidates: [GraphRecord.Candidate] = []
    /// The number of the best candidate, its clusters of this rank's images, and its graph's leading eigenvalues.
    var chosen = 0
    var best: [Int32] = []
    var eigenvalues: [Double] = []
    var eigenSeconds = 0.0
    /// Images per cluster of the best candidate, on rank 0.
    var sizes: [Int] = []
    /// The best partition of each network's own graph, and its modularity, on rank 0.
    var members: [Int: (modularity: Double, clusters: [Int32])] = [:]

    /// The mean NMI of the networks' own partitions, by pairs; nil where there are no two.
    var agreement: Double? {
      PartitionMetrics.meanOfPairs(members.sorted { $0.key < $1.key }.map(\.value.clusters), \.nmi)
    }

    /// Takes in the clusters of all images, on rank 0, where they are the best of their network's.
    mutating func add(_ all: [Int32], of source: GraphSource, _ modularity: Double) {
      guard case .member(let number) = source, !all.isEmpty else { return }
      if members[number].map({ modularity > $0.modularity }) ?? true { members[number] = (modularity, all) }
    }
  }

  /// Partitions of one graph, which is on rank 0. **Collective.**
  private func addPartitions(
    of source: GraphSource, _ graph: NeighbourGraph?, _ data: FeatureSlice, to found: inout Found
  ) throws {
    // More eigenvectors than clusters show parts of clusters, which k-means puts together.
    let counts = [0, 2, 5, 8, 12].map { min(options.clusters + $0, data.images) }
    let begun = monotonicSeconds()
    let embedding = try embedding(of: graph, source.name, data, count: counts.last!)
    found.eigenSeconds += monotonicSeconds() - begun
    for count in counts {
      for start in 0..<Self.starts {
        let assignments = try spectralClusters(
          embedding, clusters: options.clusters, eigenvectors: count, start: start)
        let all = try context.reduction.communicator.gatherJoined(assignments)
        let quality = try agreed(
          Whereabouts.working("modularity") { found.judge?.quality(all, clusters: options.clusters) })
        let number = found.candidates.count
        if number == 0 || quality.modularity > found.candidates[found.chosen].quality.modularity {
          (found.chosen, found.best, found.eigenvalues) = (number, assignments, embedding.values)
          found.sizes = all.reduce(into: Array(repeating: 0, count: all.isEmpty ? 0 : options.clusters)) {
            $0[Int($1)] += 1
          }
        }
        found.add(all, of: source, quality.modularity)
        found.candidates.append(
          GraphRecord.Candidate(
            source: source, eigenvectors: count, start: start, quality: quality,
            metrics: context.metrics(of: all, found.labels)))
      }
    }
  }

  /// Starts of k-means per number of eigenvectors, and restarts of each.
  private static let (starts, restarts) = (3, 4)

  /// The leading eigenvectors of a graph of the images of `data`, with a warning where they have not converged.
  /// **Collective.**
  ///
  /// - Parameters:
  ///   - graph: on rank 0
  ///   - name: what the graph is of, for the warning
  func embedding(
    of graph: NeighbourGraph?, _ name: String, _ data: FeatureSlice, count: Int
  ) throws -> GraphEmbedding {
    let embedding = try GraphEmbedding(data, graph, count: count, seed: options.seed, context.reduction)
    if !embedding.converged {
      context.observer.warn(
        "the eigenvectors of the graph of \(name) have not converged: ‖Av − λv‖ is \(embedding.residual) after "
          + "\(embedding.rounds) rounds; partitions of this graph may be worse than they could be")
    }
    return embedding
  }

  /// k-means of the rows of the leading eigenvectors, at most as many as there are. **Collective.**
  ///
  /// - Parameter isQuick: whether there are fewer restarts, and centres are found by a part of many rows
  /// - Returns: the clusters of this rank's images.
  func spectralClusters(
    _ embedding: GraphEmbedding, clusters: Int, eigenvectors: Int, start: Int, isQuick: Bool = false
  ) throws -> [Int32] {
    let rows = embedding.slice(dimensions: min(eigenvectors, embedding.values.count))
    var kmeans = KMeansOptions(
      clusters: clusters, restarts: isQuick ? Self.quickRestarts : Self.restarts,
      seed: options.seed &+ UInt64(start) << 32)
    let part = GroupSample(images: rows.images, limit: max(Self.quickRows, 100 * clusters))
    if isQuick, part.isPart {
      kmeans.start = try kMeans(Clustering.sampled(rows, part, context.reduction), kmeans, context.reduction)
        .centres
      (kmeans.restarts, kmeans.maximumIterations) = (1, 1)
    }
    return try kMeans(rows, kmeans, context.reduction).assignments
  }

  /// Rows that are enough to find centres by, and restarts of k-means.
  private static let (quickRows, quickRestarts) = (10_000, 2)

  /// What rank 0 has found, on all ranks. **Collective.**
  private func agreed(_ found: PartitionQuality?) throws -> PartitionQuality {
    var quality = found ?? PartitionQuality()
    let numbers: [Double] = try context.reduction.communicator.broadcast([quality.cut, quality.modularity])
    (quality.cut, quality.modularity) = (numbers[0], numbers[1])
    return quality
  }
}
