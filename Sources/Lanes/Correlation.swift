import CPUTarget

/// The operands of a correlation, columns already padded with zeros; rows outside the map are skipped instead.
///
/// out[o][r][c] = bias[o] + Σ_i Σ_kr Σ_kc weights[o][i][kr][kc] · in[i][r + kr − paddingRows][c + kc], added in this
/// order by fused multiply-adds whatever the tile, so the bits do not depend on the tile.
struct CorrelationOperands {
  let input: UnsafePointer<LaneVector>
  let inputColumns: Int
  let weights: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
  let output: UnsafeMutablePointer<LaneVector>
  let shape: ConvolutionShape
}

/// The small map of one lane group from its large one: the forward pass of a convolution, the data gradient of a
/// deconvolution.
///
/// - Parameters:
///   - input: `[inChannels][inRows][inColumns]`
///   - weights: `[outChannels][inChannels][kernelRows][kernelColumns]`
///   - bias: `[outChannels]`, or nil
///   - output: `[outChannels][outRows][outColumns]`, overwritten
///   - scratch: `shape.scratchCount` lane vectors
package func correlate(
  _ input: UnsafePointer<LaneVector>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
  to output: UnsafeMutablePointer<LaneVector>, _ shape: ConvolutionShape,
  scratch: UnsafeMutablePointer<LaneVector>
) {
  let shape = shape.canonical
  correlateAll(
    CorrelationOperands(
      input: padColumns(input, shape, scratch), inputColumns: shape.paddedColumns,
      weights: weights, bias: bias, output: output, shape: shape))
}

/// The large map of one lane group from its small one: the forward pass of a deconvolution, the data gradient of
/// a convolution.
///
/// - Parameters:
///   - input: `[outChannels][outRows][outColumns]`
///   - flipped: the weights as `flipWeights` made them
///   - bias: `[inChannels]`, or nil
///   - output: `[inChannels][inRows][inColumns]`, overwritten
///   - scratch: `shape.scratchCount` lane vectors
package func correlateTransposed(
  _ input: UnsafePointer<LaneVector>, flipped: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
  to output: UnsafeMutablePointer<LaneVector>, _ shape: ConvolutionShape,
  scratch: UnsafeMutablePointer<LaneVector>
) {
  guard let bias, shape.canonical != shape else {
    let transposed = shape.canonical.transposed
    correlateAll(
      CorrelationOperands(
        input: padColumns(input, transposed, scratch),
        inputColumns: transposed.paddedColumns, weights: flipped, bias: bias,
        output: output, shape: transposed))
    return
  }
  // A map made from one pixel: its elements are the channels of the product, so the bias is added afterwards.
  correlateTransposed(input, flipped: flipped, to: output, shape, scratch: scratch)
  let pixels = shape.inRows * shape.inColumns
  for channel in 0..<shape.inChannels {
    for pixel in 0..<pixels { output[channel &* pixels &+ pixel] += LaneVector(repeating: bias[channel]) }
  }
}

/// Copies a map to one with `paddingColumns` zero columns on both sides; returns the map itself without padding.
func padColumns(
  _ input: UnsafePointer<LaneVector>, _ shape: ConvolutionShape, _ scratch: UnsafeMutablePointer<LaneVector>
) -> UnsafePointer<LaneVector> {
  if shape.paddingColumns == 0 { return input }
  let columns = shape.inColumns
  let padding = shape.paddingColumns
  var from = input
  var into = scratch
  for _ in 0..<(shape.inChannels &* shape.inRows) {
    for column in 0..<padding { into[column] = .zero }
    for column in 0..<columns { into[padding &+ column] = from[column] }
    for column in 0..<padding { into[padding &+ columns &+ column] = .zero }
    from += columns
    into += columns &+ 2 &* padding
  }
  return UnsafePointer(scratch)
}

/// Walks the output in tiles of a few channels × a few columns whose sums stay in registers.
private func correlateAll(_ it: CorrelationOperands) {
  let columns = it.shape.outColumns
  let channels = it.shape.outChannels
  let wide = DBC_LANE_REGISTERS >= 32
  for row in 0..<it.shape.outRows {
    var channel = 0
    while channel < channels {
      let left = channels &- channel
      var column = 0
      if wide, left >= 4, columns >= 4 {
        let tile = left == 6 || left == 5 ? left : 4
        while column &+ 4 <= columns {
          switch tile {
          case 6: tileOf(6, 4, it, row, channel, column)
          case 5: tileOf(5, 4, it, row, channel, column)
          default: tileOf(4, 4, it, row, channel, column)
          }
          column &+= 4
        }
        while column < columns {
          switch tile {
          case 6: tileOf(6, 1, it, row, channel, column)
          case 5: tileOf(5, 1, it, row, channel, column)
          default: tileOf(4, 1, it, row, channel, column)
          }
          column &+= 1
        }
        channel &+= tile
      } else if left >= 16, wide {
        while column < columns {
          tileOf(16, 1, it, row, channel, column)
          column &+= 1
        }
        channel &+= 16
      } else if left >= 6 {
        while column < columns {
          tileOf(6, 1, it, row, channel, column)
          column &+= 1
        }
        channel &+= 6
      } else {
        let tile = left >= 2 ? 2 : 1
        column = correlateNarrow(it, row, channel, tile)
        channel &+= tile
      }
    }
  }
}

