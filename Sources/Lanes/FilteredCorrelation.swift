/// A convolution from large to small, or its transpose, by minimal filtering along the columns: the transformed maps are
/// correlated product by product with kernels of one column, a few rows and tiles at a time so that they stay in the
/// second-level cache.
final class FilteredCorrelation: Sendable {
  private let shape: ConvolutionShape
  private let filter: MinimalFilter
  private let isTransposed: Bool
  private let transforms: FilterTransforms
  private let strips: FilterStrips
  /// The correlation of one product, over one strip's tiles.
  private let plan: TilePlan

  /// Floats of the packed weights.
  let weightCount: Int
  /// Lane vectors of scratch memory.
  let scratchCount: Int

  /// Whether the transforms cost less than the products that they save: a count of cycles with a multiply-add a cycle,
  /// its constants measured.
  static func pays(_ shape: ConvolutionShape, _ filter: MinimalFilter, transposed: Bool) -> Bool {
    let direct = Double(shape.multiplyAdds) / (transposed && shape.inChannels == 1 ? 0.65 : 0.9)
    return filter.cycles(shape, largeTile: 22, smallTile: 30) < direct
  }

  init(_ shape: ConvolutionShape, _ filter: MinimalFilter, transposed: Bool) {
    self.shape = shape
    self.filter = filter
    isTransposed = transposed
    transforms = FilterTransforms(filter: filter, shape: shape)
    strips = FilterStrips(shape, filter, transposed: transposed)
    let column = filter.columnShape(shape, tiles: strips.tiles)
    plan = TilePlan(transposed ? column.transposed : column, channelRows: strips.inputRows)
    weightCount = MinimalFilter.products * column.weightCount
    scratchCount = strips.inputCount + strips.outputCount
  }

  /// Transforms weights, `[outChannels][inChannels][kernelRows][kernelColumns]`, and packs them, product after product.
  func pack(_ weights: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    let column = filter.columnShape(shape, tiles: 1)
    let transformed = AlignedBuffer<Float>(count: column.weightCount)
    for product in 0..<MinimalFilter.products {
      transformWeights(weights, product, to: transformed.base)
      let into = packed + product &* column.weightCount
      if isTransposed {
        plan.packTransposed(transformed.base, to: into)
      } else {
        plan.pack(transformed.base, to: into)
      }
    }
  }

  /// `[outChannels][block · inChannels][kernelRows]`
  private func transformWeights(
    _ weights: UnsafePointer<Float>, _ product: Int, to transformed: UnsafeMutablePointer<Float>
  ) {
    let factors = MinimalFilter.weightFactors(product, length: filter.length)
    var into = transformed
    for output in 0..<shape.outChannels {
      for block in 0..<filter.blocks {
        let first = block &* filter.length
        let length = min(filter.length, shape.kernelColumns &- first)
        for input in 0..<shape.inChannels {
          var from = weights + ((output &* shape.inChannels &+ input) &* shape.taps &+ first)
          for _ in 0..<shape.kernelRows {
            var sum: Float = 0
            for q in 0..<length { sum += factors[q] * from[q] }
            into.pointee = sum
            into += 1
            from += shape.kernelColumns
          }
        }
      }
    }
  }

  func run(
    _ input: UnsafePointer<LaneVector>, weights: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<LaneVector>, scratch: UnsafeMutablePointer<LaneVector>
  ) {
    let adds = filter.blocks > 1 || strips.tiles < strips.allTiles
    if isTransposed, adds { output.update(repeating: .zero, count: shape.inCount) }
    let perProduct = plan.shape.weightCount
    for firstTile in stride(from: 0, to: strips.allTiles, by: strips.tiles) {
      for firstRow in stride(from: 0, to: plan.shape.outRows, by: strips.rows) {
        let rows = firstRow..<min(firstRow &+ strips.rows, plan.shape.outRows)
        let needed = strips.inputRows(rows)
        let from = TransformedMap(
          base: scratch, channels: plan.shape.inChannels, rows: strips.inputRows, tiles: strips.tiles)
        let into = TransformedMap(
          base: scratch + strips.inputCount, channels: plan.shape.outChannels, rows: strips.rows,
          tiles: strips.tiles)
        if isTransposed {
          transforms.small(input, rows: needed, firstTile: firstTile, to: from)
        } else {
          transforms.large(input, rows: needed, firstTile: firstTile, to: from)
        }
        for product in 0..<MinimalFilter.products {
          plan.run(
            rows, from.base + (product &* from.perProduct &- needed.lowerBound &* strips.tiles),
            weights: weights + product &* perProduct,
            to: into.base + (product &* into.perProduct &- rows.lowerBound &* strips.tiles),
            outputPlane: into.plane)
        }
        if isTransposed {
          transforms.largeResult(into, rows: rows, firstTile: firstTile, adds: adds, to: output)
        } else {
          transforms.smallResult(into, rows: rows, firstTile: firstTile, to: output)
        }
      }
    }
  }
}

