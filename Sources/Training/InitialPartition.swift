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

/// The neighbour graph of the features and its partitions.
package struct GraphRecord: Sendable {
  /// One partition that was looked at.
  package struct Candidate: Sendable {
    /// Leading eigenvectors that k-means saw.
    package let eigenvectors: Int
    /// Number of the start of k-means.
    package let start: Int
    /// What the graph says of it, without labels.
    package let quality: PartitionQuality
    /// With labels, on rank 0; nothing is chosen by them.
    package let metrics: PartitionMetrics?
  }

  /// Graphs whose mean it is.
  package let graphs: Int
  /// Per image.
  package let neighbours: Int
  /// Leading eigenvalues, descending.
  package let eigenvalues: [Double]
  /// Time of the neighbour search, where it was not done before.
  package let searchSeconds: Double
  /// Time of the eigenproblem.
  package let eigenSeconds: Double
  /// All partitions that were looked at.
  package let candidates: [Candidate]
  /// The number of the candidate that was taken.
  package let chosen: Int
  /// The whole, in seconds.
  package let seconds: Double
}

extension Trainer {
  /// Of every so many-th lane group the graph is made: all of them up to `graphLimit` images.
  private var graphStep: Int { (images.count + options.graphLimit - 1) / options.graphLimit }

  /// The nearest neighbours of all images, or of the sample, by the current features. **Collective.**
  func findNeighbours() throws -> NeighbourTable {
    let data = graphStep == 1 ? features : try sample(features, every: graphStep, reduction)
    return try NeighbourTable(data, neighbours: options.neighbours, reduction)
  }

  /// A partition by the mean of the graphs of `tables`; where the graph is made of a sample, the other images follow
  /// their nearest in it. **Collective.**
  ///
  /// - Returns: the clusters of this rank's images.
  private func partition(_ tables: [NeighbourTable], searchSeconds: Double) throws -> [Int32] {
    if graphStep == 1 { return try partition(features, tables, searchSeconds: searchSeconds) }
    let sample = try sample(features, every: graphStep, reduction)
    let own = try partition(sample, tables, searchSeconds: searchSeconds)
    let all = try reduction.communicator.allGather(own).flatMap { $0 }
    let nearest = try nearestNeighbours(
      features, among: sample, count: 1, distinct: false, reduction.communicator)
    return nearest.images.map { all[Int($0)] }
  }

  /// Partitions of the graph of the images of `data`, several numbers of eigenvectors and starts of k-means each; the
  /// one of the highest modularity. **Collective.**
  private func partition(
    _ data: FeatureSlice, _ tables: [NeighbourTable], searchSeconds: Double
  ) throws -> [Int32] {
    let started = monotonicSeconds()
    // More eigenvectors than clusters show parts of clusters, which k-means puts together.
    let counts = [0, 2, 5, 8, 12].map { options.clusters + $0 }.filter { $0 < data.images }
    let embedding = try GraphEmbedding(
      data, tables, count: counts.last ?? data.images, seed: options.seed, reduction)
    let eigenSeconds = monotonicSeconds() - started
    var candidates: [GraphRecord.Candidate] = []
    var best: [Int32] = []
    var chosen = 0
    for count in counts.isEmpty ? [data.images] : counts {
      for start in 0..<Self.graphStarts {
        let (assignments, candidate) = try candidate(embedding, eigenvectors: count, start: start)
        if candidates.isEmpty || candidate.quality.modularity > candidates[chosen].quality.modularity {
          chosen = candidates.count
          best = assignments
        }
        candidates.append(candidate)
      }
    }
    try observer.didPartition(
      GraphRecord(
        graphs: tables.count, neighbours: options.neighbours, eigenvalues: embedding.values,
        searchSeconds: searchSeconds, eigenSeconds: eigenSeconds, candidates: candidates, chosen: chosen,
        seconds: searchSeconds + monotonicSeconds() - started))
    return best
  }

  private static var graphStarts: Int { 3 }
  private static var graphRestarts: Int { 4 }

  private func candidate(
    _ embedding: GraphEmbedding, eigenvectors: Int, start: Int
  ) throws -> ([Int32], GraphRecord.Candidate) {
    let clusters = options.clusters
    let slice = embedding.slice(dimensions: eigenvectors)
    let kmeans = KMeansOptions(
      clusters: clusters, restarts: Self.graphRestarts, seed: options.seed &+ UInt64(start) << 32)
    let result = try kMeans(slice, kmeans, reduction)
    let all = try reduction.communicator.gather(result.assignments).flatMap { $0 }
    var quality = PartitionQuality()
    if let graph = embedding.graph { quality = graph.quality(all, clusters: clusters) }
    let numbers: [Double] = try reduction.communicator.broadcast([quality.cut, quality.modularity])
    (quality.cut, quality.modularity) = (numbers[0], numbers[1])
    return (
      result.assignments,
      GraphRecord.Candidate(
        eigenvectors: eigenvectors, start: start, quality: quality, metrics: metrics(of: all))
    )
  }

  /// Whether the graph's partition takes the chain's place at the end of epoch `epoch`.
  func refreshes(_ stage: Stage, _ epoch: Int) -> Bool {
    guard stage == .chain, options.initialPartition == .graph, epoch < options.chainEpochs else {
      return false
    }
    return epoch % options.refreshEpochs == 0 && epoch / options.refreshEpochs <= options.refreshes
  }

  /// The graph's partition of the current features, its clusters numbered like the chain's: sets the centres to its
  /// class means. **Collective.**
  ///
  /// - Returns: the clusters of this rank's images.
  mutating func refreshPartition(_ targets: TargetStore) throws -> [Int32] {
    let started = monotonicSeconds()
    if memberNeighbours.isEmpty {
      try encodeAll()
      try requireFiniteFeatures()
    }
    clock.start(.graph)
    defer { clock.stop() }
    let tables = memberNeighbours.isEmpty ? [try findNeighbours()] : memberNeighbours
    memberNeighbours = []
    var partition = try partition(tables, searchSeconds: monotonicSeconds() - started)
    let all = try reduction.communicator.gather(partition).flatMap { $0 }
    var names = (0..<clusters).map { Int32($0) }
    if targets.assignments.count == all.count {
      var table = Array(repeating: Array(repeating: 0, count: clusters), count: clusters)
      for (new, old) in zip(all, targets.assignments) { table[Int(new)][Int(old)] += 1 }
      names = maximumAssignment(table).map { Int32($0) }
    }
    names = try reduction.communicator.broadcast(names)
    partition = partition.map { names[Int($0)] }
    let (means, _) = try classMeans(features, partition, clusters: clusters, reduction)
    centres.update(from: means, count: means.count)
    return partition
  }
}
