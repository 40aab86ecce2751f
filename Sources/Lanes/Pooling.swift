/// Which of the four elements of a 2 × 2 window was the largest, per lane: 0, 1 in the upper row, 2, 3 below.
///
/// As wide as the values, so that bit masks made from it select among them: integer comparisons and widened bytes
/// would be compiled lane by lane.
package typealias Switches = SIMD16<Int32>

/// All bits set where the largest element is in the right column, and where it is in the lower row.
@inline(__always)
private func masks(_ switches: Switches) -> (right: SIMD16<UInt32>, lower: SIMD16<UInt32>) {
  let bits = SIMD16<UInt32>(truncatingIfNeeded: switches)
  return (0 &- (bits & 1), 0 &- (bits &>> 1))
}

@inline(__always)
private func bits(_ value: LaneVector) -> SIMD16<UInt32> { unsafeBitCast(value, to: SIMD16<UInt32>.self) }

@inline(__always)
private func value(_ bits: SIMD16<UInt32>) -> LaneVector { unsafeBitCast(bits, to: LaneVector.self) }

/// `b` where the mask is set, `a` elsewhere.
@inline(__always)
private func select(_ a: SIMD16<UInt32>, _ b: SIMD16<UInt32>, _ mask: SIMD16<UInt32>) -> SIMD16<UInt32> {
  a ^ ((a ^ b) & mask)
}

/// The geometry of 2 × 2 max-pooling without overlap; an odd last row or column is left out.
package struct PoolShape: Equatable, Sendable {
  /// Channels of both maps.
  package let channels: Int
  /// Rows of the map before pooling.
  package let rows: Int
  /// Columns of the map before pooling.
  package let columns: Int

  /// - Precondition: at least one channel, two rows and two columns.
  package init(channels: Int, rows: Int, columns: Int) {
    precondition(channels > 0 && rows >= 2 && columns >= 2)
    self.channels = channels
    self.rows = rows
    self.columns = columns
  }

  /// Rows of the pooled map.
  package var outRows: Int { rows / 2 }
  /// Columns of the pooled map.
  package var outColumns: Int { columns / 2 }
  /// Elements of the map before pooling.
  package var inCount: Int { channels * rows * columns }
  /// Elements of the pooled map.
  package var outCount: Int { channels * outRows * outColumns }
}

/// Batch normalisation, ReLU and 2 × 2 max-pooling of one lane group in one pass: `normalize` applied to the element of
/// every window that is the largest afterwards.
///
/// Where ReLU leaves a whole window zero, the switch is 0, the first of equals.
///
/// - Parameters:
///   - values: `[channels][rows][columns]`
///   - output: `[channels][outRows][outColumns]`, overwritten; zero in padding lanes
///   - selected: the elements of `values` that were chosen, `[channels][outRows][outColumns]`, overwritten
///   - switches: where they were, `[channels][outRows][outColumns]`, overwritten
package func normalizeAndPool(
  _ values: UnsafePointer<LaneVector>, _ transforms: [ChannelTransform], rectify: Bool, mask: LaneVector,
  to output: UnsafeMutablePointer<LaneVector>, selected: UnsafeMutablePointer<LaneVector>,
  switches: UnsafeMutablePointer<Switches>, _ shape: PoolShape
) {
  forEachPooledChannel(transforms, mask, shape) { channel, scale, offset, falls in
    var out = channel &* shape.outRows &* shape.outColumns
    // Normalisation keeps the order of a channel's elements or turns it round.
    let sign = LaneVector(repeating: falls ? -1 : 1)
    for row in 0..<shape.outRows {
      let upper = values + (channel &* shape.rows &+ 2 &* row) &* shape.columns
      let lower = upper + shape.columns
      for column in 0..<shape.outColumns {
        let (largest, position) = selectLargest(upper + 2 &* column, lower + 2 &* column, sign)
        var at = position
        var result = offset.plusProduct(largest, scale)
        if rectify {
          at = at.replacing(with: 0, where: result .<= 0)
          result = rectified(result)
        }
        output[out] = result
        selected[out] = largest
        switches[out] = at
        out &+= 1
      }
    }
  }
}

