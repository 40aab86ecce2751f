import Clustering
import Foundation
import Lanes
import Testing

@Suite struct GraphTests {
  /// The graph of random points around `blobs` centres, by brute force.
  private func graph(nodes: Int, blobs: Int, spread: Double, neighbours: Int = 10) -> NeighbourGraph {
    var random = CounterRandom(seed: 11, purpose: .kmeans, epoch: blobs)
    let centres = (0..<blobs).map { _ in (random.normal() * 6, random.normal() * 6) }
    return graph(
      of: (0..<nodes).map { node in
        let centre = centres[node % blobs]
        return [centre.0 + spread * random.normal(), centre.1 + spread * random.normal()]
      }, neighbours: neighbours)
  }

  /// The graph of `points`, by brute force.
  private func graph(of points: [[Double]], neighbours: Int) -> NeighbourGraph {
    var images: [Int32] = []
    var distances: [Float] = []
    for (node, point) in points.enumerated() {
      var all: [(distance: Float, image: Int32)] = []
      for (other, place) in points.enumerated() where other != node {
        var distance = 0.0
        for (a, b) in zip(point, place) { distance += (a - b) * (a - b) }
        all.append((Float(distance), Int32(other)))
      }
      for (distance, other) in all.sorted(by: { $0 < $1 }).prefix(neighbours) {
        images.append(other)
        distances.append(distance)
      }
    }
    return NeighbourGraph(nodes: points.count, count: neighbours, images: images, distances: distances)
  }

  @Test("the graph is symmetric, without loops, and its degrees are its row sums")
  func symmetric() {
    let graph = graph(nodes: 200, blobs: 4, spread: 1)
    var weights: [[Int32]: Float] = [:]
    for node in 0..<200 {
      var sum = 0.0
      for entry in graph.starts[node]..<graph.starts[node + 1] {
        #expect(graph.columns[entry] != Int32(node))
        weights[[Int32(node), graph.columns[entry]]] = graph.weights[entry]
        sum += Double(graph.weights[entry])
      }
      #expect(abs(sum - graph.degrees[node]) < 1e-6)
    }
    #expect(weights.count == graph.columns.count)
    #expect(weights.allSatisfy { weights[[$0.key[1], $0.key[0]]] == $0.value })
  }

  @Test("cut and modularity of two joined triangles by hand")
  func quality() {
    // 0-1-2 and 3-4-5 are triangles, 2-3 joins them; all distances equal, so that all weights are exp(−1).
    let images: [Int32] = [1, 2, 0, 2, 0, 1, 4, 5, 3, 5, 3, 4, 3, 2].map { $0 }
    let plain = NeighbourGraph(
      nodes: 6, count: 2, images: Array(images.prefix(12)), distances: Array(repeating: 1, count: 12))
    let apart = plain.quality([0, 0, 0, 1, 1, 1], clusters: 2)
    #expect(abs(apart.cut) < 1e-6 && abs(apart.modularity - 0.5) < 1e-6)
    let wrong = plain.quality([0, 0, 1, 1, 1, 1], clusters: 2)
    // Volumes 4 and 8 (times exp(−1)), 2 and 6 of them within.
    #expect(abs(wrong.cut - (0.5 + 0.25)) < 1e-6)
    #expect(abs(wrong.modularity - (8.0 / 12 - (16.0 + 64) / 144)) < 1e-6)
    let one = plain.quality([0, 0, 0, 0, 0, 0], clusters: 2)
    #expect(abs(one.modularity) < 1e-6)
  }

