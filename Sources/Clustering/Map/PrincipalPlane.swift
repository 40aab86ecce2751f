import Lanes
import MPI

/// The plane through the mean of some rows along the two leading eigenvectors of their covariance.
package struct PrincipalPlane {
  private let mean: [Double]
  /// Eigenvectors, one behind the other, and where the two begin.
  private let vectors: [Double]
  private let (first, second): (Int, Int)

  /// The plane of `rows`, `[rows][dimensions]`, of which there is one at least; nil where their covariance is not finite.
  package init?(_ rows: UnsafeBufferPointer<Float>, dimensions: Int) {
    let count = rows.count / dimensions
    let chunk = 512
    var mean = [Double](repeating: 0, count: dimensions)
    for row in 0..<count {
      for i in 0..<dimensions { mean[i] += Double(rows[row * dimensions + i]) }
    }
    for i in 0..<dimensions { mean[i] /= Double(count) }
    let differences = AlignedBuffer<Double>(count: chunk * dimensions)
    var products = [Double](repeating: 0, count: dimensions * dimensions)
    for first in stride(from: 0, to: count, by: chunk) {
      Whereabouts.beat()
      let part = min(chunk, count - first)
      for row in 0..<part {
        for i in 0..<dimensions {
          differences.base[row * dimensions + i] = Double(rows[(first + row) * dimensions + i]) - mean[i]
        }
      }
      addInnerProducts(differences.base, differences.base, to: &products, rows: part, width: dimensions)
    }
    guard products.allSatisfy(\.isFinite) else { return nil }
    vectors = symmetricEigen(products, size: dimensions).vectors
    (first, second) = ((dimensions - 1) * dimensions, max(0, dimensions - 2) * dimensions)
    self.mean = mean
  }

  /// The coordinates of `rows`, `[rows][dimensions]`, in the plane, from the mean.
  package func places(_ rows: UnsafeBufferPointer<Float>) -> [SIMD2<Double>] {
    let dimensions = mean.count
    return (0..<(rows.count / dimensions)).map { row in
      var place = SIMD2<Double>.zero
      for i in 0..<dimensions {
        let value = Double(rows[row * dimensions + i]) - mean[i]
        place += value * SIMD2(vectors[first + i], vectors[second + i])
      }
      return place
    }
  }
}
