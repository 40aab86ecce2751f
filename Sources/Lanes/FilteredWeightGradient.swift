import CPUTarget

/// A weight gradient by minimal filtering along the columns: dw = Gᵀ(Bᵀ·large ⊙ A·small), the products summed over
/// rows, tiles and lanes before Gᵀ is applied.
final class FilteredWeightGradient: Sendable {
  private let shape: ConvolutionShape
  private let filter: MinimalFilter
  private let transforms: FilterTransforms
  private let strips: FilterStrips
  /// Channels of the transformed large map.
  private let inputs: Int
  /// Lane vectors of scratch memory.
  let scratchCount: Int

  /// The most channels of the small and of the large map that are multiplied at once.
  private static let (mostOutputs, mostInputs) = hasFewRegisters ? (2, 2) : (4, 6)

  /// Whether the transforms cost less than the products that they save: a count of cycles with a multiply-add a cycle,
  /// its constants measured.
  static func pays(_ shape: ConvolutionShape, _ filter: MinimalFilter) -> Bool {
    let weights = MinimalFilter.products * filter.columnShape(shape, tiles: 1).weightCount
    // A single channel leaves too few products per load.
    return shape.inChannels * filter.blocks >= 3
      && filter.cycles(shape, largeTile: 22, smallTile: 24) + 7 * Double(weights)
        < Double(shape.multiplyAdds) / 0.9
  }

  init(_ shape: ConvolutionShape, _ filter: MinimalFilter) {
    self.shape = shape
    self.filter = filter
    transforms = FilterTransforms(filter: filter, shape: shape)
    strips = FilterStrips(shape, filter, transposed: false)
    inputs = shape.inChannels * filter.blocks
    perProduct = filter.columnShape(shape, tiles: 1).weightCount
    scratchCount =
      strips.inputCount + strips.outputCount + MinimalFilter.products * perProduct
  }

  /// Sums of one product: `[outChannels][inputs][kernelRows]`.
  private let perProduct: Int

  func run(
    large: UnsafePointer<LaneVector>, small: UnsafePointer<LaneVector>,
    to dWeights: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<LaneVector>
  ) {
    let sums = scratch + (strips.inputCount + strips.outputCount)
    for firstTile in stride(from: 0, to: strips.allTiles, by: strips.tiles) {
      for firstRow in stride(from: 0, to: shape.outRows, by: strips.rows) {
        let rows = firstRow..<min(firstRow &+ strips.rows, shape.outRows)
        let needed = strips.inputRows(rows)
        let from = TransformedMap(
          base: scratch, channels: inputs, rows: strips.inputRows, tiles: strips.tiles)
        let into = TransformedMap(
          base: scratch + strips.inputCount, channels: shape.outChannels, rows: strips.rows,
          tiles: strips.tiles)
        transforms.large(large, rows: needed, firstTile: firstTile, to: from)
        transforms.small(small, rows: rows, firstTile: firstTile, to: into)
        for product in 0..<MinimalFilter.products {
          for kernelRow in 0..<shape.kernelRows {
            add(
              product, kernelRow, rows, needed, from, into, to: sums + product &* perProduct,
              isFirst: firstTile == 0 && firstRow == 0)
          }
        }
      }
    }
    switch filter.length {
    case 3: combine(InlineArray<3, LaneVector>.self, sums, to: dWeights)
    case 4: combine(InlineArray<4, LaneVector>.self, sums, to: dWeights)
    default: combine(InlineArray<5, LaneVector>.self, sums, to: dWeights)
    }
  }

  /// Adds one product of one kernel row over a strip, for all pairs of channels.
  private func add(
    _ product: Int, _ kernelRow: Int, _ rows: Range<Int>, _ needed: Range<Int>, _ large: TransformedMap,
    _ small: TransformedMap, to sums: UnsafeMutablePointer<LaneVector>, isFirst: Bool
  ) {
    // Rows of the small map whose partner lies inside the large one.
    let first = max(rows.lowerBound, shape.paddingRows - kernelRow)
    let end = max(first, min(rows.upperBound, shape.inRows + shape.paddingRows - kernelRow))
    let tile = ProductTile(
      large: large.base
        + (product &* large.perProduct
          &+ (first &+ kernelRow &- shape.paddingRows &- needed.lowerBound) &* large.tiles),
      largePlane: large.plane,
      small: small.base + (product &* small.perProduct &+ (first &- rows.lowerBound) &* small.tiles),
      smallPlane: small.plane, count: (end - first) &* small.tiles, sums: sums + kernelRow,
      sumsPerInput: shape.kernelRows, sumsPerOutput: inputs &* shape.kernelRows, isFirst: isFirst)
    var output = 0
    while output < shape.outChannels {
      let outputs = min(Self.mostOutputs, shape.outChannels &- output)
      let parts = (inputs &+ Self.mostInputs &- 1) / Self.mostInputs
      var input = 0
      for part in 0..<parts {
        let width = (inputs &- input) / (parts &- part)
        tile.run(outputs, width, output, input)
        input &+= width
      }
      output &+= outputs
    }
  }

