import Clustering
import Lanes
import Testing

/// Products and eigenvectors that results follow from, against the plain definition.
struct InnerProductTests {
  @Test(
    "the products of rows and lane groups are chains of fused multiply-adds, whatever else is in the call",
    arguments: [(1, 1, 1), (1, 12, 7), (4, 6, 33), (7, 19, 120), (3, 2, 16), (2, 13, 5)])
  func laneGroups(groups: Int, rows: Int, features: Int) {
    var random = CounterRandom(seed: 1, purpose: .eigenvectors)
    let vectors = AlignedBuffer<LaneVector>(count: groups * features)
    for i in 0..<(groups * features * laneCount) { vectors.all.floats[i] = Float(random.normal()) }
    let matrix = (0..<(rows * features)).map { _ in Float(random.normal()) }
    let products = AlignedBuffer<LaneVector>(count: rows * groups)
    laneProducts(
      vectors.base, groupCount: groups, rows: matrix, rowCount: rows, features: features, to: products.base)
    for row in 0..<rows {
      for group in 0..<groups {
        for lane in 0..<laneCount {
          var sum: Float = 0
          for f in 0..<features {
            sum = sum.addingProduct(matrix[row * features + f], vectors.base[group * features + f][lane])
          }
          #expect(products.base[row * groups + group][lane] == sum)
        }
      }
    }
  }

  @Test("sums of products over rows, in double precision", arguments: [1, 3, 8, 13, 32, 45])
  func overRows(width: Int) {
    var random = CounterRandom(seed: 2, purpose: .eigenvectors)
    let rows = 37
    let a = (0..<(rows * width)).map { _ in random.normal() }
    let b = (0..<(rows * width)).map { _ in random.normal() }
    var result = (0..<(width * width)).map { Double($0) }
    addInnerProducts(a, b, to: &result, rows: rows, width: width)
    for i in 0..<width {
      for j in 0..<width {
        var sum = 0.0
        for row in 0..<rows { sum = sum.addingProduct(a[row * width + i], b[row * width + j]) }
        #expect(result[i * width + j] == Double(i * width + j) + sum)
      }
    }
  }

  @Test("eigenvectors of a small matrix")
  func two() {
    let (values, vectors) = symmetricEigen([2, 1, 1, 2], size: 2)
    #expect(zip(values, [1, 3]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(abs(vectors[0] + vectors[1]) < 1e-12 && abs(vectors[2] - vectors[3]) < 1e-12)
    #expect(symmetricEigen([], size: 0).values.isEmpty && symmetricEigen([7], size: 1).vectors == [1])
  }

  @Test(
    "eigenvectors are orthonormal, A v = λ v, and values ascend",
    arguments: [3, 17, 64, 150], ["random", "graph", "zero", "diagonal", "equal", "blocks", "tiny"])
  func eigenvectors(size: Int, kind: String) {
    let matrix = Self.matrix(kind, size)
    let (values, vectors) = symmetricEigen(matrix, size: size)
    let scale = max(matrix.map(abs).max()! * Double(size), .leastNormalMagnitude)
    #expect(values == values.sorted())
    #expect(abs(values.reduce(0, +) - (0..<size).reduce(0) { $0 + matrix[$1 * size + $1] }) < 1e-13 * scale)
    for i in 0..<size {
      let v = vectors[(i * size)..<((i + 1) * size)]
      for row in 0..<size {
        let product = zip(matrix[(row * size)..<((row + 1) * size)], v).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - values[i] * v[v.startIndex + row]) < 1e-13 * scale)
      }
      for j in 0...i {
        let w = vectors[(j * size)..<((j + 1) * size)]
        #expect(abs(zip(v, w).reduce(0) { $0 + $1.0 * $1.1 } - (i == j ? 1 : 0)) < 1e-12)
      }
    }
  }

  private static func matrix(_ kind: String, _ size: Int) -> [Double] {
    var random = CounterRandom(seed: 3, purpose: .eigenvectors)
    var matrix = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0...i {
        let value: Double =
          switch kind {
          case "random": random.normal()
          case "graph": random.uniform() < 0.1 ? 1 : 0
          case "diagonal": i == j ? random.normal() : 0
          case "equal": 1
          case "blocks": i / 3 == j / 3 ? 1 : 0
          case "tiny": i == j ? 1 : 1e-9 * random.normal()
          default: 0
          }
        (matrix[i * size + j], matrix[j * size + i]) = (value, value)
      }
    }
    return matrix
  }
}
