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
  /// - Returns: the clusters of this rank's images, and, on rank 0, the graph that candidates were judged by.
  func partition(
    _ tables: NeighbourTables, epoch: Int, current: [Int32]?, searchSeconds: Double
  ) throws -> (clusters: [Int32], judge: NeighbourGraph?, record: GraphRecord) {
    context.clock.start(.graph)
    defer { context.clock.stop() }
    let started = monotonicSeconds()
    let part = try sampledFeatures()
    let graphs = self.graphs(tables)
    // More eigenvectors than clusters show parts of clusters.
    let counts = [0, 5, 12].map { min(options.clusters + $0, part.images) }
    var found = Found(judge: graphs.judge)
    var (eigenvalues, eigenSeconds) = ([Double](), 0.0)
    let sources = [(graphs.features, "features"), (graphs.judge, "features and pixels")]
    for (graph, name) in current == nil ? sources : [sources[0]] {
      let begun = monotonicSeconds()
      let embedding = try embedding(of: graph, name, part, count: counts.last!)
      eigenSeconds += monotonicSeconds() - begun
      eigenvalues = embedding.values
      for count in counts {
        for parts in Self.parts {
          let parted = try self.parts(
            of: embedding, clusters: options.clusters, eigenvectors: count, parts: parts, start: 0)
          for link in PartLink.allCases {
            let merged = try merge(parted, graph, into: options.clusters, by: link)
            add(merged, eigenvectors: count, parts: parts, link: link, to: &found)
          }
        }
      }
    }
    if let current {
      let nodes = sample.values(of: current, from: model.features.ownImages.lowerBound)
      let all = try context.reduction.communicator.gatherJoined(nodes)
      add(
        Parts(own: nodes, all: all, count: options.clusters), eigenvectors: 0, parts: 1, link: nil,
        to: &found)
    }
    let (chosen, agreement) = try found.choose(
      clusters: options.clusters, context.reduction.communicator)
    let record = GraphRecord(
      origin: progress.origin, epoch: epoch, members: epoch == 0 ? options.members : 1,
      neighbours: options.graphNeighbours(images: part.images), eigenvalues: eigenvalues,
      searchSeconds: searchSeconds, eigenSeconds: eigenSeconds, candidates: found.candidates,
      chosen: chosen, sizes: found.sizes(of: chosen, clusters: options.clusters), agreement: agreement,
      seconds: searchSeconds + monotonicSeconds() - started)
    if let current, chosen == found.candidates.count - 1 {
      return (current, graphs.judge, record)
    }
    let own = found.partitions[chosen].own
    guard sample.isPart else { return (own, graphs.judge, record) }
    let all = try context.reduction.communicator.allGatherJoined(own)
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
  private static let parts = [2.0, 3.0]

  /// The candidates, one list entry each.
  private struct Found {
    /// The graph that all are judged by, on rank 0.
    let judge: NeighbourGraph?
    var candidates: [GraphRecord.Candidate] = []
    var partitions: [Parts] = []

    /// The number of the candidate that is taken, and its mean NMI with the others of its link, on all ranks. **Collective.**
    func choose(clusters: Int, _ communicator: borrowing Communicator) throws -> (
      number: Int, agreement: Double
    ) {
      var best = [0.0, 0.0]
      if communicator.isRoot {
        let chosen = PartitionChoice.best(candidates.map(\.quality), clusters: clusters)
        let link = candidates[chosen].link
        let others = candidates.indices.filter {
          $0 != chosen && (link == nil || candidates[$0].link == link)
        }
        .map { partitions[$0].all }
        best = [
          Double(chosen),
          Whereabouts.working("agreement") {
            PartitionMetrics.agreement(of: partitions[chosen].all, with: others)
          },
        ]
      }
      best = try communicator.broadcast(best)
      return (Int(best[0]), best[1])
    }

    /// Images per cluster, on rank 0.
    func sizes(of number: Int, clusters: Int) -> [Int] {
      let all = partitions[number].all
      return all.reduce(into: Array(repeating: 0, count: all.isEmpty ? 0 : clusters)) { $0[Int($1)] += 1 }
    }
  }

  /// Adds a partition of the graph's images.
  private func add(
    _ partition: Parts, eigenvectors: Int, parts: Double, link: PartLink?, to found: inout Found
  ) {
    let quality = Whereabouts.working("modularity") {
      found.judge?.quality(partition.all, clusters: options.clusters)
    }
    found.partitions.append(partition)
    found.candidates.append(
      GraphRecord.Candidate(
        eigenvectors: eigenvectors, parts: parts, link: link,
        quality: quality ?? PartitionQuality(),
        metrics: context.metrics(of: partition.all, sampledLabels)))
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
    let embedding = try GraphEmbedding(data, graph, count: count, seed: options.seed, context.reduction)
    if !embedding.converged {
      context.observer.warn(
        "the eigenvectors of the graph of \(name) have not converged: ‖Av − λv‖ is \(embedding.residual) after "
          + "\(embedding.rounds) rounds; partitions of this graph may be worse than they could be")
    }
    return embedding
  }

  /// Parts of a graph's images.
  struct Parts {
    /// The part of each of this rank's images.
    let own: [Int32]
    /// The part of each of all images, on rank 0; empty elsewhere.
    let all: [Int32]
    /// Their number; some may be empty.
    let count: Int
  }

  /// k-means of the rows of the leading eigenvectors, at most as many as there are, into more parts than clusters. **Collective.**
  ///
  /// - Parameters:
  ///   - parts: how many times as many parts as clusters there are
  ///   - start: number of the random start
  func parts(
    of embedding: GraphEmbedding, clusters: Int, eigenvectors: Int, parts: Double, start: Int
  ) throws -> Parts {
    let rows = embedding.slice(dimensions: min(eigenvectors, embedding.values.count))
    let count = min(Int(parts * Double(clusters)), rows.images)
    var kmeans = KMeansOptions(clusters: count, restarts: 1, seed: options.seed &+ UInt64(start) << 32)
    let part = GroupSample(images: rows.images, limit: max(Self.quickRows, 100 * count))
    if part.isPart {
      kmeans.start = try kMeans(Clustering.sampled(rows, part, context.reduction), kmeans, context.reduction)
        .centres
      kmeans.maximumIterations = Self.quickIterations
    }
    let own = try kMeans(rows, kmeans, context.reduction).assignments
    return Parts(own: own, all: try context.reduction.communicator.gatherJoined(own), count: count)
  }

  /// Merges parts of `graph`, which is on rank 0, into clusters. **Collective.**
  func merge(
    _ parts: Parts, _ graph: NeighbourGraph?, into clusters: Int, by link: PartLink
  ) throws -> Parts {
    let merged = try context.reduction.communicator.broadcast(
      Whereabouts.working("merging") {
        graph?.merging(parts.all, parts: parts.count, into: clusters, by: link)
      } ?? [Int32](repeating: 0, count: parts.count))
    return Parts(
      own: parts.own.map { merged[Int($0)] }, all: parts.all.map { merged[Int($0)] }, count: clusters)
  }

  /// Rows that are enough to find centres by, and passes over all rows then.
  private static let (quickRows, quickIterations) = (10_000, 3)
}
