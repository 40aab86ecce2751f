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
  package let channels: Int
  package let rows: Int
  package let columns: Int

  package init(channels: Int, rows: Int, columns: Int) {
    precondition(channels > 0 && rows >= 2 && columns >= 2)
    self.channels = channels
    self.rows = rows
    self.columns = columns
  }

  package var outRows: Int { rows / 2 }
  package var outColumns: Int { columns / 2 }
  /// Elements of the map before pooling.
  package var inCount: Int { channels * rows * columns }
  /// Elements of the pooled map.
  package var outCount: Int { channels * outRows * outColumns }
}

/// The largest of every 2 × 2 window and where it was (the first of equals), for one lane group.
///
/// - Parameters:
///   - input: `[channels][rows][columns]`
///   - output, switches: `[channels][outRows][outColumns]`, overwritten
package func maxPool(
  _ input: UnsafePointer<LaneVector>, to output: UnsafeMutablePointer<LaneVector>,
  switches: UnsafeMutablePointer<Switches>, _ shape: PoolShape
) {
  var out = 0
  for channel in 0..<shape.channels {
    for row in 0..<shape.outRows {
      let upper = input + (channel &* shape.rows &+ 2 &* row) &* shape.columns
      let lower = upper + shape.columns
      for column in 0..<shape.outColumns {
        var largest = upper[2 &* column]
        var at = Switches.zero
        for position in 1..<4 {
          let line = position < 2 ? upper : lower
          let value = line[2 &* column &+ position & 1]
          let larger = value .> largest
          largest.replace(with: value, where: larger)
          at.replace(with: Int32(position), where: larger)
        }
        output[out] = largest
        switches[out] = at
        out &+= 1
      }
    }
  }
}

/// Puts every element where its switch points in a map that is zero elsewhere: unpooling, and the backward pass of
/// pooling.
///
/// - Parameters:
///   - input, switches: `[channels][outRows][outColumns]`
///   - output: `[channels][rows][columns]`, overwritten
package func unpool(
  _ input: UnsafePointer<LaneVector>, switches: UnsafePointer<Switches>,
  to output: UnsafeMutablePointer<LaneVector>, _ shape: PoolShape
) {
  var from = 0
  for channel in 0..<shape.channels {
    let plane = output + channel &* shape.rows &* shape.columns
    for row in 0..<shape.outRows {
      let upper = plane + 2 &* row &* shape.columns
      let lower = upper + shape.columns
      for column in 0..<shape.outColumns {
        let (right, below) = masks(switches[from])
        let element = bits(input[from])
        from &+= 1
        let leftElement = element & ~right
        let rightElement = element & right
        upper[2 &* column] = value(leftElement & ~below)
        upper[2 &* column &+ 1] = value(rightElement & ~below)
        lower[2 &* column] = value(leftElement & below)
        lower[2 &* column &+ 1] = value(rightElement & below)
      }
      if shape.columns % 2 == 1 {
        upper[shape.columns - 1] = .zero
        lower[shape.columns - 1] = .zero
      }
    }
    if shape.rows % 2 == 1 {
      (plane + (shape.rows - 1) &* shape.columns).update(repeating: .zero, count: shape.columns)
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
