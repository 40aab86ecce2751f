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

  /// The weights of all pairs of nodes.
  private func matrix(_ graph: NeighbourGraph) -> [[Double]] {
    var rows = Array(repeating: Array(repeating: 0.0, count: graph.nodes), count: graph.nodes)
    for node in 0..<graph.nodes {
      for entry in graph.starts[node]..<graph.starts[node + 1] {
        rows[node][Int(graph.columns[entry])] = Double(graph.weights[entry])
      }
    }
    return rows
  }

  /// The graph that has these weights, of which those above 0 are edges.
  private func graph(ofMatrix rows: [[Double]]) -> NeighbourGraph {
    var (starts, columns, weights) = ([0], [Int32](), [Float]())
    for row in rows {
      for (column, weight) in row.enumerated() where weight > 0 {
        columns.append(Int32(column))
        weights.append(Float(weight))
      }
      starts.append(columns.count)
    }
    return NeighbourGraph(starts: starts, columns: columns, weights: weights)
  }

  @Test("graphs agree on the edges that two of them have; of two graphs it is the mean")
  func agreement() {
    let graphs = [3, 5, 8].map { graph(nodes: 90, blobs: 3, spread: 2, neighbours: $0) }
    let others = (0..<3).map { number in
      graph(nodes: 90, blobs: 3, spread: 1 + Double(number), neighbours: 4)
    }
    for graphs in [graphs, others, graphs + others] {
      let weights = graphs.map(matrix)
      let found = matrix(NeighbourGraph(agreementOf: graphs))
      let two = matrix(NeighbourGraph(agreementOf: Array(graphs.prefix(2))))
      for i in 0..<90 {
        for j in 0..<90 {
          var (products, sum) = (0.0, 0.0)
          for a in weights.indices {
            sum += weights[a][i][j]
            for b in 0..<a { products += weights[a][i][j] * weights[b][i][j] }
          }
          let expected = products.squareRoot() + 0.001 * sum / Double(graphs.count)
          #expect(abs(found[i][j] - expected) < 1e-5)
          #expect(abs(two[i][j] - (weights[0][i][j] + weights[1][i][j]) / 2) < 1e-6)
          #expect(found[i][j] == found[j][i])
        }
      }
    }
    #expect(matrix(NeighbourGraph(agreementOf: [graphs[0]])) == matrix(graphs[0]))
  }

  @Test(
    "the average over neighbours is (1 − λ) X + λ D⁻¹A X; a node without edges keeps its row",
    arguments: [0, 0.5, 0.9, 1])
  func average(weight: Double) {
    let (nodes, columns) = (37, 5)
    var all = matrix(graph(nodes: nodes, blobs: 3, spread: 2, neighbours: 4))
    for other in 0..<nodes { (all[7][other], all[other][7]) = (0, 0) }
    let graph = graph(ofMatrix: all)
    var random = CounterRandom(seed: 3, purpose: .kmeans)
    let rows = (0..<nodes).map { _ in (0..<columns).map { _ in Double(Float(random.uniform())) } }
    let lanes = AlignedBuffer<LaneVector>(count: (nodes + 15) / 16 * columns)
    for group in 0..<lanes.count { lanes.base[group] = .zero }
    for (node, row) in rows.enumerated() {
      for (column, value) in row.enumerated() {
        lanes.base[node / 16 * columns + column][node % 16] = Float(value)
      }
    }
    graph.average(lanes.base, columns: columns, weight: Float(weight))
    for node in 0..<nodes {
      let degree = all[node].reduce(0, +)
      for column in 0..<columns {
        let mean = (0..<nodes).reduce(0.0) { $0 + all[node][$1] * rows[$1][column] } / degree
        let expected = degree > 0 ? (1 - weight) * rows[node][column] + weight * mean : rows[node][column]
        #expect(abs(Double(lanes.base[node / 16 * columns + column][node % 16]) - expected) < 1e-5)
      }
    }
    // Lanes without an image are left alone.
    for column in 0..<columns { #expect(lanes.base[2 * columns + column][15] == 0) }
  }

  @Test("parts of the same blob are merged, however many images each has; empty parts count for nothing")
  func merging() {
    // Blobs of 150, 12 and 12 points; the first is cut in five parts, the others in one each; parts 3 and 8 are empty.
    var random = CounterRandom(seed: 5, purpose: .kmeans)
    var (points, parts, blobs) = ([[Double]](), [Int32](), [Int]())
    for (blob, size) in [150, 12, 12].enumerated() {
      for number in 0..<size {
        let place = blob == 0 ? 4 * Double(number) / 150 : 0
        points.append([20 * Double(blob) + place, 0.3 * random.normal(), 0.3 * random.normal()])
        parts.append(blob == 0 ? [0, 1, 2, 4, 5][number / 30] : Int32(5 + blob))
        blobs.append(blob)
      }
    }
    // Some edges lead from blob to blob.
    let graph = NeighbourGraph(
      agreementOf: [
        graph(of: points, neighbours: 6), graph(of: points, neighbours: 11),
        graph(of: points, neighbours: 14),
      ])
    let merged = graph.merging(parts, parts: 9, into: 3, by: .average)
    #expect(merged.count == 9 && merged.allSatisfy { (0..<3).contains($0) })
    let clusters = parts.map { merged[Int($0)] }
    #expect(PartitionMetrics(assignments: clusters, labels: blobs.map { Int32($0) }).accuracy == 1)
    // Nothing to merge: other numbers, the same parts.
    let same = graph.merging(parts, parts: 9, into: 7, by: .average)
    #expect(Set([0, 1, 2, 4, 5, 6, 7].map { same[$0] }).count == 7)
    #expect(Set(graph.merging(parts, parts: 9, into: 1, by: .root)) == [0])
  }

  @Test(
    "merging does what looking at all pairs in every step does, also with equal links",
    arguments: PartLink.allCases,
    [2, 3, 17])
  func mergingNaively(link: PartLink, into clusters: Int) {
    var random = CounterRandom(seed: 8, purpose: .kmeans)
    let (nodes, parts) = (90, 30)
    // Few different weights, so that many links are equally strong.
    var weights = [[Double]](repeating: Array(repeating: 0, count: nodes), count: nodes)
    for _ in 0..<300 {
      let (a, b) = (Int(random.next() % UInt64(nodes)), Int(random.next() % UInt64(nodes)))
      let weight = Double(1 + random.next() % 2)
      (weights[a][b], weights[b][a]) = (weight, weight)
    }
    let graph = graph(ofMatrix: weights)
    let assignments = (0..<nodes).map { _ in Int32(random.next() % UInt64(parts)) }
    let merged = graph.merging(assignments, parts: parts, into: clusters, by: link)

    // A part is the list of those that have been merged into it; volumes and weights are counted anew for every pair.
    var groups = (0..<parts).map { [$0] }.filter { group in
      assignments.indices.contains { Int(assignments[$0]) == group[0] && graph.degrees[$0] > 0 }
    }
    func total(_ some: [Int], _ others: [Int]) -> Double {
      var sum = 0.0
      for a in 0..<nodes where some.contains(Int(assignments[a])) {
        for b in 0..<nodes where others.contains(Int(assignments[b])) { sum += weights[a][b] }
      }
      return sum
    }
    while groups.count > clusters {
      var best = (strength: -1.0, first: 0, second: 0)
      let volumes = groups.map { total($0, Array(0..<parts)) }
      for first in groups.indices {
        for second in (first + 1)..<max(first + 1, groups.count) {
          let product = volumes[first] * volumes[second]
          let weight = total(groups[first], groups[second])
          let strength = link == .average ? weight / product : weight / product.squareRoot()
          if strength > best.strength { best = (strength, first, second) }
        }
      }
      let second = groups.remove(at: best.second)
      groups[best.first] += second
    }
    for group in groups { #expect(Set(group.map { merged[$0] }).count == 1, "\(group)") }
    #expect(Set(groups.map { merged[$0[0]] }).count == clusters)
  }

  @Test("the average link merges small parts first, the root link those that share most of their weight")
  func links() {
    // Four parts of one node each, of volumes 100, 100, 10 and 10: 0 and 1 share 30, 2 and 3 share 2.
    let graph = NeighbourGraph(
      starts: [0, 2, 4, 6, 8], columns: [0, 1, 0, 1, 2, 3, 2, 3], weights: [70, 30, 30, 70, 8, 2, 2, 8])
    func pairs(_ link: PartLink) -> Set<Int> {
      let merged = graph.merging([0, 1, 2, 3], parts: 4, into: 3, by: link)
      return Set((0..<4).filter { part in merged.filter { $0 == merged[part] }.count == 2 })
    }
    #expect(pairs(.average) == [2, 3] && pairs(.root) == [0, 1])
  }

  @Test("of the partitions the even one is taken, unless an uneven one cuts far less")
  func choice() {
    func quality(_ cut: Double, _ entropy: Double, _ modularity: Double) -> PartitionQuality {
      PartitionQuality(cut: cut, entropy: entropy, modularity: modularity)
    }
    let (even, worse) = (quality(0.04, 2.3, 0.86), quality(0.05, 2.29, 0.85))
    let (little, less) = (quality(0.03, 2, 0.84), quality(0.02, 1.9, 0.8))
    func best(_ partitions: [PartitionQuality]) -> Int {
      PartitionChoice.best(partitions.map { ($0, .average) }, clusters: 10)
    }
    #expect(best([worse, even]) == 1)
    #expect(best([even, even, worse]) == 0)
    // It cuts less, but not by far.
    #expect(best([worse, little, even]) == 2)
    #expect(best([even, worse, little, less]) == 3)
    // It cuts far less, but its clusters are about as even.
    #expect(best([even, quality(0.005, 2.2, 0.85)]) == 0)
    // All in one cluster cut nothing, and say nothing.
    #expect(best([even, worse, less, quality(0, 0.1, 0.02)]) == 2)
    // Where the one in force is uneven, that need not be shown again, and the better uneven one takes its place.
    let partitions = [even, little, quality(0.035, 1.9, 0.83), worse]
    func best(inForce: Int) -> Int {
      let links = partitions.indices.map { $0 == inForce ? nil : PartLink.average }
      return PartitionChoice.best(Array(zip(partitions, links)), clusters: 10)
    }
    #expect(best(partitions) == 0 && (0..<4).map(best(inForce:)) == [0, 1, 1, 0])
    // Even ones are those of the average link.
    #expect(PartitionChoice.best([(even, .root), (worse, .average)], clusters: 10) == 1)
    #expect(PartitionChoice.best([(even, .average), (less, .root)], clusters: 10) == 1)
  }

  @Test("clusters are uneven where their sizes have the entropy of fewer than .8 K equal ones")
  func uneven() {
    #expect(!PartitionChoice.isUneven([100, 90, 110]))
    #expect(PartitionChoice.isUneven([250, 13, 0, 13]))
    // Of four equal ones of five, e^H is .8 K, but for rounding.
    #expect(!PartitionChoice.isUneven([25, 25, 25, 25, 1]))
    #expect(PartitionChoice.isUneven([26, 25, 24, 25, 0]))
  }

  @Test("cut, entropy and modularity of two joined triangles by hand")
  func quality() {
    // 0-1-2 and 3-4-5 are triangles, 2-3 joins them; all distances equal, so that all weights are exp(−1).
    let images: [Int32] = [1, 2, 0, 2, 0, 1, 4, 5, 3, 5, 3, 4, 3, 2].map { $0 }
    let plain = NeighbourGraph(
      nodes: 6, count: 2, images: Array(images.prefix(12)), distances: Array(repeating: 1, count: 12))
    let apart = plain.quality([0, 0, 0, 1, 1, 1], clusters: 2)
    #expect(abs(apart.cut) < 1e-6 && abs(apart.modularity - 0.5) < 1e-6)
    let wrong = plain.quality([0, 0, 1, 1, 1, 1], clusters: 2)
    // Volumes 4 and 8 (times exp(−1)), 2 and 6 of them within.
    #expect(abs(wrong.cut - 4.0 / 12) < 1e-6)
    #expect(abs(wrong.entropy - (log(3.0) / 3 + 2 * log(1.5) / 3)) < 1e-6)
    #expect(abs(apart.entropy - log(2.0)) < 1e-6)
    #expect(abs(wrong.modularity - (8.0 / 12 - (16.0 + 64) / 144)) < 1e-6)
    let one = plain.quality([0, 0, 0, 0, 0, 0], clusters: 2)
    #expect(abs(one.modularity) < 1e-6)
  }

  @Test(
    "subspace iteration finds LAPACK's eigenvalues and eigenspaces",
    arguments: [(3, 0.8), (7, 0.3), (12, 2.0)])
  func eigenvectors(blobs: Int, spread: Double) throws {
    let (nodes, count) = (700, 14)
    let graph = graph(nodes: nodes, blobs: blobs, spread: spread)
    let dense = SpectralBasis(dense: graph, count: count)
    let found = try SpectralBasis(iterating: graph, nodes: nodes, count: count, seed: 1)
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
  func parts() throws {
    let basis = try SpectralBasis(
      iterating: graph(nodes: 800, blobs: 5, spread: 0.02), nodes: 800, count: 8, seed: 2)
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
  func difficult(_ difficulty: Difficulty) throws {
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
    let found = try SpectralBasis(iterating: graph, nodes: nodes, count: count, seed: 1)
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
  func tinyGaps() throws {
    let (nodes, count) = (12_000, 12)
    let graph = ring(nodes)
    let usual = try SpectralBasis(graph, nodes: nodes, count: count, seed: 1, effort: .usual)
    #expect(!usual.converged && usual.rounds == 40 && usual.residual > 1e-5, "\(usual.residual)")
    let found = try SpectralBasis(graph, nodes: nodes, count: count, seed: 1)
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
    let small = try SpectralBasis(
      ring(1000), nodes: 1000, count: count, seed: 1, effort: .init(rounds: 2, moreRounds: 9))
    #expect(small.rounds == 0 && small.converged)
    let given = try SpectralBasis(
      iterating: ring(1000), nodes: 1000, count: count, seed: 1, effort: .init(rounds: 2, moreRounds: 0))
    #expect(given.rounds == 2 && !given.converged)
  }
}
