/// A row's correlation with fewer products: the minimal filtering F(m, r) of Winograd (1980), by the points 0, 1, −1, 2,
/// −2, ∞ (Toom and Cook), along the columns only.
///
/// m = `outputs` neighbouring results of a kernel of r = `length` columns, m + r = 7, are linear in six products instead
/// of m·r: small = Aᵀ(G·w ⊙ Bᵀ·large). Read backwards, the same matrices give the transposed correlation,
/// large = B(G·w ⊙ A·small), and the weight gradient, dw = Gᵀ(Bᵀ·large ⊙ A·small). A kernel with more columns is cut
/// into `blocks` of r, which act like further channels.
struct MinimalFilter: Equatable, Sendable {
  /// Products per tile.
  static let products = 6

  /// r
  let length: Int
  /// m
  let outputs: Int
  let blocks: Int

  /// The filter for a shape's kernel; nil where nothing can be saved.
  init?(_ shape: ConvolutionShape) {
    switch shape.kernelColumns {
    case 3: length = 3
    case 4, 7, 8: length = 4
    case 5: length = 5
    case 6, 9...: length = 3
    default: return nil
    }
    outputs = 7 - length
    blocks = (shape.kernelColumns + length - 1) / length
  }

  /// The tiles of a row of `columns` results.
  func tiles(_ columns: Int) -> Int { (columns + outputs - 1) / outputs }

  /// G, row `product`: what the r weights of a block are multiplied with.
  static func weightFactors(_ product: Int, length: Int) -> [Float] {
    guard product < 5 else { return (0..<length).map { $0 == length - 1 ? 1 : 0 } }
    let points: [Float] = [0, 1, -1, 2, -2]
    let divisor = points.indices.filter { $0 != product }.reduce(Float(1)) {
      $0 * (points[product] - points[$1])
    }
    var power: Float = 1
    return (0..<length).map { _ in
      defer { power *= points[product] }
      return power / divisor
    }
  }
}

/// Six lane vectors.
typealias SixLanes = InlineArray<6, LaneVector>

/// Bᵀ·d: the transform of six columns of the large map.
@inline(__always)
func transformLarge(_ d: SixLanes) -> SixLanes {
  let four = LaneVector(repeating: 4)
  let five = LaneVector(repeating: 5)
  let even = d[4] - four * d[2]
  let odd = d[3] - four * d[1]
  let even2 = d[4] - d[2]
  let odd2 = (d[3] - d[1]) + (d[3] - d[1])
  var v = SixLanes(repeating: .zero)
  v[0] = (d[4] - five * d[2]).plusProduct(four, d[0])
  v[1] = even + odd
  v[2] = even - odd
  v[3] = even2 + odd2
  v[4] = even2 - odd2
  v[5] = (d[5] - five * d[3]).plusProduct(four, d[1])
  return v
}

/// B·w: six columns of the large map from six products.
@inline(__always)
func untransformLarge(_ w: SixLanes) -> SixLanes {
  let four = LaneVector(repeating: 4)
  let five = LaneVector(repeating: 5)
  let sum1 = w[1] + w[2]
  let difference1 = w[1] - w[2]
  let sum2 = w[3] + w[4]
  let difference2 = (w[3] - w[4]) + (w[3] - w[4])
  var d = SixLanes(repeating: .zero)
  d[0] = four * w[0]
  d[1] = four * (w[5] - difference1) - difference2
  d[2] = -(five * w[0] + four * sum1 + sum2)
  d[3] = difference1 + difference2 - five * w[5]
  d[4] = w[0] + sum1 + sum2
  d[5] = w[5]
  return d
}

/// A·y: the transform of `M` columns of the small map.
@inline(__always)
func transformSmall<let M: Int>(_ y: InlineArray<M, LaneVector>) -> SixLanes {
  let two = LaneVector(repeating: 2)
  let four = LaneVector(repeating: 4)
  var even = y[0]
  var odd = LaneVector.zero
  var even2 = y[0]
  var odd2 = LaneVector.zero
  if M > 1 {
    odd = y[1]
    odd2 = two * y[1]
  }
  if M > 2 {
    even += y[2]
    even2 = even2.plusProduct(four, y[2])
  }
  if M > 3 {
    odd += y[3]
    odd2 = odd2.plusProduct(LaneVector(repeating: 8), y[3])
  }
  var a = SixLanes(repeating: .zero)
  a[0] = y[0]
  a[1] = even + odd
  a[2] = even - odd
  a[3] = even2 + odd2
  a[4] = even2 - odd2
  a[5] = y[M - 1]
  return a
}

/// Aᵀ·p: `M` columns of the small map from six products.
@inline(__always)
func untransformSmall<let M: Int>(_ p: SixLanes, _: InlineArray<M, LaneVector>.Type) -> InlineArray<
  M, LaneVector
> {
  let sum1 = p[1] + p[2]
  let difference1 = p[1] - p[2]
  let sum2 = p[3] + p[4]
  let difference2 = p[3] - p[4]
  var y = InlineArray<M, LaneVector>(repeating: .zero)
  y[0] = p[0] + sum1 + sum2
  if M > 1 { y[1] = difference1.plusProduct(LaneVector(repeating: 2), difference2) }
  if M > 2 { y[2] = sum1.plusProduct(LaneVector(repeating: 4), sum2) }
  if M > 3 { y[3] = difference1.plusProduct(LaneVector(repeating: 8), difference2) }
  y[M - 1] += p[5]
  return y
}

/// Gᵀ·s: the gradients of the `R` weights of a block from six products.
@inline(__always)
func untransformWeights<let R: Int>(
  _ s: SixLanes, _: InlineArray<R, LaneVector>.Type
) -> InlineArray<R, LaneVector> {
  let sum1 = (s[1] + s[2]) * LaneVector(repeating: -1 / 6)
  let difference1 = (s[1] - s[2]) * LaneVector(repeating: -1 / 6)
  let sum2 = (s[3] + s[4]) * LaneVector(repeating: 1 / 24)
  let difference2 = (s[3] - s[4]) * LaneVector(repeating: 1 / 24)
  var w = InlineArray<R, LaneVector>(repeating: .zero)
  w[0] = sum1.plusProduct(s[0], LaneVector(repeating: 0.25)) + sum2
  w[1] = difference1.plusProduct(difference2, LaneVector(repeating: 2))
  w[2] = sum1.plusProduct(sum2, LaneVector(repeating: 4))
  if R > 3 { w[3] = difference1.plusProduct(difference2, LaneVector(repeating: 8)) }
  if R > 4 { w[4] = sum1.plusProduct(sum2, LaneVector(repeating: 16)) }
  w[R - 1] += s[5]
  return w
}