/// `normalizeAndPool` for evaluation: the output alone.
package func normalizeAndPool(
  _ values: UnsafePointer<LaneVector>, _ transforms: [ChannelTransform], rectify: Bool, mask: LaneVector,
  to output: UnsafeMutablePointer<LaneVector>, _ shape: PoolShape
) {
  forEachPooledChannel(transforms, mask, shape) { channel, scale, offset, falls in
    var out = channel &* shape.outRows &* shape.outColumns
    let sign = LaneVector(repeating: falls ? -1 : 1)
    for row in 0..<shape.outRows {
      let upper = values + (channel &* shape.rows &+ 2 &* row) &* shape.columns
      let lower = upper + shape.columns
      for column in 0..<shape.outColumns {
        let largest = selectLargest(upper + 2 &* column, lower + 2 &* column, sign).element
        let result = offset.plusProduct(largest, scale)
        output[out] = rectify ? rectified(result) : result
        out &+= 1
      }
    }
  }
}

/// The element of a 2 × 2 window that is largest when multiplied with `sign`, the first of equals, and its switch.
@inline(__always)
private func selectLargest(
  _ upper: UnsafePointer<LaneVector>, _ lower: UnsafePointer<LaneVector>, _ sign: LaneVector
) -> (element: LaneVector, at: Switches) {
  let (a, b, c, d) = (upper[0] * sign, upper[1] * sign, lower[0] * sign, lower[1] * sign)
  let rightUpper = b .> a
  let rightLower = d .> c
  let ab = a.replacing(with: b, where: rightUpper)
  let cd = c.replacing(with: d, where: rightLower)
  let below = cd .> ab
  let upperAt = Switches.zero.replacing(with: 1, where: rightUpper)
  let lowerAt = Switches(repeating: 2).replacing(with: 3, where: rightLower)
  return (ab.replacing(with: cd, where: below) * sign, upperAt.replacing(with: lowerAt, where: below))
}

/// Calls `body` with every channel's number, its scale and offset (zero in padding lanes), and whether the scale is
/// negative.
@inline(__always)
private func forEachPooledChannel(
  _ transforms: [ChannelTransform], _ mask: LaneVector, _ shape: PoolShape,
  _ body: (Int, LaneVector, LaneVector, Bool) -> Void
) {
  for channel in 0..<shape.channels {
    let transform = transforms[channel]
    let scale = transform.inverseDeviation * transform.scale
    body(
      channel, LaneVector(repeating: scale) * mask,
      LaneVector(repeating: transform.shift * transform.scale + transform.offset) * mask, scale < 0)
  }
}

