import CPUTarget

/// One map of a lane group from another: the forward pass and the data gradient of convolution and deconvolution,
/// whichever way `plan` goes.
///
/// - Parameters:
///   - input: `[inChannels][inRows][inColumns]` of the map that the plan reads; nil where `scratch` holds it already, with
///     `plan.padding` zero columns on both sides of every row
///   - weights: as `plan.pack` made them
///   - bias: one per channel of the map that is written, or nil
///   - output: the map that the plan writes, overwritten
///   - scratch: `plan.scratchCount` lane vectors
package func correlate(
  _ input: UnsafePointer<LaneVector>?, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
  to output: UnsafeMutablePointer<LaneVector>, _ plan: borrowing CorrelationPlan,
  scratch: UnsafeMutablePointer<LaneVector>
) {
  let padded = input.map { padColumns($0, plan.shape, scratch) } ?? UnsafePointer(scratch)
  if plan.pairsRows {
    correlateRowPairs(padded, weights, output, plan)
  } else {
    correlateRows(padded, weights, output, plan)
  }
  guard let bias else { return }
  let pixels = plan.shape.outRows &* plan.shape.outColumns
  for channel in 0..<plan.shape.outChannels {
    let value = LaneVector(repeating: plan.bias(bias, channel: channel))
    let into = output + channel &* pixels
    for pixel in 0..<pixels { into[pixel] += value }
  }
}

private func correlateRows(
  _ input: UnsafePointer<LaneVector>, _ weights: UnsafePointer<Float>,
  _ output: UnsafeMutablePointer<LaneVector>, _ plan: borrowing CorrelationPlan
) {
  let shape = plan.shape
  let perWeight = shape.inChannels &* shape.taps
  let outputs = shape.outRows &* shape.outColumns
  for row in 0..<shape.outRows {
    let rowInput = input + (row &- shape.paddingRows) &* shape.paddedColumns
    let kind = plan.kind(row)
    for number in 0..<plan.channelTiles.count {
      let channels = plan.channelTiles.base[number]
      let tile = Tile(
        weights: weights + channels.first &* perWeight,
        output: output + (channels.first &* outputs &+ row &* shape.outColumns), outputStride: outputs)
      for columns in plan.tiles(kind, list: channels.list) {
        tile.run(
          channels.count, columns.width, plan.taps(columns), rowInput + columns.first, column: columns.first)
      }
    }
  }
}

