import Clustering
import Lanes
import Testing

/// Samples of the edges of a graph.
@Suite struct EdgeSampleTests {
  /// A graph of `nodes` images on a line, each a neighbour of the `count` before it.
  private func graph(nodes: Int, count: Int) -> NeighbourGraph {
    let images = (0..<nodes).flatMap { node in
      (1...count).map { Int32((node + $0) % nodes) }
    }
    let distances = (0..<nodes).flatMap { _ in (1...count).map { Float($0) } }
    return NeighbourGraph(nodes: nodes, count: count, images: images, distances: distances)
  }

  /// The entries as pairs of ends, and their weights.
  private func edges(_ graph: NeighbourGraph) -> [[Int]: Float] {
    var found: [[Int]: Float] = [:]
    for node in 0..<graph.nodes {
      var last: Int32 = -1
      for entry in graph.starts[node]..<graph.starts[node + 1] {
        #expect(graph.columns[entry] > last)
        last = graph.columns[entry]
        found[[node, Int(last)]] = graph.weights[entry]
      }
    }
    return found
  }

  @Test(
    "a sample has some of the edges, both ways and with their weights, in order; others with another number")
  func sample() {
    let whole = graph(nodes: 500, count: 6)
    let all = edges(whole)
    let first = whole.edgeSample(share: 0.75, seed: 3, number: 0)
    let part = edges(first)
    for (ends, weight) in part {
      #expect(all[ends] == weight && part[[ends[1], ends[0]]] == weight)
    }
    #expect(abs(Double(part.count) / Double(all.count) - 0.75) < 0.03)
    for node in 0..<500 {
      let sum = (0..<500).reduce(0.0) { $0 + Double(part[[node, $1]] ?? 0) }
      #expect(abs(first.degrees[node] - sum) < 1e-9)
    }
    #expect(edges(whole.edgeSample(share: 0.75, seed: 3, number: 0)) == part)
    #expect(edges(whole.edgeSample(share: 0.75, seed: 3, number: 1)) != part)
    #expect(edges(whole.edgeSample(share: 0.75, seed: 4, number: 0)) != part)
  }

  @Test("all edges are the graph, and none leave its images")
  func ends() {
    let whole = graph(nodes: 40, count: 3)
    #expect(edges(whole.edgeSample(share: 1.1, seed: 0, number: 0)) == edges(whole))
    let none = whole.edgeSample(share: 0, seed: 0, number: 0)
    #expect(none.nodes == 40 && none.columns.isEmpty && none.degrees.allSatisfy { $0 == 0 })
  }
}
