import Lanes
import MPI

/// A neighbour graph's normalised adjacency, in memory that the ranks of a team share.
struct SharedMatrix {
  let nodes: Int
  /// The entries of row i are `starts[i]..<starts[i + 1]`.
  let starts: UnsafePointer<Int>
  let columns: UnsafePointer<Int32>
  let weights: UnsafePointer<Float>

  /// The matrix of `graph`, which rank 0 of the team has. **Collective** over the team.
  init(_ graph: NeighbourGraph?, nodes: Int, _ memory: TeamMemory, _ team: NodeTeam?) throws {
    let entries = try team?.broadcast(graph?.columns.count ?? 0) ?? graph!.columns.count
    let starts = try memory.array(nodes + 1, of: Int.self, for: "the neighbour graph")
    let columns = try memory.array(entries, of: Int32.self, for: "the neighbour graph")
    let weights = try memory.array(entries, of: Float.self, for: "the neighbour graph")
    if let graph {
      starts.update(from: graph.starts, count: nodes + 1)
      columns.update(from: graph.columns, count: entries)
      weights.update(from: graph.normalizedWeights, count: entries)
    }
    team?.meet()
    (self.nodes, self.starts, self.columns, self.weights) = (
      nodes, UnsafePointer(starts), UnsafePointer(columns), UnsafePointer(weights)
    )
  }
}

/// A block of vectors, `[nodes][width]`, and its product with the matrix. The ranks of a team have one together: each works on its own rows,
/// columns or lines, and every sum is formed by one of them in a fixed order. All calls are **collective** over the team.
struct FilteredBlock: ~Copyable {
  let width: Int
  /// Ritz values, descending.
  private(set) var values: [Double]
  /// How many of the columns, the first ones, are vectors; the others are zero, and have no value.
  private(set) var rank: Int
  private var random: CounterRandom
  private let matrix: SharedMatrix
  private let team: NodeTeam?
  /// This rank's rows.
  private let rows: Range<Int>
  private var vectors: UnsafeMutablePointer<Float>
  private var previous: UnsafeMutablePointer<Float>
  private let product: UnsafeMutablePointer<Float>
  /// `[width]`, and `[width][width]`.
  private let sums, squares: UnsafeMutablePointer<Double>

  /// Random vectors.
  init(_ matrix: SharedMatrix, width: Int, seed: UInt64, _ memory: TeamMemory, _ team: NodeTeam?) throws {
    try self.init(
      matrix, width: width, CounterRandom(seed: seed, purpose: .eigenvectors), rank: 0, memory, team)
    refill()
  }

  /// The vectors of `other`, and random ones beside them.
  init(_ other: borrowing FilteredBlock, width: Int, _ memory: TeamMemory) throws {
    try self.init(other.matrix, width: width, other.random, rank: other.rank, memory, other.team)
    for row in rows { (vectors + row * width).update(from: other.row(row), count: rank) }
    refill()
  }

  private init(
    _ matrix: SharedMatrix, width: Int, _ random: CounterRandom, rank: Int, _ memory: TeamMemory,
    _ team: NodeTeam?
  ) throws {
    let blocks = try (0..<3).map { _ in
      try memory.array(matrix.nodes * width, of: Float.self, for: "eigenvectors")
    }
    let doubles = try memory.array(width * (1 + width), of: Double.self, for: "eigenvectors")
    (self.matrix, self.width, self.random, self.rank, self.team) = (matrix, width, random, rank, team)
    values = Array(repeating: 0, count: width)
    rows = team?.share(of: matrix.nodes) ?? 0..<matrix.nodes
    (vectors, previous, product) = (blocks[0], blocks[1], blocks[2])
    (sums, squares) = (doubles, doubles + width)
  }

  /// Bytes of memory that the largest block of `width` vectors takes, that of a patient search with the one before it, and a little more.
  static func bytes(nodes: Int, width: Int) -> Int {
    3 * nodes * 3 * width * MemoryLayout<Float>.stride + 6 * width * (1 + width) * MemoryLayout<Double>.stride
      + nodes * MemoryLayout<Int>.stride + 1 << 20
  }

  /// New random vectors in place of those that are missing.
  mutating func refill() {
    // One sequence of numbers.
    for row in 0..<matrix.nodes {
      Whereabouts.beat()
      for column in rank..<width {
        let value = Float(random.uniform() - 0.5)
        if rows.contains(row) { vectors[row * width + column] = value }
      }
    }
    rank = width
    team?.meet()
  }

  func row(_ node: Int) -> UnsafePointer<Float> { UnsafePointer(vectors + node * width) }