  /// dw = Gᵀ·sums, lane by lane, and then added over the lanes, sixteen weights at a time.
  private func combine<let R: Int>(
    _ type: InlineArray<R, LaneVector>.Type, _ sums: UnsafePointer<LaneVector>,
    to dWeights: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: LaneVector.self, capacity: 2 * laneCount) { memory in
      let rows = memory.baseAddress!
      var filled = 0
      var into = dWeights
      for output in 0..<shape.outChannels {
        for input in 0..<shape.inChannels {
          for kernelRow in 0..<shape.kernelRows {
            for block in 0..<filter.blocks {
              let channel = output &* inputs &+ block &* shape.inChannels &+ input
              let from = sums + (channel &* shape.kernelRows &+ kernelRow)
              var six = SixLanes(repeating: .zero)
              for product in 0..<6 { six[product] = from[product &* perProduct] }
              let w = untransformWeights(six, type)
              let length = min(R, shape.kernelColumns &- block &* R)
              for q in 0..<R where q < length { rows[filled &+ q] = w[q] }
              filled &+= length
              if filled >= laneCount {
                UnsafeMutableRawPointer(into).storeBytes(of: laneSums(rows), as: LaneVector.self)
                into += laneCount
                filled &-= laneCount
                for i in 0..<filled { rows[i] = rows[laneCount &+ i] }
              }
            }
          }
        }
      }
      let rest = laneSums(rows)
      for i in 0..<filled { into[i] = rest[i] }
    }
  }
}

/// The sums over rows and tiles of the products of some channels of the small map with some of the large one.
private struct ProductTile {
  let large: UnsafePointer<LaneVector>
  let largePlane: Int
  let small: UnsafePointer<LaneVector>
  let smallPlane: Int
  /// Tiles of all rows.
  let count: Int
  let sums: UnsafeMutablePointer<LaneVector>
  let sumsPerInput: Int
  let sumsPerOutput: Int
  /// Whether the sums begin here.
  let isFirst: Bool

  func run(_ outputs: Int, _ inputs: Int, _ output: Int, _ input: Int) {
    switch outputs {
    case 4: run(InlineArray<4, Float>.self, inputs, output, input)
    case 3: run(InlineArray<3, Float>.self, inputs, output, input)
    case 2: run(InlineArray<2, Float>.self, inputs, output, input)
    default: run(InlineArray<1, Float>.self, inputs, output, input)
    }
  }

  @inline(__always)
  private func run<let C: Int>(
    _ outputs: InlineArray<C, Float>.Type, _ inputs: Int, _ output: Int, _ input: Int
  ) {
    switch inputs {
    case 6: sum(outputs, InlineArray<6, Float>.self, output, input)
    case 5: sum(outputs, InlineArray<5, Float>.self, output, input)
    case 4: sum(outputs, InlineArray<4, Float>.self, output, input)
    case 3: sum(outputs, InlineArray<3, Float>.self, output, input)
    case 2: sum(outputs, InlineArray<2, Float>.self, output, input)
    default: sum(outputs, InlineArray<1, Float>.self, output, input)
    }
  }

  @inline(never)
  private func sum<let C: Int, let I: Int>(
    _: InlineArray<C, Float>.Type, _: InlineArray<I, Float>.Type, _ output: Int, _ input: Int
  ) {
    var total = InlineArray<C, InlineArray<I, LaneVector>>(repeating: InlineArray(repeating: .zero))
    let into = sums + (output &* sumsPerOutput &+ input &* sumsPerInput)
    if !isFirst {
      for c in 0..<C {
        for i in 0..<I { total[c][i] = into[c &* sumsPerOutput &+ i &* sumsPerInput] }
      }
    }
    var x = large + input &* largePlane
    var y = small + output &* smallPlane
    for _ in 0..<count {
      var values = InlineArray<I, LaneVector>(repeating: .zero)
      for i in 0..<I { values[i] = x[i &* largePlane] }
      for c in 0..<C {
        let d = y[c &* smallPlane]
        for i in 0..<I { total[c][i] = total[c][i].plusProduct(values[i], d) }
      }
      x += 1
      y += 1
    }
    for c in 0..<C {
      for i in 0..<I {
        into[c &* sumsPerOutput &+ i &* sumsPerInput] = total[c][i]
      }
    }
  }
}
