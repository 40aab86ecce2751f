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

  /// The nearest neighbours of all images, or of the sample, by the features of the model as it is, which are those of the images and
  /// of their copies moved by `maps` in the mean. **Collective.**
  func neighboursByFeatures(moved maps: [AffineMap]) throws -> NeighbourTable {
    try model.encode(moved: maps)
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
    let data = try Clustering.sampled(data, sample, context.reduction)
    return try NeighbourTable(
      data, neighbours: options.graphNeighbours(images: data.images), context.reduction)
  }

  /// The model's features of the images that the graph is made of. **Collective.**
  func sampledFeatures() throws -> FeatureSlice {
    try Clustering.sampled(model.features, sample, context.reduction)
  }

  /// The class numbers of the images that the graph is made of, on rank 0, when there are labels.
  private var sampledLabels: [Int32]? { context.labels.map { sample.values(of: $0) } }

  /// The partition by `tables`; images outside of the sample follow their nearest in it by the model's features,
  /// which must be up to date. **Collective.**
  ///
  /// k-means of the rows of several numbers of a graph's eigenvectors finds more parts than clusters; these are merged by each kind
  /// of link, and the results are candidates. Before stage II they come from the graph of the features and from that of features
  /// and pixels, later from the former alone. All are judged by the latter (`PartitionChoice`). The chain's own partition
  /// is a candidate, too: a worse one does not take its place.
  ///
  /// - Parameters:
  ///   - epoch: epochs of stage II that lie behind it
  ///   - current: the chain's clusters of this rank's images; nil before the chain
  ///   - searchSeconds: what finding the tables took
  /// - Returns: the clusters of this rank's images, and, on rank 0, the graph that candidates were judged by, and the record.
  func partition(
    _ tables: NeighbourTables, epoch: Int, current: [Int32]?, searchSeconds: Double
  ) throws -> (clusters: [Int32], judge: NeighbourGraph?, record: GraphRecord?) {
    context.clock.start(.graph)
    defer { context.clock.stop() }
    let started = monotonicSeconds()
    let isRoot = context.reduction.communicator.isRoot
    let part = try sampledFeatures()
    let graphs = self.graphs(tables)
    // More eigenvectors than clusters show parts of clusters.
    let counts = [5, 12, 20].map { min(options.clusters + $0, part.images) }
    let sources = [(graphs.features, "features"), (graphs.judge, "features and pixels")]
      .prefix(current == nil ? 2 : 1)
    let begun = monotonicSeconds()
    let embeddings = try sources.map { try embedding(of: $0.0, $0.1, part, count: counts.last!) }
    let eigenSeconds = monotonicSeconds() - begun
    let kinds = embeddings.indices.flatMap { source in
      counts.flatMap { count in Self.parts.map { (source: source, count: count, parts: $0) } }
    }
    let parts = try self.parts(
      kinds.map {
        PartsRequest(
          embeddings[$0.source], clusters: options.clusters, eigenvectors: $0.count, parts: $0.parts)
      })
    let own = try current.map {
      try context.reduction.communicator.gatherJoined(
        sample.values(of: $0, from: model.features.ownImages.lowerBound))
    }
    var found = Found()
    if let judge = graphs.judge {
      for (kind, parts) in zip(kinds, parts) {
        for link in PartLink.allCases {
          add(
            merged(parts, sources[kind.source].0, into: options.clusters, by: link), eigenvectors: kind.count,
            parts: kind.parts, link: link, judge, to: &found)
        }
      }
      if let own { add(own, eigenvectors: 0, parts: 1, link: nil, judge, to: &found) }
    }
    let choice = isRoot ? found.choice(clusters: options.clusters) : nil
    let chosen = choice.map { found.partitions[$0.number] } ?? []
    let keepsCurrent = choice.map { found.candidates[$0.number].link == nil } ?? false
    // None where the chain's own is kept.
    let all = try context.reduction.communicator.broadcast(keepsCurrent ? [] : chosen)
    let record = choice.map {
      GraphRecord(
        origin: progress.origin, epoch: epoch, members: epoch == 0 ? options.members : 1,
        neighbours: options.graphNeighbours(images: part.images),
        eigenvalues: embeddings.last!.values, searchSeconds: searchSeconds, eigenSeconds: eigenSeconds,
        candidates: found.candidates, chosen: $0.number, sizes: sizes(of: chosen), agreement: $0.agreement,
        seconds: searchSeconds + monotonicSeconds() - started)
    }
    if let current, all.isEmpty { return (current, graphs.judge, record) }
    guard sample.isPart else { return (Array(all[part.ownImages]), graphs.judge, record) }
    let nearest = try nearestNeighbours(
      model.features, among: part, count: 1, context.reduction.communicator)
    return (nearest.images.map { all[Int($0)] }, graphs.judge, record)
  }

  /// The graph of the features, and that of features and pixels, on rank 0.
  private func graphs(_ tables: NeighbourTables) -> (features: NeighbourGraph?, judge: NeighbourGraph?) {
    guard context.reduction.communicator.isRoot else { return (nil, nil) }
    return Whereabouts.working("graphs") { tables.graphs }
  }

  /// Parts per cluster before they are merged.
  private static let parts = [2.0, 3.0, 4.0]

  /// The candidates, one list entry each; none on ranks other than 0.
  private struct Found {
    var candidates: [GraphRecord.Candidate] = []
    /// The cluster of every image of the graph.
    var partitions: [[Int32]] = []

    /// The number of the candidate that is taken, and its mean NMI with the others of its link.
    func choice(clusters: Int) -> (number: Int, agreement: Double) {
      let chosen = PartitionChoice.best(candidates.map { ($0.quality, $0.link) }, clusters: clusters)
      let link = candidates[chosen].link
      let others = candidates.indices.filter {
        $0 != chosen && (link == nil || candidates[$0].link == link)
      }
      .map { partitions[$0] }
      return (
        chosen,
        Whereabouts.working("agreement") {
          PartitionMetrics.agreement(of: partitions[chosen], with: others)
        }
      )
    }
  }

  /// Images per cluster of `partition`.
  private func sizes(of partition: [Int32]) -> [Int] {
    partition.reduce(into: Array(repeating: 0, count: options.clusters)) { $0[Int($1)] += 1 }
  }

  /// Adds a partition of the graph's images; on rank 0.
  private func add(
    _ partition: [Int32], eigenvectors: Int, parts: Double, link: PartLink?, _ judge: NeighbourGraph,
    to found: inout Found
  ) {
    let quality = Whereabouts.working("modularity") {
      judge.quality(partition, clusters: options.clusters)
    }
    found.partitions.append(partition)
    found.candidates.append(
      GraphRecord.Candidate(
        eigenvectors: eigenvectors, parts: parts, link: link, quality: quality,
        metrics: context.metrics(of: partition, sampledLabels)))
  }

  /// The leading eigenvectors of a graph of the images of `data`, with a warning where they have not converged.
  /// **Collective.**
  ///
  /// - Parameters:
  ///   - graph: on rank 0
  ///   - name: what the graph is of, for the warning
  func embedding(
    of graph: NeighbourGraph?, _ name: String, _ data: FeatureSlice, count: Int
  ) throws -> GraphEmbedding {
    let embedding = try GraphEmbedding(
      data, graph, count: count, seed: options.seed, context.reduction,
      rows: try context.rankGroups().reduction)
    if !embedding.converged {
      context.observer.warn(
        "the eigenvectors of the graph of \(name) have not converged: ‖Av − λv‖ is \(embedding.residual) after "
          + "\(embedding.rounds) rounds; partitions of this graph may be worse than they could be")
    }
    return embedding
  }

  /// Parts of a graph's images.
  struct Parts {
    /// The part of every image, on rank 0; empty elsewhere.
    let all: [Int32]
    /// Their number; some may be empty.
    let count: Int
  }

  /// Parts that k-means is to find by the rows of the leading eigenvectors, at most as many as there are.
  struct PartsRequest {
    fileprivate let embedding: GraphEmbedding
    fileprivate let dimensions: Int
    fileprivate let count: Int
    fileprivate let seed: UInt64

    /// - Parameters:
    ///   - parts: how many times as many parts as clusters there are
    ///   - start: number of the random start
    init(_ embedding: GraphEmbedding, clusters: Int, eigenvectors: Int, parts: Double, start: Int = 0) {
      self.embedding = embedding
      dimensions = min(eigenvectors, embedding.values.count)
      count = min(Int(parts * Double(clusters)), embedding.images)
      seed = UInt64(start) << 32
    }
  }

  /// The parts for every one of `requests`, which are of the same images. Groups of ranks find them side by side. **Collective.**
  func parts(_ requests: [PartsRequest]) throws -> [Parts] {
    let groups = try context.rankGroups()
    let all = try groups.map(requests.map { $0.dimensions * $0.count }) {
      try parts(requests[$0], groups.reduction)
    }
    return zip(all, requests).map { Parts(all: $0, count: $1.count) }
  }

  /// The parts of this rank's images. **Collective** over the ranks of `reduction`.
  private func parts(_ request: PartsRequest, _ reduction: GroupReduction) throws -> [Int32] {
    let rows = request.embedding.slice(dimensions: request.dimensions)
    var kmeans = KMeansOptions(
      clusters: request.count, restarts: 1, seed: options.seed &+ request.seed)
    let part = GroupSample(images: rows.images, limit: max(Self.quickRows, Self.rowsPerPart * request.count))
    if part.isPart {
      kmeans.start = try kMeans(Clustering.sampled(rows, part, reduction), kmeans, reduction).centres
      kmeans.maximumIterations = Self.quickIterations
    }
    return try kMeans(rows, kmeans, reduction).assignments
  }

  /// The cluster of every image where `parts` of `graph` are merged into clusters; on rank 0.
  func merged(_ parts: Parts, _ graph: NeighbourGraph?, into clusters: Int, by link: PartLink) -> [Int32] {
    let merged = Whereabouts.working("merging") {
      graph!.merging(parts.all, parts: parts.count, into: clusters, by: link)
    }
    return parts.all.map { merged[Int($0)] }
  }

  /// Rows that are enough to find centres by, for each part and at least, and passes over all rows then.
  private static let (rowsPerPart, quickRows, quickIterations) = (30, 10_000, 3)
}
