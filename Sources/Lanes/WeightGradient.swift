/// The weight gradient of one lane group: dWeights[o][i][kr][kc] = Σ over pixels and lanes of
/// large[i][r + kr − paddingRows][c + kc − paddingColumns] · small[o][r][c].
///
/// For a convolution `large` is its input and `small` the gradient of its output; for a deconvolution `large` is
/// the gradient of its output and `small` its input.
///
/// - Parameters:
///   - large: `[inChannels][inRows][inColumns]`
///   - small: `[outChannels][outRows][outColumns]`
///   - dWeights: `[outChannels][inChannels][kernelRows][kernelColumns]`, overwritten
///   - scratch: `shape.scratchCount` lane vectors
package func weightGradient(
  large: UnsafePointer<LaneVector>, small: UnsafePointer<LaneVector>,
  to dWeights: UnsafeMutablePointer<Float>, _ shape: ConvolutionShape,
  scratch: UnsafeMutablePointer<LaneVector>
) {
  let shape = shape.canonical
  if shape.isMatrix {
    laneOuterProduct(
      small, rows: shape.outChannels, large, columns: shape.inChannels, to: dWeights, scratch: scratch)
    return
  }
  let operands = WeightGradientOperands(
    large: padColumns(large, shape, scratch), largeColumns: shape.paddedColumns, small: small,
    dWeights: dWeights, shape: shape)
  var output = 0
  while output < shape.outChannels {
    let left = shape.outChannels &- output
    let rows = left >= 4 ? 4 : left
    for input in 0..<shape.inChannels {
      for kernelRow in 0..<shape.kernelRows {
        weightRow(operands, output, rows, input, kernelRow)
      }
    }
    output &+= rows
  }
}

private struct WeightGradientOperands {
  let large: UnsafePointer<LaneVector>
  let largeColumns: Int
  let small: UnsafePointer<LaneVector>
  let dWeights: UnsafeMutablePointer<Float>
  let shape: ConvolutionShape
}

/// One kernel row of `rows` output channels, in pieces of at most five kernel columns.
private func weightRow(
  _ it: WeightGradientOperands, _ output: Int, _ rows: Int, _ input: Int, _ kernelRow: Int
) {
  var column = 0
  while column < it.shape.kernelColumns {
    let left = it.shape.kernelColumns &- column
    let width = left == 6 ? 3 : min(left, 5)
    let at = (output, input, kernelRow, column)
    switch rows {
    case 4: weightTiles(InlineArray<4, Float>.self, it, width, at)
    case 3: weightTiles(InlineArray<3, Float>.self, it, width, at)
    case 2: weightTiles(InlineArray<2, Float>.self, it, width, at)
    default: weightTiles(InlineArray<1, Float>.self, it, width, at)
    }
    column &+= width
  }
}

@inline(__always)
private func weightTiles<let C: Int>(
  _ channels: InlineArray<C, Float>.Type, _ it: WeightGradientOperands, _ width: Int,
  _ at: (Int, Int, Int, Int)
) {
  switch width {
  case 5: weightTile(channels, InlineArray<5, Float>.self, it, at)
  case 4: weightTile(channels, InlineArray<4, Float>.self, it, at)
  case 3: weightTile(channels, InlineArray<3, Float>.self, it, at)
  case 2: weightTile(channels, InlineArray<2, Float>.self, it, at)
  default: weightTile(channels, InlineArray<1, Float>.self, it, at)
  }
}

/// `C` output channels × `K` kernel columns: the sums over all pixels stay in registers, the lanes are added
/// once at the end.
@inline(never)
private func weightTile<let C: Int, let K: Int>(
  _: InlineArray<C, Float>.Type, _: InlineArray<K, Float>.Type, _ it: WeightGradientOperands,
  _ at: (output: Int, input: Int, kernelRow: Int, column: Int)
) {
  let shape = it.shape
  let outColumns = shape.outColumns
  let plane = shape.outRows &* outColumns
  let firstRow = max(0, shape.paddingRows &- at.kernelRow)
  let endRow = min(shape.outRows, shape.inRows &+ shape.paddingRows &- at.kernelRow)
  var sums = InlineArray<C, InlineArray<K, LaneVector>>(repeating: InlineArray(repeating: .zero))
  var small = it.small + (at.output &* plane &+ firstRow &* outColumns)
  var large =
    it.large
    + ((at.input &* shape.inRows &+ firstRow &+ at.kernelRow &- shape.paddingRows) &* it.largeColumns
      &+ at.column)
  for _ in 0..<max(0, endRow &- firstRow) {
    for column in 0..<outColumns {
      var x = InlineArray<K, LaneVector>(repeating: .zero)
      for k in 0..<K { x[k] = large[column &+ k] }
      for c in 0..<C {
        let d = small[c &* plane &+ column]
        for k in 0..<K { sums[c][k] = sums[c][k].plusProduct(x[k], d) }
      }
    }
    small += outColumns
    large += it.largeColumns
  }
  var rows = InlineArray<2, InlineArray<16, LaneVector>>(repeating: InlineArray(repeating: .zero))
  for c in 0..<C {
    for k in 0..<K { rows[(c &* K &+ k) / 16][(c &* K &+ k) % 16] = sums[c][k] }
  }
  let first = laneSums(rows[0])
  let second = C * K > 16 ? laneSums(rows[1]) : .zero
  let perInput = shape.taps
  let into =
    it.dWeights
    + ((at.output &* shape.inChannels &+ at.input) &* perInput &+ at.kernelRow &* shape.kernelColumns
      &+ at.column)
  for c in 0..<C {
    for k in 0..<K {
      let i = c &* K &+ k
      into[c &* shape.inChannels &* perInput &+ k] = i < 16 ? first[i] : second[i &- 16]
    }
  }
}

/// The product of two sets of vectors over the lanes: product[a][b] = Σ_lanes left[a] · right[b].
///
/// The right side is transposed once, so that the lanes become the inner dimension of a small matrix product and
/// nothing has to be added across a register.
///
/// - Parameters:
///   - left: `[rows]` lane vectors
///   - right: `[columns]` lane vectors
///   - product: `[rows][columns]` floats, overwritten
///   - scratch: `columns + 16 + rows·(columns + 16)/16` lane vectors
package func laneOuterProduct(
  _ left: UnsafePointer<LaneVector>, rows: Int, _ right: UnsafePointer<LaneVector>, columns: Int,
  to product: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<LaneVector>
) {
  let vectors = (columns + 15) / 16
  let shape = ConvolutionShape(
    inChannels: laneCount, outChannels: rows, kernelRows: 1, kernelColumns: 1, inRows: 1, inColumns: vectors)
  let transposed = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
  if columns % 16 != 0 { scratch.update(repeating: .zero, count: laneCount * vectors) }
  transposeLanes(right, count: columns, to: transposed, stride: vectors * 16)
  let weights = UnsafeRawPointer(left).assumingMemoryBound(to: Float.self)
  let aligned = Int(bitPattern: product) % 64 == 0 && columns % 16 == 0
  let result =
    aligned
    ? UnsafeMutableRawPointer(product).assumingMemoryBound(to: LaneVector.self)
    : scratch + laneCount * vectors
  correlate(scratch, weights: weights, to: result, shape, scratch: scratch)
  if aligned { return }
  let from = UnsafeRawPointer(result).assumingMemoryBound(to: Float.self)
  for row in 0..<rows {
    (product + row * columns).update(from: from + row * vectors * 16, count: columns)
  }
}