extension MinimalFilter {
  /// Cycles of the products and the transforms, from the cycles that a tile of either map takes.
  func cycles(_ shape: ConvolutionShape, largeTile: Double, smallTile: Double) -> Double {
    let tiles = tiles(shape.outColumns)
    let column = columnShape(shape, tiles: tiles)
    return Double(Self.products * column.multiplyAdds) / 0.92
      + Double(shape.inChannels * blocks * shape.inRows * tiles) * largeTile
      + Double(shape.outChannels * shape.outRows * tiles) * smallTile
  }

  /// The convolution of one product: kernels of one column, the blocks as further input channels, `tiles` columns.
  func columnShape(_ shape: ConvolutionShape, tiles: Int) -> ConvolutionShape {
    ConvolutionShape(
      inChannels: shape.inChannels * blocks, outChannels: shape.outChannels, kernelRows: shape.kernelRows,
      kernelColumns: 1, paddingRows: shape.paddingRows, inRows: shape.inRows, inColumns: tiles)
  }
}

/// How a transformed map is cut into strips of rows and tiles.
struct FilterStrips: Sendable {
  /// Tiles of a whole row, and of a strip; the last strip of a row may reach beyond the row's end.
  let allTiles: Int
  let tiles: Int
  /// Rows of a strip of the map that is written, and of the map that is read for them.
  let rows: Int
  let inputRows: Int
  /// Lane vectors of a strip of the map that is read, and of the one that is written.
  let inputCount: Int
  let outputCount: Int
  /// The geometry in the direction of the walk.
  private let shape: ConvolutionShape

  /// Strips are made for a second-level cache of 1 MiB, chosen by measurement.
  private static let bytes = 640 << 10

  init(_ convolution: ConvolutionShape, _ filter: MinimalFilter, transposed: Bool) {
    allTiles = filter.tiles(convolution.outColumns)
    let column = filter.columnShape(convolution, tiles: allTiles)
    let shape = transposed ? column.transposed : column
    self.shape = shape
    /// Bytes of `rows` rows of `tiles` tiles.
    func bytes(_ rows: Int, _ tiles: Int) -> Int {
      let vectors =
        min(rows + shape.kernelRows - 1, shape.inRows) * shape.inChannels + rows * shape.outChannels
      return vectors * tiles * MinimalFilter.products * MemoryLayout<LaneVector>.stride
    }
    var parts = 1
    let wanted = min(shape.outRows, max(2, shape.kernelRows / 2))
    while bytes(wanted, (allTiles + parts - 1) / parts) > Self.bytes, allTiles / (parts + 1) >= 8 {
      parts += 1
    }
    let tiles = parts == 1 ? allTiles : ((allTiles + parts - 1) / parts + 1) / 2 * 2
    var rows = shape.outRows
    while rows > wanted, bytes(rows, tiles) > Self.bytes { rows -= 1 }
    // As even as possible.
    let strips = (shape.outRows + rows - 1) / rows
    self.tiles = tiles
    self.rows = (shape.outRows + strips - 1) / strips
    inputRows = min(self.rows + shape.kernelRows - 1, shape.inRows)
    inputCount = MinimalFilter.products * shape.inChannels * inputRows * tiles
    outputCount = MinimalFilter.products * shape.outChannels * self.rows * tiles
  }

  /// The rows of the map that is read which rows `rows` of the other one need.
  func inputRows(_ rows: Range<Int>) -> Range<Int> {
    let first = max(0, rows.lowerBound - shape.paddingRows)
    return first..<min(shape.inRows, max(first, rows.upperBound - shape.paddingRows + shape.kernelRows - 1))
  }
}