  /// vectors ← T(vectors), T the Chebyshev polynomial that stays within ±1 on the spectrum from −1 to `cutoff`.
  mutating func filter(degree: Int, cutoff: Double) {
    let centre = (cutoff - 1) / 2
    let half = (cutoff + 1) / 2
    swap(&previous, &vectors)
    multiply(previous, to: vectors, factor: 1 / half, shift: centre, subtracting: nil)
    for _ in 1..<degree {
      multiply(vectors, to: previous, factor: 2 / half, shift: centre, subtracting: previous)
      swap(&previous, &vectors)
    }
  }

  /// to = factor·(A − shift)·from − subtracting, row by row; `subtracting` may be `to`.
  private func multiply(
    _ from: UnsafePointer<Float>, to: UnsafeMutablePointer<Float>, factor: Double, shift: Double,
    subtracting: UnsafePointer<Float>?
  ) {
    let vectorsPerRow = width / laneCount
    let source = UnsafeRawPointer(from).assumingMemoryBound(to: LaneVector.self)
    let target = UnsafeMutableRawPointer(to).assumingMemoryBound(to: LaneVector.self)
    let other = subtracting.map { UnsafeRawPointer($0).assumingMemoryBound(to: LaneVector.self) }
    let scale = LaneVector(repeating: Float(factor))
    let back = LaneVector(repeating: Float(-shift))
    let (starts, columns, weights) = (matrix.starts, matrix.columns, matrix.weights)
    for row in rows {
      Whereabouts.beat()
      for part in 0..<vectorsPerRow {
        var sum = source[row &* vectorsPerRow &+ part] * back
        for entry in starts[row]..<starts[row &+ 1] {
          let column = Int(columns[entry]) &* vectorsPerRow &+ part
          sum = sum.addingProduct(source[column], LaneVector(repeating: weights[entry]))
        }
        sum *= scale
        if let other { sum -= other[row &* vectorsPerRow &+ part] }
        target[row &* vectorsPerRow &+ part] = sum
      }
    }
    team?.meet()
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
    multiply(vectors, by: mixture)
    multiply(product, by: mixture)
    team?.meet()
  }

  /// This rank's rows of block ← block · mixture.
  private func multiply(_ block: UnsafeMutablePointer<Float>, by mixture: borrowing AlignedBuffer<LaneVector>)
  {
    let (own, target) = (block + rows.lowerBound * width, previous + rows.lowerBound * width)
    laneProducts(
      mixture.base, groupCount: width / laneCount, rows: own, rowCount: rows.count, features: width,
      to: UnsafeMutableRawPointer(target).assumingMemoryBound(to: LaneVector.self))
    own.update(from: target, count: rows.count * width)
  }

  /// The largest ‖Av − λv‖ of the first `count` vectors.
  func residual(_ count: Int) -> Double {
    let squares = columnSums(count) { i, column in
      let difference = Double(product[i]) - values[column] * Double(vectors[i])
      return difference * difference
    }
    return (squares.max() ?? 0).squareRoot()
  }

  private func normalizeColumns() {
    let factors = columnSums(width) { i, _ in
      let value = Double(vectors[i])
      return value * value
    }.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 }
    for row in rows {
      for column in 0..<width { vectors[row * width + column] *= factors[column] }
    }
    team?.meet()
  }

  /// The sums over all rows of `value` in the first `count` columns: each by one rank, from the first row to the last.
  ///
  /// - Parameter value: of a place in a block, and its column
  private func columnSums(_ count: Int, _ value: (Int, Int) -> Double) -> [Double] {
    let own = team?.share(of: count) ?? 0..<count
    var found = [Double](repeating: 0, count: own.count)
    for row in 0..<matrix.nodes {
      Whereabouts.beat()
      for column in own { found[column - own.lowerBound] += value(row * width + column, column) }
    }
    (sums + own.lowerBound).update(from: found, count: own.count)
    team?.meet()
    let all = Array(UnsafeBufferPointer(start: sums, count: count))
    // Others may still read.
    team?.meet()
    return all
  }

  /// aᵀ·b in double precision.
  private func innerProducts(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> [Double] {
    let chunk = 512
    let left = AlignedBuffer<Double>(count: chunk * width)
    let right = AlignedBuffer<Double>(count: chunk * width)
    let lines = team?.share(of: width, step: 4) ?? 0..<width
    (squares + lines.lowerBound * width).update(repeating: 0, count: lines.count * width)
    for first in stride(from: 0, to: matrix.nodes, by: chunk) {
      Whereabouts.beat()
      let rows = min(chunk, matrix.nodes - first)
      for i in 0..<(rows * width) {
        left.base[i] = Double(a[first * width + i])
        right.base[i] = Double(b[first * width + i])
      }
      addInnerProducts(left.base, right.base, to: squares, rows: rows, width: width, lines: lines)
    }
    team?.meet()
    let all = Array(UnsafeBufferPointer(start: squares, count: width * width))
    team?.meet()
    return all
  }
}
