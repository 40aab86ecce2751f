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

  /// The sum of the lanes in double precision, added pairwise in a fixed order.
  @inline(__always)
  package func doubleSum() -> Double {
    SIMD16<Double>(self).sum()
  }
}

/// Sums of the pairs of neighbouring lanes: those of `a`, then those of `b`.
@inline(__always)
private func pairSums(_ a: LaneVector, _ b: LaneVector) -> LaneVector {
  LaneVector(lowHalf: a.evenHalf + a.oddHalf, highHalf: b.evenHalf + b.oddHalf)
}

/// The lane sums of sixteen vectors: lane i of the result is the sum of `rows[i]`.
@inline(__always)
func laneSums(_ rows: InlineArray<16, LaneVector>) -> LaneVector {
  let a = pairSums(pairSums(rows[0], rows[1]), pairSums(rows[2], rows[3]))
  let b = pairSums(pairSums(rows[4], rows[5]), pairSums(rows[6], rows[7]))
  let c = pairSums(pairSums(rows[8], rows[9]), pairSums(rows[10], rows[11]))
  let d = pairSums(pairSums(rows[12], rows[13]), pairSums(rows[14], rows[15]))
  return pairSums(pairSums(a, b), pairSums(c, d))
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
  for i in first..<count {
    for lane in 0..<16 { rows[lane &* stride &+ i] = vectors[i][lane] }
  }
}

/// Transposes a 16 × 16 block in place, by four rounds of exchanging halves (perfect shuffles).
@inline(__always)
private func transpose16(_ block: inout InlineArray<16, LaneVector>) {
  for _ in 0..<4 {
    var next = InlineArray<16, LaneVector>(repeating: .zero)
    for i in 0..<8 {
      let low = block[i]
      let high = block[i &+ 8]
      var a = LaneVector()
      var b = LaneVector()
      a.evenHalf = low.lowHalf
      a.oddHalf = high.lowHalf
      b.evenHalf = low.highHalf
      b.oddHalf = high.highHalf
      next[2 &* i] = a
      next[2 &* i &+ 1] = b
    }
    block = next
  }
}

extension UnsafeMutableBufferPointer where Element == LaneVector {
  /// The same memory as floats, 16 per lane vector.
  package var floats: UnsafeMutableBufferPointer<Float> {
    let base = baseAddress.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Float.self) }
    return UnsafeMutableBufferPointer<Float>(start: base, count: count * laneCount)
  }
}
