/// Pixels that are summed in single precision before the sum goes on in double precision.
private let pixelsPerSum = 64

/// The sums that batch normalisation needs of one lane group: Σu and Σu² per channel over pixels and lanes.
///
/// Up to 64 pixels are summed in single precision, these sums in double precision. Padding lanes must hold zeros.
///
/// - Parameters:
///   - values: `[channels][pixels]`
///   - sums: `[2][channels]`, overwritten: the sums, then the sums of squares
package func channelSums(
  _ values: UnsafePointer<LaneVector>, channels: Int, pixels: Int, to sums: UnsafeMutablePointer<Double>
) {
  for channel in 0..<channels {
    let from = values + channel &* pixels
    var total = SIMD16<Double>.zero
    var totalSquares = SIMD16<Double>.zero
    var pixel = 0
    while pixel < pixels {
      let end = min(pixel &+ pixelsPerSum, pixels)
      var sum = LaneVector.zero
      var squares = LaneVector.zero
      while pixel < end {
        let value = from[pixel]
        sum += value
        squares = squares.plusProduct(value, value)
        pixel &+= 1
      }
      total += sum.doubles
      totalSquares += squares.doubles
    }
    sums[channel] = total.sum()
    sums[channels + channel] = totalSquares.sum()
  }
}

/// What batch normalisation does to one channel: x̂ = u·inverseDeviation + shift and y = x̂·scale + offset.
package struct ChannelTransform: Equatable, Sendable {
  /// 1/√(variance + ε)
  package let inverseDeviation: Float
  /// −mean/√(variance + ε)
  package let shift: Float
  /// γ
  package let scale: Float
  /// β
  package let offset: Float

  /// The transform of a channel with this mean and (biased) variance; ε = `epsilon`, γ = `scale`, β = `offset`.
  package init(mean: Double, variance: Double, epsilon: Double, scale: Float, offset: Float) {
    let inverse = 1 / (variance + epsilon).squareRoot()
    inverseDeviation = Float(inverse)
    shift = Float(-mean * inverse)
    self.scale = scale
    self.offset = offset
  }
}

/// Normalises one lane group and applies ReLU where `rectify` asks for it; padding lanes become zero.
///
/// - Parameters:
///   - values: `[channels][pixels]`
///   - result: `[channels][pixels]`, overwritten; may be `values`
///   - mask: one per image, zero per padding lane
package func normalize(
  _ values: UnsafePointer<LaneVector>, channels: Int, pixels: Int, _ transforms: [ChannelTransform],
  rectify: Bool, mask: LaneVector, to result: UnsafeMutablePointer<LaneVector>
) {
  for channel in 0..<channels {
    let transform = transforms[channel]
    let scale = LaneVector(repeating: transform.inverseDeviation * transform.scale) * mask
    let offset = LaneVector(repeating: transform.shift * transform.scale + transform.offset) * mask
    let from = values + channel &* pixels
    let into = result + channel &* pixels
    if rectify {
      for pixel in 0..<pixels { into[pixel] = rectified(offset.plusProduct(from[pixel], scale)) }
    } else {
      for pixel in 0..<pixels { into[pixel] = offset.plusProduct(from[pixel], scale) }
    }
  }
}

@inline(__always)
func rectified(_ value: LaneVector) -> LaneVector {
  value.replacing(with: 0, where: value .< 0)
}

/// First half of the backward pass of `normalize`: cuts the gradient where ReLU did, and sums what the second half
/// needs, over one lane group.
///
/// - Parameters:
///   - values: `[channels][pixels]`, the input of `normalize`; of a pooled layer, the selected elements
///   - gradient: `[channels][pixels]`, the gradient of its output; overwritten with the gradient before ReLU
///   - sums: `[2][channels]`, overwritten: Σdy (= dβ), Σdy·x̂ (= dγ)
package func normalizeBackwardSums(
  _ values: UnsafePointer<LaneVector>, channels: Int, pixels: Int, _ transforms: [ChannelTransform],
  rectify: Bool, gradient: UnsafeMutablePointer<LaneVector>, to sums: UnsafeMutablePointer<Double>
) {
  for channel in 0..<channels {
    let from = values + channel &* pixels
    let into = gradient + channel &* pixels
    let transform = transforms[channel]
    let inverse = LaneVector(repeating: transform.inverseDeviation)
    let shift = LaneVector(repeating: transform.shift)
    let scale = LaneVector(repeating: transform.inverseDeviation * transform.scale)
    let offset = LaneVector(repeating: transform.shift * transform.scale + transform.offset)
    var total = SIMD16<Double>.zero
    var totalProducts = SIMD16<Double>.zero
    var pixel = 0
    while pixel < pixels {
      let end = min(pixel &+ pixelsPerSum, pixels)
      var sum = LaneVector.zero
      var products = LaneVector.zero
      while pixel < end {
        let value = from[pixel]
        var d = into[pixel]
        if rectify {
          d = d.replacing(with: 0, where: offset.plusProduct(value, scale) .<= 0)
          into[pixel] = d
        }
        sum += d
        products = products.plusProduct(d, shift.plusProduct(value, inverse))
        pixel &+= 1
      }
      total += sum.doubles
      totalProducts += products.doubles
    }
    sums[channel] = total.sum()
    sums[channels + channel] = totalProducts.sum()
  }
}

/// du = offset + slope·u + factor·dy, the second half of batch norm's backward pass for one channel.
struct BackwardTransform {
  let factor: LaneVector
  let slope: LaneVector
  let offset: LaneVector

  /// - Parameter means: `[2][channels]`, see `normalizeBackward`
  init(_ transform: ChannelTransform, means: [Double], channel: Int, channels: Int, mask: LaneVector) {
    let scale = Double(transform.inverseDeviation) * Double(transform.scale)
    let product = -scale * means[channels + channel]
    slope = LaneVector(repeating: Float(product * Double(transform.inverseDeviation))) * mask
    offset = LaneVector(repeating: Float(product * Double(transform.shift) - scale * means[channel])) * mask
    factor = LaneVector(repeating: Float(scale)) * mask
  }
}

/// Second half of the backward pass of `normalize`:
/// du = γ/√(variance + ε) · (dy − mean(dy) − x̂·mean(dy·x̂)), zero in padding lanes.
///
/// - Parameters:
///   - values: `[channels][pixels]`, the input of `normalize`
///   - means: `[2][channels]`: the two sums of `normalizeBackwardSums` over the whole mini-batch, divided by its
///     number of pixels
///   - gradient: `[channels][pixels]`, as the first half left it; overwritten with the gradient of `values`
package func normalizeBackward(
  _ values: UnsafePointer<LaneVector>, channels: Int, pixels: Int, _ transforms: [ChannelTransform],
  means: [Double], mask: LaneVector, gradient: UnsafeMutablePointer<LaneVector>
) {
  for channel in 0..<channels {
    let it = BackwardTransform(
      transforms[channel], means: means, channel: channel, channels: channels, mask: mask)
    let from = values + channel &* pixels
    let into = gradient + channel &* pixels
    for pixel in 0..<pixels {
      into[pixel] = it.offset.plusProduct(from[pixel], it.slope).plusProduct(into[pixel], it.factor)
    }
  }
}
