import Lanes
import MPI

/// A block of vectors, `[nodes][width]`, and its product with the matrix.
struct FilteredBlock: ~Copyable {
  let width: Int
  /// Ritz values, descending.
  private(set) var values: [Double]
  /// How many of the columns, the first ones, are vectors; the others are zero, and have no value.
  private(set) var rank: Int
  private var random: CounterRandom
  private let graph: NeighbourGraph
  private let weights: [Float]
  private var vectors: AlignedBuffer<Float>
  private var previous: AlignedBuffer<Float>
  private var product: AlignedBuffer<Float>

  init(_ graph: NeighbourGraph, width: Int, seed: UInt64) {
    self.graph = graph
    self.width = width
    weights = graph.normalizedWeights
    values = Array(repeating: 0, count: width)
    vectors = AlignedBuffer(count: graph.nodes * width, for: "eigenvectors")
    previous = AlignedBuffer(count: graph.nodes * width, for: "eigenvectors")
    product = AlignedBuffer(count: graph.nodes * width, for: "eigenvectors")
    random = CounterRandom(seed: seed, purpose: .eigenvectors)
    rank = 0
    refill()
  }

  /// The vectors of `other`, and random ones beside them.
  init(_ other: borrowing FilteredBlock, width: Int) {
    graph = other.graph
    weights = other.weights
    self.width = width
    values = Array(repeating: 0, count: width)
    vectors = AlignedBuffer(count: graph.nodes * width, for: "eigenvectors")
    previous = AlignedBuffer(count: graph.nodes * width, for: "eigenvectors")
    product = AlignedBuffer(count: graph.nodes * width, for: "eigenvectors")
    random = other.random
    rank = other.rank
    for row in 0..<graph.nodes {
      (vectors.base + row * width).update(from: other.row(row), count: rank)
    }
    refill()
  }

  /// New random vectors in place of those that are missing.
  mutating func refill() {
    for row in 0..<graph.nodes {
      Whereabouts.beat()
      for column in rank..<width { vectors.base[row * width + column] = Float(random.uniform() - 0.5) }
    }
    rank = width
  }

  func row(_ node: Int) -> UnsafePointer<Float> { UnsafePointer(vectors.base + node * width) }

  /// vectors ← T(vectors), T the Chebyshev polynomial that stays within ±1 on the spectrum from −1 to `cutoff`.
  mutating func filter(degree: Int, cutoff: Double) {
    let centre = (cutoff - 1) / 2
    let half = (cutoff + 1) / 2
    swap(&previous, &vectors)
    multiply(previous, to: vectors, factor: 1 / half, shift: centre, subtracting: nil)
    for _ in 1..<degree {
      multiply(vectors, to: previous, factor: 2 / half, shift: centre, subtracting: previous.base)
      swap(&previous, &vectors)
    }
  }

  /// to = factor·(A − shift)·from − subtracting, row by row; `subtracting` may be `to`.
  private func multiply(
    _ from: borrowing AlignedBuffer<Float>, to: borrowing AlignedBuffer<Float>, factor: Double, shift: Double,
    subtracting: UnsafePointer<Float>?
  ) {
    let vectorsPerRow = width / laneCount
    let source = UnsafeRawPointer(from.base).assumingMemoryBound(to: LaneVector.self)
    let target = UnsafeMutableRawPointer(to.base).assumingMemoryBound(to: LaneVector.self)
    let other = subtracting.map { UnsafeRawPointer($0).assumingMemoryBound(to: LaneVector.self) }
    let scale = LaneVector(repeating: Float(factor))
    let back = LaneVector(repeating: Float(-shift))
    graph.columns.withUnsafeBufferPointer { columns in
      weights.withUnsafeBufferPointer { weights in
        for row in 0..<graph.nodes {
          Whereabouts.beat()
          let entries = graph.starts[row]..<graph.starts[row + 1]
          for part in 0..<vectorsPerRow {
            var sum = source[row &* vectorsPerRow &+ part] * back
            for entry in entries {
              let column = Int(columns[entry]) &* vectorsPerRow &+ part
              sum = sum.addingProduct(source[column], LaneVector(repeating: weights[entry]))
            }
            sum *= scale
            if let other { sum -= other[row &* vectorsPerRow &+ part] }
            target[row &* vectorsPerRow &+ part] = sum
          }
        }
      }
    }
  }

