import Lanes
import MPI

/// The eigenvalues of a symmetric matrix, ascending, and its eigenvectors as rows.
///
/// Householder reflections to a tridiagonal matrix, then implicit QL (Golub and Van Loan, *Matrix Computations*, 8.3): a fixed order of
/// operations, so that the bits depend on the matrix alone. LAPACK's depend on the kernels that its BLAS takes on a CPU.
///
/// - Parameters:
///   - matrix: `[size][size]`, finite
///   - size: rows and columns
/// - Returns: `[size]`, and `[size][size]`, row i belonging to value i.
/// - Complexity: some 10·size³ operations.
package func symmetricEigen(_ matrix: [Double], size: Int) -> (values: [Double], vectors: [Double]) {
  precondition(matrix.count == size * size)
  guard size > 0 else { return ([], []) }
  var work = TridiagonalEigen(matrix, size: size)
  work.reduce()
  work.accumulate()
  work.iterate()
  return work.sorted
}

/// A symmetric matrix on its way to its eigenvectors.
private struct TridiagonalEigen: ~Copyable {
  private let size: Int
  /// The largest number of the matrix, by which it is divided, so that no square vanishes.
  private let scale: Double
  /// The matrix, and behind the diagonal, row by row, the reflections.
  private let matrix: AlignedBuffer<Double>
  /// The eigenvectors as rows.
  private let vectors: AlignedBuffer<Double>
  /// The diagonal, later the eigenvalues; and what is beside it, `beside[i]` between i and i + 1.
  private var diagonal, beside: [Double]
  /// 2 / (v·v) of every reflection; zero where there is none.
  private var factors: [Double]

  init(_ values: [Double], size: Int) {
    self.size = size
    matrix = AlignedBuffer(count: size * size, for: "an eigenproblem")
    vectors = AlignedBuffer(count: size * size, for: "an eigenproblem")
    scale = values.reduce(.leastNormalMagnitude) { max($0, abs($1)) }
    for (place, value) in values.enumerated() { matrix.base[place] = value / scale }
    (diagonal, beside) = (Array(repeating: 0, count: size), Array(repeating: 0, count: size))
    factors = Array(repeating: 0, count: size)
  }

  private func row(_ number: Int) -> UnsafeMutablePointer<Double> { matrix.base + number * size }
  private func vector(_ number: Int) -> UnsafeMutablePointer<Double> { vectors.base + number * size }

  /// A ← H A H, reflection after reflection, until it is tridiagonal.
  mutating func reduce() {
    let products = AlignedBuffer<Double>(count: size)
    for k in 0..<max(0, size - 1) {
      Whereabouts.beat()
      diagonal[k] = row(k)[k]
      let count = size - k - 1
      let v = row(k) + k + 1
      // All but the first are zero, or nothing beside the rounding of the others: there is nothing to be done.
      guard dot(v + 1, v + 1, count - 1) > Self.negligible else {
        beside[k] = v[0]
        continue
      }
      let length = dot(v, v, count).squareRoot()
      let end = v[0] > 0 ? -length : length
      beside[k] = end
      v[0] -= end
      let factor = 2 / dot(v, v, count)
      factors[k] = factor
      // A − v wᵀ − w vᵀ with w = factor·A v − (factor²/2)(vᵀA v) v.
      let w = products.base
      for i in 0..<count { w[i] = factor * dot(row(k + 1 + i) + k + 1, v, count) }
      add(-factor / 2 * dot(w, v, count), v, to: w, count)
      for i in 0..<count { add(-v[i], w, -w[i], v, to: row(k + 1 + i) + k + 1, count) }
    }
    diagonal[size - 1] = row(size - 1)[size - 1]
  }

  private static let negligible = 0x1p-112

  /// The product of all reflections, transposed.
  func accumulate() {
    for i in 0..<size { vector(i)[i] = 1 }
    for k in (0..<max(0, size - 1)).reversed() where factors[k] != 0 {
      Whereabouts.beat()
      let count = size - k - 1
      let v = row(k) + k + 1
      for i in (k + 1)..<size {
        let part = vector(i) + k + 1
        add(-factors[k] * dot(part, v, count), v, to: part, count)
      }
    }
  }

  /// QL steps with implicit shifts until nothing is left beside the diagonal; every rotation turns two eigenvectors.
  mutating func iterate() {
    var (shift, largest) = (0.0, 0.0)
    for l in 0..<size {
      Whereabouts.beat()
      largest = max(largest, abs(diagonal[l]) + abs(beside[l]))
      var m = l
      while m < size - 1, abs(beside[m]) > .ulpOfOne * largest { m += 1 }
      if m > l {
        var rounds = 0
        repeat {
          shift += step(l, m)
          rounds += 1
        } while abs(beside[l]) > .ulpOfOne * largest && rounds < Self.mostRounds
      }
      diagonal[l] += shift
      beside[l] = 0
    }
  }

