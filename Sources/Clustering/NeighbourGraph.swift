import Lanes
import MPI

/// The symmetric graph of nearest neighbours, as a sparse matrix of weights.
///
/// The weight of two images at distance d is exp(−d²/(σσ′)) with σ the distance of each to its 7th neighbour (Zelnik-Manor
/// and Perona 2004), where one of them is a neighbour of the other.
package struct NeighbourGraph: Sendable {
  /// The entries of row i are `starts[i]..<starts[i + 1]`.
  package let starts: [Int]
  /// The other end of every entry, ascending within a row.
  package let columns: [Int32]
  /// `[edges]`, in the order of `columns`.
  package let weights: [Float]
  /// The sum of every row.
  package let degrees: [Double]

  /// The neighbour whose distance is an image's scale.
  private static let scaleNeighbour = 7

  /// The graph of all images.
  ///
  /// - Parameters:
  ///   - images: neighbours, `[nodes][count]`, the nearest first
  ///   - distances: squared, the same
  package init(nodes: Int, count: Int, images: [Int32], distances: [Float]) {
    precondition(images.count == nodes * count && distances.count == images.count && count >= 1)
    let place = min(Self.scaleNeighbour, count) - 1
    let scales = (0..<nodes).map { distances[$0 * count + place].squareRoot() }
    // Every pair both ways; where two images are neighbours of each other it comes twice, and the two distances may
    // differ in their last bits.
    var starts = [Int](repeating: 0, count: nodes + 1)
    for node in 0..<nodes {
      Whereabouts.beat()
      for neighbour in images[(node * count)..<((node + 1) * count)] {
        starts[node + 1] += 1
        starts[Int(neighbour) + 1] += 1
      }
    }
    for node in 0..<nodes { starts[node + 1] += starts[node] }
    var next = starts
    MemoryShortage.require(starts[nodes], of: (Int32, Float).self, for: "the neighbour graph")
    var entries = [(column: Int32, weight: Float)](repeating: (0, 0), count: starts[nodes])
    for node in 0..<nodes {
      Whereabouts.beat()
      for entry in (node * count)..<((node + 1) * count) {
        let other = Int(images[entry])
        let width = max(scales[node] * scales[other], .leastNormalMagnitude)
        let weight = Float(Elementary.exp(Double(-distances[entry] / width)))
        entries[next[node]] = (Int32(other), weight)
        entries[next[other]] = (Int32(node), weight)
        next[node] += 1
        next[other] += 1
      }
    }
    self.init(starts: starts, entries: entries) { $0.last! }
  }

  /// The graph of the neighbours that at least two of `graphs`, all of the same images, agree on: the weight of an edge that has
  /// the weights w_1, w_2, … in them is √(Σ_{i<j} w_i w_j), and a thousandth of their mean more, which leaves no image alone. Of
  /// one or two graphs it is the mean: two alone agree on too little.
  package init(agreementOf graphs: [NeighbourGraph]) {
    if graphs.count == 1 {
      self = graphs[0]
      return
    }
    let share = 1 / Float(graphs.count)
    var starts = [0]
    var entries: [(column: Int32, weight: Float)] = []
    for node in graphs[0].degrees.indices {
      Whereabouts.beat()
      for graph in graphs {
        for entry in graph.starts[node]..<graph.starts[node + 1] {
          entries.append((graph.columns[entry], graph.weights[entry]))
        }
      }
      starts.append(entries.count)
    }
    self.init(starts: starts, entries: entries) { weights in
      let sum = weights.reduce(0, +)
      if graphs.count == 2 { return share * sum }
      // Σ_{i<j} w_i w_j, as w_j times the sum of those before it.
      var (before, products) = (Float(0), Float(0))
      for weight in weights {
        products += before * weight
        before += weight
      }
      return products.squareRoot() + 0.001 * share * sum
    }
  }

  /// Sorts the entries of every row, and merges those of one column.
  ///
  /// - Parameter merge: the weight for the weights of one column, ascending
  private init(
    starts: [Int], entries: [(column: Int32, weight: Float)], merge: (ArraySlice<Float>) -> Float
  ) {
    var merged = [0]
    var columns: [Int32] = []
    var weights: [Float] = []
    var degrees: [Double] = []
    for node in 0..<(starts.count - 1) {
      Whereabouts.beat()
      // Equal columns in the order of weights, so that a merged weight does not depend on where they came from.
      let row = entries[starts[node]..<starts[node + 1]].sorted {
        ($0.column, $0.weight) < ($1.column, $1.weight)
      }
      let rowWeights = row.map(\.weight)
      var next = 0
      while next < row.count {
        let column = row[next].column
        let end = row[next...].firstIndex { $0.column != column } ?? row.count
        columns.append(column)
        weights.append(merge(rowWeights[next..<end]))
        next = end
      }
      degrees.append(weights[merged[node]...].reduce(0) { $0 + Double($1) })
      merged.append(columns.count)
    }
    self.starts = merged
    self.columns = columns
    self.weights = weights
    self.degrees = degrees
  }

  /// The graph of these entries, ascending within every row.
  package init(starts: [Int], columns: [Int32], weights: [Float]) {
    (self.starts, self.columns, self.weights) = (starts, columns, weights)
    degrees = (1..<starts.count).map { row in
      weights[starts[row - 1]..<starts[row]].reduce(0) { $0 + Double($1) }
    }
  }

  /// The number of images.
  package var nodes: Int { degrees.count }

  /// What the graph says of a partition, without labels.
  ///
  /// - Parameter assignments: `[nodes]`
  package func quality(_ assignments: [Int32], clusters: Int) -> PartitionQuality {
    precondition(assignments.count == nodes)
    var within = [Double](repeating: 0, count: clusters)
    var volume = [Double](repeating: 0, count: clusters)
    for node in 0..<nodes {
      Whereabouts.beat()
      let cluster = assignments[node]
      volume[Int(cluster)] += degrees[node]
      for entry in starts[node]..<starts[node + 1] where assignments[Int(columns[entry])] == cluster {
        within[Int(cluster)] += Double(weights[entry])
      }
    }
    let total = max(volume.reduce(0, +), .leastNormalMagnitude)
    let shares = volume.map { $0 / total }
    return PartitionQuality(
      cut: max(0, 1 - within.reduce(0, +) / total), entropy: PartitionChoice.entropy(shares),
      modularity: zip(within, shares).reduce(0) { $0 + ($1.0 / total - $1.1 * $1.1) })
  }

  /// The weights of D^(−1/2) A D^(−1/2), entry by entry.
  var normalizedWeights: [Float] {
    let roots = degrees.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    var result = weights
    for node in 0..<nodes {
      Whereabouts.beat()
      for entry in starts[node]..<starts[node + 1] {
        result[entry] = Float(Double(weights[entry]) * roots[node] * roots[Int(columns[entry])])
      }
    }
    return result
  }
}

/// How well a partition cuts a graph.
package struct PartitionQuality: Equatable, Sendable {
  /// The share of the edges' weight that lies between clusters.
  package let cut: Double
  /// −Σ_k p_k log p_k with p_k = volume_k / V: log K where all clusters are equally large.
  package let entropy: Double
  /// Σ_k within_k / V − (volume_k / V)²: the weight within clusters, less what a random graph with the same degrees would
  /// have there (Newman 2006). Merging two clusters to split a third one costs here what it saves in the cut.
  package let modularity: Double

  /// What is given.
  package init(cut: Double = 0, entropy: Double = 0, modularity: Double = 0) {
    (self.cut, self.entropy, self.modularity) = (cut, entropy, modularity)
  }
}
