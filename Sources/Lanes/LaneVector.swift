internal import CLanes

/// Sixteen floats, one image per lane: the element of every activation. It is one register with AVX-512, two
/// with AVX2, four with NEON; the arithmetic per lane is the same on all of them.
package typealias LaneVector = SIMD16<Float>

/// The number of images in a lane group.
package let laneCount = 16

/// One (active) or zero (padding) per lane, for a group of `images` ≤ 16 images.
package func laneMask(images: Int) -> LaneVector {
  precondition(images >= 0 && images <= laneCount)
  var mask = LaneVector.zero
  for lane in 0..<images { mask[lane] = 1 }
  return mask
}

/// The number of lane groups that hold `images` images.
package func laneGroups(images: Int) -> Int {
  (images + laneCount - 1) / laneCount
}

extension SIMD16 where Scalar == Float {
  /// self + a·b, rounded once.
  @inline(__always)
  func plusProduct(_ a: LaneVector, _ b: LaneVector) -> LaneVector {
    addingProduct(a, b)
  }

  /// The square root of every lane.
  @inline(__always)
  package var laneSquareRoots: LaneVector { dbc_square_root(self) }

  /// The lanes in double precision.
  @inline(__always)
  var doubles: SIMD16<Double> {
    var result = SIMD16<Double>()
    for lane in 0..<laneCount { result[lane] = Double(self[lane]) }
    return result
  }

  /// The sum of the lanes in double precision, added pairwise in a fixed order.
  @inline(__always)
  package func doubleSum() -> Double { doubles.sum() }
}

/// The lane sums of sixteen vectors: lane i of the result is the sum of `rows[i]`.
///
/// Two rounds add within the quarters of four vectors each, two more add the quarters.
@inline(__always)
func laneSums(_ rows: UnsafePointer<LaneVector>) -> LaneVector {
  @inline(__always) func pairs(_ a: LaneVector, _ b: LaneVector) -> LaneVector {
    dbc_even_pairs(a, b) + dbc_odd_pairs(a, b)
  }
  @inline(__always) func quarters(_ from: UnsafePointer<LaneVector>) -> LaneVector {
    pairs(pairs(from[0], from[1]), pairs(from[2], from[3]))
  }
  @inline(__always) func halves(_ a: LaneVector, _ b: LaneVector) -> LaneVector {
    dbc_even_quarters(a, b) + dbc_odd_quarters(a, b)
  }
  return halves(
    halves(quarters(rows), quarters(rows + 4)), halves(quarters(rows + 8), quarters(rows + 12)))
}

/// Transposes `count` lane vectors to rows of one lane each: `rows[lane·stride + i] = vectors[i][lane]`.
///
/// - Parameters:
///   - vectors: `[count]` lane vectors.
///   - rows: `[16][stride]` floats; entries `count..<stride` of a row are left as they are.
package func transposeLanes(
  _ vectors: UnsafePointer<LaneVector>, count: Int, to rows: UnsafeMutablePointer<Float>, stride: Int
) {
  var first = 0
  while first &+ 16 <= count {
    var block = InlineArray<16, LaneVector>(repeating: .zero)
    for i in 0..<16 { block[i] = vectors[first &+ i] }
    transpose16(&block)
    for lane in 0..<16 {
      UnsafeMutableRawPointer(rows + (lane &* stride &+ first)).storeBytes(
        of: block[lane], as: LaneVector.self)
    }
    first &+= 16
  }
  guard first < count else { return }
  var block = InlineArray<16, LaneVector>(repeating: .zero)
  for i in first..<count { block[i &- first] = vectors[i] }
  transpose16(&block)
  for lane in 0..<16 { store(block[lane], count: count &- first, at: rows + (lane &* stride &+ first)) }
}

/// Writes the first `count` floats of a vector, fewer than all.
@inline(__always)
private func store(_ vector: LaneVector, count: Int, at place: UnsafeMutablePointer<Float>) {
  var (place, eight) = (UnsafeMutableRawPointer(place), vector.lowHalf)
  if count & 8 != 0 {
    place.storeBytes(of: eight, as: SIMD8<Float>.self)
    (place, eight) = (place + 32, vector.highHalf)
  }
  var four = eight.lowHalf
  if count & 4 != 0 {
    place.storeBytes(of: four, as: SIMD4<Float>.self)
    (place, four) = (place + 16, eight.highHalf)
  }
  var two = four.lowHalf
  if count & 2 != 0 {
    place.storeBytes(of: two, as: SIMD2<Float>.self)
    (place, two) = (place + 8, four.highHalf)
  }
  if count & 1 != 0 { place.storeBytes(of: two[0], as: Float.self) }
}

/// Transposes a 16 × 16 block of floats: `packed[column·16 + row] = rows[row·stride + column]`.
func transposeBlock(_ rows: UnsafePointer<Float>, stride: Int, to packed: UnsafeMutablePointer<Float>) {
  var block = InlineArray<16, LaneVector>(repeating: .zero)
  for row in 0..<16 {
    block[row] = UnsafeRawPointer(rows + row &* stride).loadUnaligned(as: LaneVector.self)
  }
  transpose16(&block)
  for column in 0..<16 {
    UnsafeMutableRawPointer(packed + column &* 16).storeBytes(of: block[column], as: LaneVector.self)
  }
}

/// Transposes a 16 × 16 block in place, by four rounds of exchanging halves (perfect shuffles).
@inline(__always)
private func transpose16(_ block: inout InlineArray<16, LaneVector>) {
  for _ in 0..<4 {
    var next = InlineArray<16, LaneVector>(repeating: .zero)
    for i in 0..<8 {
      next[2 &* i] = dbc_interleave_low(block[i], block[i &+ 8])
      next[2 &* i &+ 1] = dbc_interleave_high(block[i], block[i &+ 8])
    }
    block = next
  }
}

extension UnsafeMutableBufferPointer where Element == LaneVector {
  /// This memory as floats, 16 per lane vector.
  package var floats: UnsafeMutableBufferPointer<Float> {
    let base = baseAddress.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self) }
    return UnsafeMutableBufferPointer<Float>(start: base, count: count * laneCount)
  }
}
