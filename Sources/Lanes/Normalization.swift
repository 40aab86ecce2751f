/// The sums that batch normalisation needs of one lane group: Σu and Σu² per channel over pixels and lanes.
///
/// Rows are summed in single precision, rows are added in double precision. Padding lanes must hold zeros.
///
/// - Parameters:
///   - values: `[channels][rows][columns]`
///   - sums: `[2][channels]`, overwritten: the sums, then the sums of squares
package func channelSums(
  _ values: UnsafePointer<LaneVector>, channels: Int, rows: Int, columns: Int,
  to sums: UnsafeMutablePointer<Double>
) {
  var row = values
  for channel in 0..<channels {
    var total = SIMD16<Double>.zero
    var totalSquares = SIMD16<Double>.zero
    for _ in 0..<rows {
      var sum = LaneVector.zero
      var squares = LaneVector.zero
      for column in 0..<columns {
        let value = row[column]
        sum += value
        squares = squares.plusProduct(value, value)
      }
      total += SIMD16<Double>(sum)
      totalSquares += SIMD16<Double>(squares)
      row += columns
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
private func rectified(_ value: LaneVector) -> LaneVector {
  value.replacing(with: 0, where: value .< 0)
}

/// First half of the backward pass of `normalize`: cuts the gradient where ReLU did, and sums what the second half
/// needs, over one lane group.
///
/// - Parameters:
///   - values: `[channels][pixels]`, the input of `normalize`
///   - gradient: `[channels][pixels]`, the gradient of its output; overwritten with the gradient before ReLU
///   - sums: `[2][channels]`, overwritten: Σdy (= dβ), Σdy·x̂ (= dγ)
package func normalizeBackwardSums(
  _ values: UnsafePointer<LaneVector>, channels: Int, rows: Int, columns: Int,
  _ transforms: [ChannelTransform],
  rectify: Bool, gradient: UnsafeMutablePointer<LaneVector>, to sums: UnsafeMutablePointer<Double>
) {
  var from = values
  var into = gradient
  for channel in 0..<channels {
    let transform = transforms[channel]
    let inverse = LaneVector(repeating: transform.inverseDeviation)
    let shift = LaneVector(repeating: transform.shift)
    let scale = LaneVector(repeating: transform.inverseDeviation * transform.scale)
    let offset = LaneVector(repeating: transform.shift * transform.scale + transform.offset)
    var total = SIMD16<Double>.zero
    var totalProducts = SIMD16<Double>.zero
    for _ in 0..<rows {
      var sum = LaneVector.zero
      var products = LaneVector.zero
      for column in 0..<columns {
        let value = from[column]
        var d = into[column]
        if rectify {
          d = d.replacing(with: 0, where: offset.plusProduct(value, scale) .<= 0)
          into[column] = d
        }
        sum += d
        products = products.plusProduct(d, shift.plusProduct(value, inverse))
      }
      total += SIMD16<Double>(sum)
      totalProducts += SIMD16<Double>(products)
      from += columns
      into += columns
    }
    sums[channel] = total.sum()
    sums[channels + channel] = totalProducts.sum()
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
    let transform = transforms[channel]
    let scale = Double(transform.inverseDeviation) * Double(transform.scale)
    let product = -scale * means[channels + channel]
    let slope = LaneVector(repeating: Float(product * Double(transform.inverseDeviation))) * mask
    let offset =
      LaneVector(repeating: Float(product * Double(transform.shift) - scale * means[channel])) * mask
    let factor = LaneVector(repeating: Float(scale)) * mask
    let from = values + channel &* pixels
    let into = gradient + channel &* pixels
    for pixel in 0..<pixels {
      into[pixel] = offset.plusProduct(from[pixel], slope).plusProduct(into[pixel], factor)
    }
  }
}
