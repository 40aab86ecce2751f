/// Which of the four elements of a 2 × 2 window was the largest, per lane: 0, 1 in the upper row, 2, 3 below.
package typealias Switches = SIMD16<UInt8>

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
        var at = SIMD16<Int32>.zero
        for position in 1..<4 {
          let line = position < 2 ? upper : lower
          let value = line[2 &* column &+ position & 1]
          let larger = value .> largest
          largest.replace(with: value, where: larger)
          at.replace(with: Int32(position), where: larger)
        }
        output[out] = largest
        switches[out] = Switches(truncatingIfNeeded: at)
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
        let value = input[from]
        let at = SIMD16<Int32>(truncatingIfNeeded: switches[from])
        from &+= 1
        for position in 0..<4 {
          let line = position < 2 ? upper : lower
          line[2 &* column &+ position & 1] = value.replacing(with: 0, where: at .!= Int32(position))
        }
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
        let at = SIMD16<Int32>(truncatingIfNeeded: switches[out])
        var value = upper[2 &* column]
        value.replace(with: upper[2 &* column &+ 1], where: at .== 1)
        value.replace(with: lower[2 &* column], where: at .== 2)
        value.replace(with: lower[2 &* column &+ 1], where: at .== 3)
        output[out] = value
        out &+= 1
      }
    }
  }
}
