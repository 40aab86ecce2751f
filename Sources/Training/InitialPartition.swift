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

/// One partition of the neighbour graph.
package struct GraphRecord: Sendable {
  /// The epoch of the learning chain, 0 before it.
  package let epoch: Int
  package let eigenvectors: Int
  package let start: Int
  package let cut: Double
  package let balance: Double
  package let inertia: Double
  package let seconds: Double
  package let metrics: PartitionMetrics?
}

extension Trainer {
  /// Partitions of the neighbour graph of the current features: sets the centres to the class means of the best one.
  /// **Collective.**
  package func partitionGraph(epoch: Int) throws {
    clock.start(.kmeans)
    defer { clock.stop() }
    let clusters = options.clusters
    let counts = [0, 2, 5, 8, 12].map { clusters + $0 }.filter { $0 < features.images }
    let started = monotonicSeconds()
    let embedding = try GraphEmbedding(
      features, neighbours: options.neighbours, count: counts.last!, seed: options.seed, reduction)
    if reduction.communicator.isRoot {
      print(
        "graph", embedding.searchSeconds, embedding.eigenSeconds, embedding.rounds,
        embedding.values.map { Double(Int($0 * 10000)) / 10000 })
    }
    var bestCut = Double.infinity
    var best: [Int32] = []
    for count in counts {
      for start in 0..<options.graphStarts {
        let (assignments, cut) = try candidate(embedding, count, start, epoch: epoch)
        if cut < bestCut {
          bestCut = cut
          best = assignments
        }
      }
    }
    let (means, _) = try classMeans(features, best, clusters: clusters, reduction)
    centres.update(from: means, count: means.count)
    if reduction.communicator.isRoot { print("partition", monotonicSeconds() - started) }
  }

  private func candidate(
    _ embedding: GraphEmbedding, _ count: Int, _ start: Int, epoch: Int
  ) throws -> ([Int32], Double) {
    let began = monotonicSeconds()
    let clusters = options.clusters
    let slice = embedding.slice(dimensions: count)
    let result = try kMeans(
      slice,
      KMeansOptions(
        clusters: clusters, restarts: options.graphRestarts, seed: options.seed &+ UInt64(start) << 32),
      reduction)
    let all = try reduction.communicator.gather(result.assignments).flatMap { $0 }
    var cut = 0.0
    if let graph = embedding.graph { cut = graph.normalizedCut(all, clusters: clusters) }
    cut = try reduction.communicator.broadcast(cut)
    if reduction.communicator.isRoot {
      let m = metrics(of: all)
      print(
        "candidate", epoch, count, start, "cut", cut, "balance", balance(all, clusters: clusters),
        "inertia", result.inertia, "acc", m?.accuracy ?? 0, "nmi", m?.nmi ?? 0, "s",
        monotonicSeconds() - began)
    }
    return (result.assignments, cut)
  }
}
