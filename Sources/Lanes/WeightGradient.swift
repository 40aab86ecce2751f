import CPUTarget

/// How the weight gradient of one convolution is formed, made once per layer; `weightGradient` runs it.
package final class WeightGradientPlan: Sendable {
  fileprivate enum Walk: Sendable {
    case matrix
    case direct
    case filtered(FilteredWeightGradient)
  }

  fileprivate let shape: ConvolutionShape
  fileprivate let walk: Walk
  /// Lane vectors of scratch memory that `weightGradient` needs.
  package let scratchCount: Int

  /// - Parameter filtered: whether to use minimal filtering; nil lets the shape decide
  package init(_ convolution: ConvolutionShape, filtered: Bool? = nil) {
    shape = convolution.canonical
    if shape.isMatrix {
      walk = .matrix
      scratchCount = laneOuterProductScratch(columns: shape.inChannels)
    } else if let filter = MinimalFilter(shape),
      filtered ?? FilteredWeightGradient.pays(shape, filter)
    {
      let plan = FilteredWeightGradient(shape, filter)
      walk = .filtered(plan)
      scratchCount = plan.scratchCount
    } else {
      walk = .direct
      scratchCount = shape.paddedCount + 6 * shape.taps + laneCount
    }
  }
}

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
///   - scratch: `plan.scratchCount` lane vectors
package func weightGradient(
  large: UnsafePointer<LaneVector>, small: UnsafePointer<LaneVector>,
  to dWeights: UnsafeMutablePointer<Float>, _ plan: WeightGradientPlan,
  scratch: UnsafeMutablePointer<LaneVector>
) {
  let shape = plan.shape
  switch plan.walk {
  case .matrix:
    laneOuterProduct(
      small, rows: shape.outChannels, large, columns: shape.inChannels, to: dWeights, scratch: scratch)
  case .filtered(let it): it.run(large: large, small: small, to: dWeights, scratch: scratch)
  case .direct: directWeightGradient(large, small, dWeights, shape, scratch)
  }
}

private func directWeightGradient(
  _ large: UnsafePointer<LaneVector>, _ small: UnsafePointer<LaneVector>,
  _ dWeights: UnsafeMutablePointer<Float>, _ shape: ConvolutionShape,
  _ scratch: UnsafeMutablePointer<LaneVector>
) {
  let operands = WeightGradientOperands(
    large: padColumns(large, shape, scratch), largeColumns: shape.paddedColumns, small: small,
    shape: shape)
  let sums = scratch + shape.paddedCount
  var output = 0
  while output < shape.outChannels {
    let rows = weightRows(left: shape.outChannels &- output, kernelColumns: shape.kernelColumns)
    for input in 0..<shape.inChannels {
      for kernelRow in 0..<shape.kernelRows {
        weightRow(operands, output, rows, input, kernelRow, to: sums)
      }
      addLanes(sums, count: rows &* shape.taps)
      let from = UnsafeRawPointer(sums).assumingMemoryBound(to: Float.self)
      for row in 0..<rows {
        let into = dWeights + ((output &+ row) &* shape.inChannels &+ input) &* shape.taps
        into.update(from: from + row &* shape.taps, count: shape.taps)
      }
    }
    output &+= rows
  }
}

/// Replaces `count` lane vectors by the sums of their lanes, `count` floats in the same memory, which is as long as a
/// multiple of 16.
func addLanes(_ sums: UnsafeMutablePointer<LaneVector>, count: Int) {
  var first = 0
  // What lies behind the last sum is added, too, and not used.
  while first < count {
    sums[first / laneCount] = laneSums(sums + first)
    first &+= laneCount
  }
}

/// How many output channels are summed at once, chosen by measurement: short kernels leave registers for more.
private func weightRows(left: Int, kernelColumns: Int) -> Int {
  if left >= 6, !hasFewRegisters, kernelColumns <= 3 { return 6 }
  return left == 5 || left == 6 ? 3 : min(left, 4)
}

private struct WeightGradientOperands {
  let large: UnsafePointer<LaneVector>
  let largeColumns: Int
  let small: UnsafePointer<LaneVector>
  let shape: ConvolutionShape
}

/// One kernel row of `rows` output channels, in pieces of at most five kernel columns.
private func weightRow(
  _ it: WeightGradientOperands, _ output: Int, _ rows: Int, _ input: Int, _ kernelRow: Int,
  to sums: UnsafeMutablePointer<LaneVector>
) {
  var column = 0
  while column < it.shape.kernelColumns {
    let left = it.shape.kernelColumns &- column
    let width = left == 6 ? 3 : min(left, 5)
    let at = (output, input, kernelRow, column)
    let into = sums + (kernelRow &* it.shape.kernelColumns &+ column)
    switch rows {
    case 6: weightTiles(InlineArray<6, Float>.self, it, width, at, into)
    case 4: weightTiles(InlineArray<4, Float>.self, it, width, at, into)
    case 3: weightTiles(InlineArray<3, Float>.self, it, width, at, into)
    case 2: weightTiles(InlineArray<2, Float>.self, it, width, at, into)
    default: weightTiles(InlineArray<1, Float>.self, it, width, at, into)
    }
    column &+= width
  }
}

@inline(__always)
private func weightTiles<let C: Int>(
  _ channels: InlineArray<C, Float>.Type, _ it: WeightGradientOperands, _ width: Int,
  _ at: (Int, Int, Int, Int), _ into: UnsafeMutablePointer<LaneVector>
) {
  switch width {
  case 5: weightTile(channels, InlineArray<5, Float>.self, it, at, into)
  case 4: weightTile(channels, InlineArray<4, Float>.self, it, at, into)
  case 3: weightTile(channels, InlineArray<3, Float>.self, it, at, into)
  case 2: weightTile(channels, InlineArray<2, Float>.self, it, at, into)
  default: weightTile(channels, InlineArray<1, Float>.self, it, at, into)
  }
}

/// `C` output channels × `K` kernel columns: the sums over all pixels stay in registers, in one loop over them.
/// They are written to `into`, `[channels][taps]`.
@inline(never)
private func weightTile<let C: Int, let K: Int>(
  _: InlineArray<C, Float>.Type, _: InlineArray<K, Float>.Type, _ it: WeightGradientOperands,
  _ at: (output: Int, input: Int, kernelRow: Int, column: Int), _ into: UnsafeMutablePointer<LaneVector>
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
  let rowGap = it.largeColumns &- outColumns
  var columnsLeft = outColumns
  for _ in 0..<(max(0, endRow &- firstRow) &* outColumns) {
    var x = InlineArray<K, LaneVector>(repeating: .zero)
    for k in 0..<K { x[k] = large[k] }
    for c in 0..<C {
      let d = small[c &* plane]
      for k in 0..<K { sums[c][k] = sums[c][k].plusProduct(x[k], d) }
    }
    small += 1
    columnsLeft &-= 1
    large += columnsLeft == 0 ? 1 &+ rowGap : 1
    columnsLeft = columnsLeft == 0 ? outColumns : columnsLeft
  }
  for c in 0..<C {
    for k in 0..<K { into[c &* shape.taps &+ k] = sums[c][k] }
  }
}