  /// Rayleigh and Ritz: vectors ← the eigenvectors of A within the span of the block; `product` ← A·vectors.
  mutating func diagonalize() {
    normalizeColumns()
    multiply(vectors, to: product, factor: 1, shift: 0, subtracting: nil)
    let gram = innerProducts(vectors, vectors)
    let (lengths, directions) = symmetricEigen(gram, size: width)
    // Directions that the block does not really have are left out.
    let floor = 1e-7 * (lengths.last ?? 0)
    let kept = lengths.indices.filter { lengths[$0] > floor }
    rank = kept.count
    let basis = kept.map { index in
      (0..<width).map { directions[index * width + $0] / lengths[index].squareRoot() }
    }
    let projected = innerProducts(vectors, product)
    var small = [Double](repeating: 0, count: kept.count * kept.count)
    for (i, left) in basis.enumerated() {
      let half = (0..<width).map { column in
        (0..<width).reduce(0) { $0 + left[$1] * projected[$1 * width + column] }
      }
      for (j, right) in basis.enumerated() {
        small[i * kept.count + j] = zip(half, right).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    for i in kept.indices {
      for j in 0..<i {
        let mean = (small[i * kept.count + j] + small[j * kept.count + i]) / 2
        (small[i * kept.count + j], small[j * kept.count + i]) = (mean, mean)
      }
    }
    let (ritz, mixtures) = symmetricEigen(small, size: kept.count)
    // Columns of the change in the lanes, a group for 16 of them: `[width / 16][width]`.
    let mixture = AlignedBuffer<LaneVector>(count: width / laneCount * width)
    values = Array(repeating: -1, count: width)
    for place in kept.indices {
      let index = kept.count - 1 - place
      values[place] = ritz[index]
      for old in 0..<width {
        let value = kept.indices.reduce(0.0) { $0 + mixtures[index * kept.count + $1] * basis[$1][old] }
        mixture.base[place / laneCount * width + old][place % laneCount] = Float(value)
      }
    }
    multiply(vectors, by: mixture, to: previous)
    swap(&previous, &vectors)
    multiply(product, by: mixture, to: previous)
    swap(&previous, &product)
  }

  /// to = block · mixture.
  private func multiply(
    _ block: borrowing AlignedBuffer<Float>, by mixture: borrowing AlignedBuffer<LaneVector>,
    to: borrowing AlignedBuffer<Float>
  ) {
    laneProducts(
      mixture.base, groupCount: width / laneCount, rows: block.base, rowCount: graph.nodes, features: width,
      to: UnsafeMutableRawPointer(to.base).assumingMemoryBound(to: LaneVector.self))
  }

  /// The largest ‖Av − λv‖ of the first `count` vectors.
  func residual(_ count: Int) -> Double {
    var sums = [Double](repeating: 0, count: count)
    for row in 0..<graph.nodes {
      Whereabouts.beat()
      for vector in 0..<count {
        let i = row * width + vector
        let difference = Double(product.base[i]) - values[vector] * Double(vectors.base[i])
        sums[vector] += difference * difference
      }
    }
    return (sums.max() ?? 0).squareRoot()
  }

  private func normalizeColumns() {
    var sums = [Double](repeating: 0, count: width)
    for row in 0..<graph.nodes {
      Whereabouts.beat()
      for column in 0..<width {
        let value = Double(vectors.base[row * width + column])
        sums[column] += value * value
      }
    }
    let factors = sums.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 }
    for row in 0..<graph.nodes {
      for column in 0..<width { vectors.base[row * width + column] *= factors[column] }
    }
  }

  /// aᵀ·b in double precision.
  private func innerProducts(
    _ a: borrowing AlignedBuffer<Float>, _ b: borrowing AlignedBuffer<Float>
  ) -> [Double] {
    let chunk = 512
    let left = AlignedBuffer<Double>(count: chunk * width)
    let right = AlignedBuffer<Double>(count: chunk * width)
    var result = [Double](repeating: 0, count: width * width)
    for first in stride(from: 0, to: graph.nodes, by: chunk) {
      Whereabouts.beat()
      let rows = min(chunk, graph.nodes - first)
      for i in 0..<(rows * width) {
        left.base[i] = Double(a.base[first * width + i])
        right.base[i] = Double(b.base[first * width + i])
      }
      addInnerProducts(left.base, right.base, to: &result, rows: rows, width: width)
    }
    return result
  }
}