  @Test(
    "subspace iteration finds LAPACK's eigenvalues and eigenspaces",
    arguments: [(3, 0.8), (7, 0.3), (12, 2.0)])
  func eigenvectors(blobs: Int, spread: Double) {
    let (nodes, count) = (700, 14)
    let graph = graph(nodes: nodes, blobs: blobs, spread: spread)
    let dense = SpectralBasis(dense: graph, count: count)
    let found = SpectralBasis(iterating: graph, count: count, seed: 1)
    #expect(found.residual < 1e-4)
    for (a, b) in zip(dense.values, found.values) { #expect(abs(a - b) < 1e-5) }
    // Eigenvectors of close eigenvalues may mix: compare the spaces up to the widest gap instead.
    let gaps = (4..<count).map { (dense.values[$0 - 1] - dense.values[$0], $0) }
    let dimension = gaps.max { $0.0 < $1.0 }!.1
    for vector in 0..<dimension {
      var length = 0.0
      for other in 0..<dimension {
        let product = (0..<nodes).reduce(0.0) {
          $0 + Double(found.vectors[$1 * count + vector]) * Double(dense.vectors[$1 * count + other])
        }
        length += product * product
      }
      #expect(abs(length - 1) < 1e-3, "vector \(vector) of \(dimension): \(length)")
    }
  }

  @Test("as many eigenvalues are 1 as the graph has parts")
  func parts() {
    let basis = SpectralBasis(iterating: graph(nodes: 800, blobs: 5, spread: 0.02), count: 8, seed: 2)
    #expect(basis.values.prefix(5).allSatisfy { abs($0 - 1) < 1e-5 }, "\(basis.values)")
    #expect(basis.values[5] < 1 - 1e-4)
  }

  /// What leaves a strong filter few directions in single precision, and what real piles of images hold.
  enum Difficulty: String, CaseIterable {
    case twoFarClusters, allAlike, manyCopiesOfOne, everyImageTwice, fiveOfEach, manyNeighbours
  }

  @Test(
    "graphs of images that are copies of each other, or fall apart, have their eigenvectors, too",
    arguments: Difficulty.allCases)
  func difficult(_ difficulty: Difficulty) {
    let (nodes, count) = (900, 14)
    var random = CounterRandom(seed: 12, purpose: .kmeans)
    let points = (0..<nodes).map { node -> [Double] in
      var place = CounterRandom(seed: 13, purpose: .kmeans, index: node % 10)
      let centre = (0..<5).map { _ in 4 * place.normal() }
      let blob = centre.map { $0 + 0.3 * random.normal() }
      switch difficulty {
      case .twoFarClusters: return blob.indices.map { $0 == 0 ? Double(100 * (node % 2)) : random.normal() }
      case .allAlike: return centre.map { _ in 1 }
      case .manyCopiesOfOne: return node % 10 < 3 ? [0, 0, 0, 0, 0] : blob
      case .everyImageTwice, .fiveOfEach, .manyNeighbours: return blob
      }
    }
    let copies = [.everyImageTwice: 2, .fiveOfEach: 5][difficulty] ?? 1
    let neighbours = difficulty == .manyNeighbours ? 80 : 8
    let graph = graph(of: (0..<nodes).map { points[$0 / copies] }, neighbours: neighbours)
    let dense = SpectralBasis(dense: graph, count: count)
    let found = SpectralBasis(iterating: graph, count: count, seed: 1)
    let isFinite = found.vectors.allSatisfy { $0.isFinite }
    #expect(isFinite)
    #expect(found.residual < 1e-4, "\(found.rounds) rounds")
    for (a, b) in zip(dense.values, found.values) {
      #expect(abs(a - b) < 1e-4, "\(dense.values) \(found.values)")
    }
  }

  /// A ring: its eigenvalues lie ever closer to 1 and to each other, the more nodes it has.
  private func ring(_ nodes: Int) -> NeighbourGraph {
    let steps = [1, -1, 2, -2, 3, -3, 4, -4]
    return NeighbourGraph(
      nodes: nodes, count: steps.count,
      images: (0..<nodes).flatMap { node in steps.map { Int32((node + $0 + nodes) % nodes) } },
      distances: (0..<nodes).flatMap { _ in steps.map { Float($0 * $0) } })
  }

  @Test("where eigenvalues lie close, the iteration goes on until they are there, or says that they are not")
  func tinyGaps() {
    let (nodes, count) = (12_000, 12)
    let graph = ring(nodes)
    let usual = SpectralBasis(graph, count: count, seed: 1, effort: .usual)
    #expect(!usual.converged && usual.rounds == 40 && usual.residual > 1e-5, "\(usual.residual)")
    let found = SpectralBasis(graph, count: count, seed: 1)
    #expect(found.converged && found.rounds > 40 && found.residual < 1e-5)
    // With all weights w(s) of steps s, the eigenvalues are Σ w(s) cos(2πks/n) / Σ w(s).
    let weights = (1...4).map { Foundation.exp(-Double($0 * $0) / 16) }
    for place in 0..<count {
      let wave = Double((place + 1) / 2)
      let value = zip(1..., weights).reduce(0.0) {
        $0 + $1.1 * Foundation.cos(2 * .pi * wave * Double($1.0) / Double(nodes))
      }
      #expect(abs(found.values[place] - value / weights.reduce(0, +)) < 1e-6, "eigenvalue \(place)")
    }
    // Of a small graph the whole matrix is solved instead.
    let small = SpectralBasis(ring(1000), count: count, seed: 1, effort: .init(rounds: 2, moreRounds: 9))
    #expect(small.rounds == 0 && small.converged)
    let given = SpectralBasis(
      iterating: ring(1000), count: count, seed: 1, effort: .init(rounds: 2, moreRounds: 0))
    #expect(given.rounds == 2 && !given.converged)
  }
}