/// The only output channel, two rows at a time.
private func correlateRowPairs(
  _ input: UnsafePointer<LaneVector>, _ weights: UnsafePointer<Float>,
  _ output: UnsafeMutablePointer<LaneVector>, _ plan: borrowing CorrelationPlan
) {
  let shape = plan.shape
  var row = 0
  while row < shape.outRows {
    let rowInput = input + (row &- shape.paddingRows) &* shape.paddedColumns
    let rowOutput = output + row &* shape.outColumns
    // In steps of kernel rows: those that only the upper row has, those of both, those that only the lower row has.
    // An odd last row is an upper one without a lower one.
    let hasLower = row &+ 1 < shape.outRows
    let upperKind = plan.kind(row)
    let lowerKind = plan.kind(hasLower ? row &+ 1 : row)
    let upper = upperKind.firstKernelRow..<upperKind.endKernelRow
    let lower = hasLower ? lowerKind.firstKernelRow..<lowerKind.endKernelRow : 0..<0
    // Kernel row k of the upper row meets the inputs of kernel row k − 1 of the lower one.
    let first = min(max(upper.lowerBound, lower.lowerBound &+ 1), upper.upperBound)
    let shared = first..<max(first, min(upper.upperBound, lower.upperBound &+ 1))
    let lowerTiles = plan.tiles(lowerKind, list: 0)
    for (number, columns) in plan.tiles(upperKind, list: 0).enumerated() {
      let pair = RowPair(
        weights: weights, kernelColumns: shape.kernelColumns,
        upperOnly: plan.taps(columns, rows: upper.lowerBound..<shared.lowerBound, first: upper.lowerBound),
        both: plan.taps(columns, rows: shared, first: upper.lowerBound),
        lowerOnly: plan.taps(
          lowerTiles[number], rows: max(lower.lowerBound, shared.upperBound &- 1)..<lower.upperBound,
          first: lower.lowerBound))
      pair.run(
        columns.width, rowInput + columns.first,
        lowerInput: rowInput + (shape.paddedColumns &+ columns.first),
        rowOutput + columns.first,
        lowerOutput: hasLower ? rowOutput + (shape.outColumns &+ columns.first) : rowOutput + columns.first)
    }
    row &+= 2
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

/// Which numbers of columns a tile of so many channels may have: the sums, the inputs and a weight must fit into the
/// registers.
enum TileSizes {
  static func widths(channels: Int) -> [Int] {
    if DBC_LANE_REGISTERS < 32 {
      switch channels {
      case 1: return [4, 1]
      case 2: return [3, 1]
      default: return [1]
      }
    }
    switch channels {
    case 1: return [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    case 2: return [8, 4, 2, 1]
    case 3: return [6, 4, 2, 1]
    case 4, 5, 6: return [4, 2, 1]
    default: return [1]
    }
  }
}

/// The sums of a few channels × a few columns of one output row, held in registers.
private struct Tile {
  /// `[tap][channel]`
  let weights: UnsafePointer<Float>
  /// The tile's channels in the output, first column.
  let output: UnsafeMutablePointer<LaneVector>
  let outputStride: Int

  /// Calls the specialisation for `channels` × `columns`.
  @inline(__always)
  func run(
    _ channels: Int, _ columns: Int, _ taps: UnsafeBufferPointer<CorrelationPlan.Tap>,
    _ input: UnsafePointer<LaneVector>, column: Int
  ) {
    let into = output + column
    switch channels &* 32 &+ columns {
    case 16 * 32 + 1: sum(InlineArray<16, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 8 * 32 + 1: sum(InlineArray<8, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 6 * 32 + 4: sum(InlineArray<6, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 6 * 32 + 2: sum(InlineArray<6, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 6 * 32 + 1: sum(InlineArray<6, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 5 * 32 + 4: sum(InlineArray<5, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 5 * 32 + 2: sum(InlineArray<5, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 5 * 32 + 1: sum(InlineArray<5, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 4 * 32 + 4: sum(InlineArray<4, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 4 * 32 + 2: sum(InlineArray<4, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 4 * 32 + 1: sum(InlineArray<4, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 3 * 32 + 6: sum(InlineArray<3, Float>.self, InlineArray<6, Float>.self, taps, input, into)
    case 3 * 32 + 4: sum(InlineArray<3, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 3 * 32 + 2: sum(InlineArray<3, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 3 * 32 + 1: sum(InlineArray<3, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 2 * 32 + 8: sum(InlineArray<2, Float>.self, InlineArray<8, Float>.self, taps, input, into)
    case 2 * 32 + 4: sum(InlineArray<2, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 2 * 32 + 3: sum(InlineArray<2, Float>.self, InlineArray<3, Float>.self, taps, input, into)
    case 2 * 32 + 2: sum(InlineArray<2, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 2 * 32 + 1: sum(InlineArray<2, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 1 * 32 + 4: sum(InlineArray<1, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 1 * 32 + 1: sum(InlineArray<1, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    default: preconditionFailure("no tile of \(channels) × \(columns)")
    }
  }

  /// The sums of `C` channels × `P` columns over `taps`: one loop, so that they never leave the registers. The array
  /// types only carry the two constants.
  @inline(never)
  private func sum<let C: Int, let P: Int>(
    _: InlineArray<C, Float>.Type, _: InlineArray<P, Float>.Type,
    _ taps: UnsafeBufferPointer<CorrelationPlan.Tap>, _ input: UnsafePointer<LaneVector>,
    _ into: UnsafeMutablePointer<LaneVector>
  ) {
    var sums = InlineArray<C, InlineArray<P, LaneVector>>(repeating: InlineArray(repeating: .zero))
    for tap in taps {
      let from = input + Int(tap.input)
      let w = weights + Int(tap.weight) &* C
      // Whichever is shorter is held in registers.
      if P <= C {
        var x = InlineArray<P, LaneVector>(repeating: .zero)
        for p in 0..<P { x[p] = from[p] }
        for c in 0..<C {
          let weight = LaneVector(repeating: w[c])
          for p in 0..<P { sums[c][p] = sums[c][p].plusProduct(x[p], weight) }
        }
      } else {
        var weight = InlineArray<C, LaneVector>(repeating: .zero)
        for c in 0..<C { weight[c] = LaneVector(repeating: w[c]) }
        for p in 0..<P {
          let x = from[p]
          for c in 0..<C { sums[c][p] = sums[c][p].plusProduct(x, weight[c]) }
        }
      }
    }
    for c in 0..<C {
      for p in 0..<P { into[c &* outputStride &+ p] = sums[c][p] }
    }
  }
}

/// The sums of two rows of the only output channel × a few columns, held in registers.
private struct RowPair {
  typealias Taps = UnsafeBufferPointer<CorrelationPlan.Tap>

  /// `[tap]`
  let weights: UnsafePointer<Float>
  let kernelColumns: Int
  let upperOnly: Taps
  let both: Taps
  let lowerOnly: Taps

  func run(
    _ columns: Int, _ input: UnsafePointer<LaneVector>, lowerInput: UnsafePointer<LaneVector>,
    _ output: UnsafeMutablePointer<LaneVector>, lowerOutput: UnsafeMutablePointer<LaneVector>
  ) {
    switch columns {
    case 10: sum(InlineArray<10, Float>.self, input, lowerInput, output, lowerOutput)
    case 9: sum(InlineArray<9, Float>.self, input, lowerInput, output, lowerOutput)
    case 8: sum(InlineArray<8, Float>.self, input, lowerInput, output, lowerOutput)
    case 7: sum(InlineArray<7, Float>.self, input, lowerInput, output, lowerOutput)
    case 6: sum(InlineArray<6, Float>.self, input, lowerInput, output, lowerOutput)
    case 5: sum(InlineArray<5, Float>.self, input, lowerInput, output, lowerOutput)
    case 4: sum(InlineArray<4, Float>.self, input, lowerInput, output, lowerOutput)
    case 3: sum(InlineArray<3, Float>.self, input, lowerInput, output, lowerOutput)
    case 2: sum(InlineArray<2, Float>.self, input, lowerInput, output, lowerOutput)
    default: sum(InlineArray<1, Float>.self, input, lowerInput, output, lowerOutput)
    }
  }

  @inline(never)
  private func sum<let P: Int>(
    _: InlineArray<P, Float>.Type, _ input: UnsafePointer<LaneVector>,
    _ lowerInput: UnsafePointer<LaneVector>,
    _ output: UnsafeMutablePointer<LaneVector>, _ lowerOutput: UnsafeMutablePointer<LaneVector>
  ) {
    var upper = InlineArray<P, LaneVector>(repeating: .zero)
    var lower = InlineArray<P, LaneVector>(repeating: .zero)
    for tap in upperOnly {
      let from = input + Int(tap.input)
      let weight = LaneVector(repeating: weights[Int(tap.weight)])
      for p in 0..<P { upper[p] = upper[p].plusProduct(from[p], weight) }
    }
    let lowerWeights = weights - kernelColumns
    for tap in both {
      let from = input + Int(tap.input)
      let weight = LaneVector(repeating: weights[Int(tap.weight)])
      let lowerWeight = LaneVector(repeating: lowerWeights[Int(tap.weight)])
      for p in 0..<P {
        let x = from[p]
        upper[p] = upper[p].plusProduct(x, weight)
        lower[p] = lower[p].plusProduct(x, lowerWeight)
      }
    }
    for tap in lowerOnly {
      let from = lowerInput + Int(tap.input)
      let weight = LaneVector(repeating: weights[Int(tap.weight)])
      for p in 0..<P { lower[p] = lower[p].plusProduct(from[p], weight) }
    }
    // In this order: without a lower row both are the same memory.
    for p in 0..<P { lowerOutput[p] = lower[p] }
    for p in 0..<P { output[p] = upper[p] }
  }
}
