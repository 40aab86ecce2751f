import Basics
import Clustering
import MPI

/// Finds K in the range that is asked for, by neighbour graphs and without labels.
///
/// Cut into every number of clusters are graphs that lack one of the neighbour tables each. Taken is the number of the highest product
/// of modularity and the square of stability: how alike these graphs are cut. Stability within clusters in the place of modularity
/// (Stadion: Mourer, Forest, Lebbah, Azzag, Lacaille, arXiv:2006.08530) took more clusters than there are; how alike the networks cut,
/// and samples of the edges, were further from the number of classes.
final class ClusterCountSearch: Checkpointed {
  private let context: RunContext
  private unowned let progress: RunProgress
  private let ensemble: Ensemble
  private let partitioner: GraphPartitioner
  /// K, once it is found.
  private(set) var found: Int?

  /// Eigenvectors beyond K from which partitions are made, see `GraphPartitioner`.
  private static let moreEigenvectors = [0, 5, 12]
  /// Starts of k-means per number of eigenvectors, and parts per cluster that it makes.
  private static let (starts, parts) = (2, 1.5)

  init(
    _ context: RunContext, _ progress: RunProgress, _ ensemble: Ensemble, _ partitioner: GraphPartitioner
  ) {
    (self.context, self.progress) = (context, progress)
    (self.ensemble, self.partitioner) = (ensemble, partitioner)
  }

  /// A graph that is cut: by the rows of its eigenvectors.
  private struct View {
    /// On rank 0.
    let graph: NeighbourGraph?
    let embedding: GraphEmbedding
  }

  /// The partition of a view of the highest modularity, on rank 0.
  private typealias Cut = (clusters: [Int32], modularity: Double)

  /// Tries all numbers of the range; from then on K is the one that was found. **Collective.**
  func run() throws {
    let range = context.options.clusterCount
    context.clock.start(.graph)
    defer { context.clock.stop() }
    let views = try views(eigenvectors: range.most + Self.moreEigenvectors.last!)
    var rows: [ClusterCountRecord.Row] = []
    for clusters in range.least...range.most {
      try progress.serveBetweenParts()
      rows.append(try row(clusters, views))
    }
    let record = ClusterCountRecord(rows: rows, seconds: progress.elapsedSeconds)
    let clusters = try context.reduction.communicator.broadcast(Int64(record.clusters))
    try context.observer.record(.clusterCount(record))
    take(Int(clusters))
  }

  private func take(_ clusters: Int) {
    found = clusters
    context.decide(clusters: clusters)
  }

  /// The graphs, each without one table, and their eigenvectors. **Collective.**
  private func views(eigenvectors count: Int) throws -> [View] {
    let data = try partitioner.sampledFeatures()
    let (tables, isRoot) = (ensemble.tables, context.reduction.communicator.isRoot)
    let graphs = isRoot ? Whereabouts.working("graphs") { tables.separateGraphs } : []
    return try (0..<tables.count).map { number in
      var kept = graphs
      if isRoot { kept.remove(at: number) }
      let graph = isRoot ? Whereabouts.working("graphs") { NeighbourGraph(agreementOf: kept) } : nil
      return View(
        graph: graph,
        embedding: try partitioner.embedding(
          of: graph, "all but table \(number + 1)", data, count: count))
    }
  }

  /// What k-means is to find for the partitions of `view` into `clusters` clusters.
  private func requests(_ view: View, _ clusters: Int) -> [GraphPartitioner.PartsRequest] {
    Self.moreEigenvectors.flatMap { more in
      (0..<Self.starts).map {
        GraphPartitioner.PartsRequest(
          view.embedding, clusters: clusters, eigenvectors: clusters + more, parts: Self.parts, start: $0)
      }
    }
  }

  /// The best of the partitions into `clusters` clusters that `all` parts of `view` merge to; on rank 0.
  private func best(of all: ArraySlice<GraphPartitioner.Parts>, _ view: View, _ clusters: Int) -> Cut {
    var best: Cut = ([], -.infinity)
    guard let graph = view.graph else { return best }
    for parts in all {
      let merged = partitioner.merged(parts, graph, into: clusters, by: .average)
      let modularity = Whereabouts.working("modularity") {
        graph.quality(merged, clusters: clusters).modularity
      }
      if modularity > best.modularity { best = (merged, modularity) }
    }
    return best
  }

  /// What partitions into `clusters` clusters say, on rank 0. **Collective.**
  private func row(_ clusters: Int, _ views: [View]) throws -> ClusterCountRecord.Row {
    let requests = views.map { self.requests($0, clusters) }
    let parts = try partitioner.parts(requests.flatMap { $0 })
    let each = requests[0].count
    let cuts = views.enumerated().map { number, view in
      best(of: parts[(number * each)..<((number + 1) * each)], view, clusters)
    }
    let stability = Whereabouts.working("agreement") {
      PartitionMetrics.meanOfPairs(cuts.map(\.clusters), \.ari)
    }
    let eigenvalues = views.map(\.embedding.values).filter { $0.count > clusters }
    return ClusterCountRecord.Row(
      clusters: clusters, stability: stability ?? 0, modularity: mean(cuts.map(\.modularity)),
      eigengap: mean(eigenvalues.map { $0[clusters - 1] - $0[clusters] }))
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

  private static let name = "clusters"

  func save(to snapshot: inout Snapshot) {
    if let found { snapshot.add(Self.name, scalar: Double(found)) }
  }

  func restore(from snapshot: SnapshotReader) throws {
    guard context.plan.knowsClusters(at: progress.state.place) else { return }
    let clusters = try snapshot.counter(Self.name)
    let range = context.options.clusterCount
    guard (range.least...range.most).contains(clusters) else {
      throw try context.agreed(progress.state.isNowhere)
    }
    take(clusters)
  }
}