/// One row of one or two output channels: wide tiles, so that enough sums are in flight.
private func correlateNarrow(_ it: CorrelationOperands, _ row: Int, _ channel: Int, _ tile: Int) -> Int {
  let columns = it.shape.outColumns
  let wide = DBC_LANE_REGISTERS >= 32
  var column = 0
  while column < columns {
    let left = columns &- column
    if tile == 2 {
      if wide, left >= 8 {
        tileOf(2, 8, it, row, channel, column)
        column &+= 8
      } else if left >= 3 {
        tileOf(2, 3, it, row, channel, column)
        column &+= 3
      } else {
        tileOf(2, 1, it, row, channel, column)
        column &+= 1
      }
    } else if wide, left == 14 || left == 28 {
      tileOf(1, 14, it, row, channel, column)
      column &+= 14
    } else if wide, left >= 16 {
      tileOf(1, 16, it, row, channel, column)
      column &+= 16
    } else if wide, left >= 12 {
      tileOf(1, 12, it, row, channel, column)
      column &+= 12
    } else if left >= 4 {
      tileOf(1, 4, it, row, channel, column)
      column &+= 4
    } else {
      tileOf(1, 1, it, row, channel, column)
      column &+= 1
    }
  }
  return column
}

/// One tile of `channels` × `columns` outputs, a specialisation per pair of constants.
@inline(__always)
private func tileOf(
  _ channels: Int, _ columns: Int, _ it: CorrelationOperands, _ row: Int, _ channel: Int, _ column: Int
) {
  switch (channels, columns) {
  case (16, 1): tile(InlineArray<16, Float>.self, InlineArray<1, Float>.self, it, row, channel, column)
  case (6, 4): tile(InlineArray<6, Float>.self, InlineArray<4, Float>.self, it, row, channel, column)
  case (6, 1): tile(InlineArray<6, Float>.self, InlineArray<1, Float>.self, it, row, channel, column)
  case (5, 4): tile(InlineArray<5, Float>.self, InlineArray<4, Float>.self, it, row, channel, column)
  case (5, 1): tile(InlineArray<5, Float>.self, InlineArray<1, Float>.self, it, row, channel, column)
  case (4, 4): tile(InlineArray<4, Float>.self, InlineArray<4, Float>.self, it, row, channel, column)
  case (4, 1): tile(InlineArray<4, Float>.self, InlineArray<1, Float>.self, it, row, channel, column)
  case (2, 8): tile(InlineArray<2, Float>.self, InlineArray<8, Float>.self, it, row, channel, column)
  case (2, 3): tile(InlineArray<2, Float>.self, InlineArray<3, Float>.self, it, row, channel, column)
  case (2, 1): tile(InlineArray<2, Float>.self, InlineArray<1, Float>.self, it, row, channel, column)
  case (1, 16): tile(InlineArray<1, Float>.self, InlineArray<16, Float>.self, it, row, channel, column)
  case (1, 14): tile(InlineArray<1, Float>.self, InlineArray<14, Float>.self, it, row, channel, column)
  case (1, 12): tile(InlineArray<1, Float>.self, InlineArray<12, Float>.self, it, row, channel, column)
  case (1, 4): tile(InlineArray<1, Float>.self, InlineArray<4, Float>.self, it, row, channel, column)
  case (1, 1): tile(InlineArray<1, Float>.self, InlineArray<1, Float>.self, it, row, channel, column)
  default: preconditionFailure("no such tile")
  }
}

/// The sums of `C` channels × `P` columns of one output row. The array types only carry the two constants.
@inline(never)
private func tile<let C: Int, let P: Int>(
  _: InlineArray<C, Float>.Type, _: InlineArray<P, Float>.Type, _ it: CorrelationOperands, _ row: Int,
  _ channel: Int, _ column: Int
) {
  let shape = it.shape
  let kernelColumns = shape.kernelColumns
  let perInput = shape.kernelRows &* kernelColumns
  let perOutput = shape.inChannels &* perInput
  // Kernel rows inside the map; kernel columns that meet at least one column which is not padding.
  let firstRow = max(0, shape.paddingRows &- row)
  let endRow = min(shape.kernelRows, shape.inRows &+ shape.paddingRows &- row)
  let firstColumn = max(0, shape.paddingColumns &- column &- P &+ 1)
  let endColumn = min(kernelColumns, shape.inColumns &+ shape.paddingColumns &- column)
  let rowCount = endRow &- firstRow
  let columnCount = endColumn &- firstColumn
  var sums = InlineArray<C, InlineArray<P, LaneVector>>(repeating: InlineArray(repeating: .zero))
  if let bias = it.bias {
    for c in 0..<C { sums[c] = InlineArray(repeating: LaneVector(repeating: bias[channel &+ c])) }
  }
  let channelStride = shape.inRows &* it.inputColumns
  var plane = it.input + ((row &+ firstRow &- shape.paddingRows) &* it.inputColumns &+ column &+ firstColumn)
  var weights = it.weights + (channel &* perOutput &+ firstRow &* kernelColumns &+ firstColumn)
  for _ in 0..<shape.inChannels {
    var line = plane
    var taps = weights
    for _ in 0..<rowCount {
      for k in 0..<columnCount {
        var x = InlineArray<P, LaneVector>(repeating: .zero)
        for p in 0..<P { x[p] = line[k &+ p] }
        for c in 0..<C {
          let w = LaneVector(repeating: taps[c &* perOutput &+ k])
          for p in 0..<P { sums[c][p] = sums[c][p].plusProduct(x[p], w) }
        }
      }
      line += it.inputColumns
      taps += kernelColumns
    }
    plane += channelStride
    weights += perInput
  }
  let outputs = shape.outRows &* shape.outColumns
  let into = it.output + (channel &* outputs &+ row &* shape.outColumns &+ column)
  for c in 0..<C {
    for p in 0..<P { into[c &* outputs &+ p] = sums[c][p] }
  }
}