  /// Some three are usual.
  private static let mostRounds = 100

  /// One QL step on the rows l ... m; what the diagonal from l on was lowered by.
  private mutating func step(_ l: Int, _ m: Int) -> Double {
    let first = diagonal[l]
    let ratio = (diagonal[l + 1] - first) / (2 * beside[l])
    let root = (ratio * ratio + 1).squareRoot()
    let sum = ratio < 0 ? ratio - root : ratio + root
    diagonal[l] = beside[l] / sum
    diagonal[l + 1] = beside[l] * sum
    let next = diagonal[l + 1]
    let shift = first - diagonal[l]
    for i in (l + 2)..<max(size, l + 2) { diagonal[i] -= shift }
    var p = diagonal[m]
    var (c, c2, c3) = (1.0, 1.0, 1.0)
    var (s, s2) = (0.0, 0.0)
    let nextBeside = beside[l + 1]
    for i in (l..<m).reversed() {
      (c3, c2, s2) = (c2, c, s)
      let (g, h) = (c * beside[i], c * p)
      let r = (p * p + beside[i] * beside[i]).squareRoot()
      beside[i + 1] = s * r
      s = r > 0 ? beside[i] / r : 0
      c = r > 0 ? p / r : 1
      p = c * diagonal[i] - s * g
      diagonal[i + 1] = h + s * (c * g + s * diagonal[i])
      rotate(vector(i), vector(i + 1), cosine: c, sine: s, size)
    }
    p = -s * s2 * c3 * nextBeside * beside[l] / next
    beside[l] = s * p
    diagonal[l] = c * p
    return shift
  }

  /// The results, ascending by value.
  var sorted: (values: [Double], vectors: [Double]) {
    let order = diagonal.indices.sorted { (diagonal[$0], $0) < (diagonal[$1], $1) }
    let rows = order.flatMap { Array(UnsafeBufferPointer(start: vector($0), count: size)) }
    return (order.map { scale * diagonal[$0] }, rows)
  }
}

private typealias Doubles = SIMD8<Double>

@inline(__always)
private func load(_ from: UnsafePointer<Double>) -> Doubles {
  UnsafeRawPointer(from).loadUnaligned(as: Doubles.self)
}

@inline(__always)
private func store(_ value: Doubles, _ to: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(to).storeBytes(of: value, as: Doubles.self)
}

/// Σ a·b, in 32 partial sums.
private func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
  var sums = InlineArray<4, Doubles>(repeating: .zero)
  var i = 0
  while i &+ 32 <= count {
    for part in 0..<4 {
      sums[part] = sums[part].addingProduct(load(a + (i &+ part &* 8)), load(b + (i &+ part &* 8)))
    }
    i &+= 32
  }
  while i &+ 8 <= count {
    sums[0] = sums[0].addingProduct(load(a + i), load(b + i))
    i &+= 8
  }
  var sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum()
  while i < count {
    sum = sum.addingProduct(a[i], b[i])
    i &+= 1
  }
  return sum
}

/// y ← y + factor·x
private func add(
  _ factor: Double, _ x: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>, _ count: Int
) {
  var i = 0
  while i &+ 8 <= count {
    store(load(y + i).addingProduct(load(x + i), Doubles(repeating: factor)), y + i)
    i &+= 8
  }
  while i < count {
    y[i] = y[i].addingProduct(x[i], factor)
    i &+= 1
  }
}

/// z ← z + a·x + b·y
private func add(
  _ a: Double, _ x: UnsafePointer<Double>, _ b: Double, _ y: UnsafePointer<Double>,
  to z: UnsafeMutablePointer<Double>, _ count: Int
) {
  var i = 0
  while i &+ 8 <= count {
    let sum = load(z + i).addingProduct(load(x + i), Doubles(repeating: a))
    store(sum.addingProduct(load(y + i), Doubles(repeating: b)), z + i)
    i &+= 8
  }
  while i < count {
    z[i] = z[i].addingProduct(x[i], a).addingProduct(y[i], b)
    i &+= 1
  }
}

/// Turns two rows: (x, y) ← (c·x − s·y, s·x + c·y).
private func rotate(
  _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, cosine: Double, sine: Double,
  _ count: Int
) {
  let (c, s) = (Doubles(repeating: cosine), Doubles(repeating: sine))
  var i = 0
  while i &+ 8 <= count {
    let (a, b) = (load(x + i), load(y + i))
    store((c * a).addingProduct(-s, b), x + i)
    store((s * a).addingProduct(c, b), y + i)
    i &+= 8
  }
  while i < count {
    let (a, b) = (x[i], y[i])
    x[i] = (cosine * a).addingProduct(-sine, b)
    y[i] = (sine * a).addingProduct(cosine, b)
    i &+= 1
  }
}
