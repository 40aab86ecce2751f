import Clustering

/// How the graph of nearest neighbours joins pairs of clusters.
package struct ClusterLinks {
  /// Two clusters in the graph.
  package struct Link: Equatable {
    /// The weight of the edges between them, as a multiple of what a random graph with the same degrees would have there.
    package let ratio: Double
    /// What the partition's modularity would gain by merging them: above 0 where `ratio` is above 1.
    package let gain: Double
  }

  private let clusters: Int
  /// The weight of the edges between two clusters, `[clusters][clusters]`.
  private var weights: [Double]
  private var volumes: [Double]
  private var total = 0.0

  /// The links of the clusters' images that were compared with each other.
  ///
  /// - Parameter assignments: of all images
  /// - Complexity: O(m·k + K²) for m images of k neighbours
  package init(_ near: ReportInput.NearImages, assignments: [Int32], clusters: Int) {
    self.clusters = clusters
    weights = [Double](repeating: 0, count: clusters * clusters)
    volumes = [Double](repeating: 0, count: clusters)
    let graph = NeighbourGraph(near.table)
    for node in 0..<graph.nodes {
      let cluster = Int(assignments[Int(near.images[node])])
      volumes[cluster] += graph.degrees[node]
      for entry in graph.starts[node]..<graph.starts[node + 1] {
        let other = Int(assignments[Int(near.images[Int(graph.columns[entry])])])
        weights[cluster * clusters + other] += Double(graph.weights[entry])
      }
    }
    total = volumes.reduce(0, +)
  }

  /// Two different clusters; nil where one of them has no edges.
  package subscript(first: Int, second: Int) -> Link? {
    let expected = volumes[first] * volumes[second] / max(total, .leastNormalMagnitude)
    guard expected > 0 else { return nil }
    let weight = weights[first * clusters + second]
    return Link(ratio: weight / expected, gain: 2 * (weight - expected) / total)
  }
}
