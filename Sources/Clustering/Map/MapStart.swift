import Lanes
import MPI

/// Where the images of a map are at first: along their features' two principal components, close together, and none exactly
/// where another one is.
struct MapStart {
  /// `[images]`, finite
  let points: [SIMD2<Float>]

  /// The standard deviation along the axes.
  private static let deviation = 0.01
  /// The random part of it.
  private static let noise = 0.01

  /// - Parameter features: `[images][dimensions]`
  init(features: UnsafeBufferPointer<Float>, dimensions: Int, seed: UInt64) {
    let components = Self.principalComponents(features, dimensions)
    let total = components.reduce(0) { $0 + ($1 * $1).sum() }
    let deviation = (total / Double(2 * components.count)).squareRoot()
    let scale = deviation > 0 && deviation.isFinite ? Self.deviation / deviation : 0
    points = components.enumerated().map { image, place in
      var random = CounterRandom(
        seed: seed, purpose: .map, epoch: MapDraw.start.rawValue, index: image)
      let noise = SIMD2(random.uniform() - 0.5, random.uniform() - 0.5) * (Self.noise * Self.deviation)
      return SIMD2<Float>((scale > 0 ? place * scale : .zero) + noise)
    }
  }

  /// The rows' coordinates along the two leading eigenvectors of their covariance; zeros where that is not finite.
  private static func principalComponents(
    _ features: UnsafeBufferPointer<Float>, _ dimensions: Int
  ) -> [SIMD2<Double>] {
    let images = features.count / dimensions
    let chunk = 512
    var mean = [Double](repeating: 0, count: dimensions)
    for image in 0..<images {
      for i in 0..<dimensions { mean[i] += Double(features[image * dimensions + i]) }
    }
    for i in 0..<dimensions { mean[i] /= Double(images) }
    let rows = AlignedBuffer<Double>(count: chunk * dimensions)
    var products = [Double](repeating: 0, count: dimensions * dimensions)
    for first in stride(from: 0, to: images, by: chunk) {
      Whereabouts.beat()
      let count = min(chunk, images - first)
      for row in 0..<count {
        for i in 0..<dimensions {
          rows.base[row * dimensions + i] = Double(features[(first + row) * dimensions + i]) - mean[i]
        }
      }
      BLAS.addProducts(rows.base, rows.base, to: &products, rows: count, width: dimensions)
    }
    guard products.allSatisfy(\.isFinite) else { return Array(repeating: .zero, count: images) }
    let (_, vectors) = symmetricEigen(products, size: dimensions)
    let (first, second) = ((dimensions - 1) * dimensions, max(0, dimensions - 2) * dimensions)
    return (0..<images).map { image in
      var place = SIMD2<Double>.zero
      for i in 0..<dimensions {
        let value = Double(features[image * dimensions + i]) - mean[i]
        place += value * SIMD2(vectors[first + i], vectors[second + i])
      }
      return place
    }
  }
}
