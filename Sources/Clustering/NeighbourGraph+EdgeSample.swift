import Lanes
import MPI

extension NeighbourGraph {
  /// A graph of the same images with a share of the edges, drawn at random. What several of them say alike does not hang on
  /// single edges.
  ///
  /// - Parameters:
  ///   - share: of the edges, 0…1, on average
  ///   - number: of the sample, 0…; each has its own draws
  package func edgeSample(share: Double, seed: UInt64, number: Int) -> NeighbourGraph {
    // Every edge once, from its smaller end.
    var isKept: [Bool] = []
    var starts = [Int](repeating: 0, count: nodes + 1)
    for node in 0..<nodes {
      Whereabouts.beat()
      var random = CounterRandom(seed: seed, purpose: .edges, epoch: number, index: node)
      for entry in upper(node) {
        isKept.append(random.uniform() < share)
        if isKept.last! {
          starts[node + 1] += 1
          starts[Int(columns[entry]) + 1] += 1
        }
      }
    }
    for node in 0..<nodes { starts[node + 1] += starts[node] }
    MemoryShortage.require(starts[nodes], of: (Int32, Float).self, for: "a part of the neighbour graph")
    var next = starts
    var others = [Int32](repeating: 0, count: starts[nodes])
    var kept = [Float](repeating: 0, count: starts[nodes])
    func add(_ node: Int, _ other: Int, _ weight: Float) {
      (others[next[node]], kept[next[node]]) = (Int32(other), weight)
      next[node] += 1
    }
    var edge = 0
    // A node gets its smaller neighbours before its own turn, and the larger ones then: in order.
    for node in 0..<nodes {
      Whereabouts.beat()
      for entry in upper(node) {
        if isKept[edge] {
          let other = Int(columns[entry])
          add(node, other, weights[entry])
          add(other, node, weights[entry])
        }
        edge += 1
      }
    }
    return NeighbourGraph(starts: starts, columns: others, weights: kept)
  }

  /// The entries of `node` whose other end has a larger number.
  private func upper(_ node: Int) -> Range<Int> {
    let row = starts[node]..<starts[node + 1]
    return (row.first { columns[$0] > node } ?? row.upperBound)..<row.upperBound
  }
}