/// Second half of the backward pass of `normalizeAndPool`: the gradient of its input, in one pass.
///
/// - Parameters:
///   - channels: the channels to work on
///   - values: `[channels][rows][columns]`
///   - gradient: of the chosen elements, as `normalizeBackwardSums` left it, `[channels][outRows][outColumns]`
///   - means: `[2][channels]`, see `normalizeBackward`
///   - dValues: of the channels `channels`, `[channels.count][rows][columns]`, overwritten; zero in padding lanes
package func normalizeAndPoolBackward(
  channels: Range<Int>, _ values: UnsafePointer<LaneVector>, gradient: UnsafePointer<LaneVector>,
  switches: UnsafePointer<Switches>, _ transforms: [ChannelTransform], means: [Double], mask: LaneVector,
  to dValues: UnsafeMutablePointer<LaneVector>, _ shape: PoolShape
) {
  let columns = shape.columns
  var from = channels.lowerBound &* shape.outRows &* shape.outColumns
  let dValues = dValues - channels.lowerBound &* shape.rows &* columns
  for channel in channels {
    let it = BackwardTransform(
      transforms[channel], means: means, channel: channel, channels: shape.channels, mask: mask)
    let plane = channel &* shape.rows &* columns
    for row in 0..<shape.outRows {
      let upper = plane &+ 2 &* row &* columns
      let lower = upper &+ columns
      for column in 0..<shape.outColumns {
        let (right, below) = masks(switches[from])
        let d = bits(gradient[from] * it.factor)
        from &+= 1
        let (left, right2) = (d & ~right, d & right)
        let u = upper &+ 2 &* column
        let l = lower &+ 2 &* column
        dValues[u] = it.offset.plusProduct(values[u], it.slope) + value(left & ~below)
        dValues[u &+ 1] = it.offset.plusProduct(values[u &+ 1], it.slope) + value(right2 & ~below)
        dValues[l] = it.offset.plusProduct(values[l], it.slope) + value(left & below)
        dValues[l &+ 1] = it.offset.plusProduct(values[l &+ 1], it.slope) + value(right2 & below)
      }
      if columns % 2 == 1 {
        for i in [upper &+ columns &- 1, lower &+ columns &- 1] {
          dValues[i] = it.offset.plusProduct(values[i], it.slope)
        }
      }
    }
    if shape.rows % 2 == 1 {
      let last = plane &+ (shape.rows &- 1) &* columns
      for i in last..<(last &+ columns) { dValues[i] = it.offset.plusProduct(values[i], it.slope) }
    }
  }
}

/// Puts every element where its switch points in a map that is zero elsewhere.
///
/// - Parameters:
///   - input, switches: `[channels][outRows][outColumns]`
///   - output: `[channels][rows][padding + columns + padding]`, overwritten, the padding with zeros
package func unpool(
  _ input: UnsafePointer<LaneVector>, switches: UnsafePointer<Switches>,
  to output: UnsafeMutablePointer<LaneVector>, _ shape: PoolShape, padding: Int = 0
) {
  var from = 0
  let stride = shape.columns &+ 2 &* padding
  var upper = output
  for _ in 0..<shape.channels {
    for _ in 0..<shape.outRows {
      let lower = upper + stride
      for column in 0..<padding { (upper[column], lower[column]) = (.zero, .zero) }
      upper += padding
      for column in 0..<shape.outColumns {
        let (right, below) = masks(switches[from])
        let element = bits(input[from])
        from &+= 1
        let leftElement = element & ~right
        let rightElement = element & right
        upper[2 &* column] = value(leftElement & ~below)
        upper[2 &* column &+ 1] = value(rightElement & ~below)
        upper[stride &+ 2 &* column] = value(leftElement & below)
        upper[stride &+ 2 &* column &+ 1] = value(rightElement & below)
      }
      for column in (2 &* shape.outColumns)..<(shape.columns &+ padding) {
        (upper[column], upper[stride &+ column]) = (.zero, .zero)
      }
      upper += 2 &* stride &- padding
    }
    if shape.rows % 2 == 1 {
      upper.update(repeating: .zero, count: stride)
      upper += stride
    }
  }
}

/// Takes every element from where its switch points: the backward pass of `unpool`.
///
/// - Parameters:
///   - input: `[channels][rows][columns]`
///   - switches: `[channels][outRows][outColumns]`
///   - output: `[channels][outRows][outColumns]`, overwritten
package func gatherSwitched(
  _ input: UnsafePointer<LaneVector>, switches: UnsafePointer<Switches>,
  to output: UnsafeMutablePointer<LaneVector>, _ shape: PoolShape
) {
  var out = 0
  for channel in 0..<shape.channels {
    for row in 0..<shape.outRows {
      let upper = input + (channel &* shape.rows &+ 2 &* row) &* shape.columns
      let lower = upper + shape.columns
      for column in 0..<shape.outColumns {
        let (right, below) = masks(switches[out])
        let above = select(bits(upper[2 &* column]), bits(upper[2 &* column &+ 1]), right)
        let under = select(bits(lower[2 &* column]), bits(lower[2 &* column &+ 1]), right)
        output[out] = value(select(above, under, below))
        out &+= 1
      }
    }
  }
}
