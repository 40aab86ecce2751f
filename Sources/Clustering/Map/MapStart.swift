import Lanes

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
    let components =
      PrincipalPlane(features, dimensions: dimensions)?.places(features)
      ?? Array(repeating: .zero, count: features.count / dimensions)
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
}
