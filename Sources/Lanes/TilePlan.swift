import CPUTarget

/// How a correlation is walked: which tiles of output channels × columns are summed in registers, and over which
/// products.
///
/// out[o][r][c] = Σ_kr Σ_i Σ_kc w[o][i][kr][kc] · in[i][r + kr − paddingRows][c + kc − paddingColumns], added in this order
/// by fused multiply-adds whatever the tile, products with padding left out: the bits do not depend on the tiles.
final class TilePlan: Sendable {
  /// One product of every output of a tile: where its inputs start, relative to the tile's first input, and which
  /// weight it takes.
  struct Tap: BitwiseCopyable {
    let input: Int32
    let weight: Int32
  }

  /// A run of output columns of one row, and the products that do not only meet padding, in the order of kernel rows.
  struct ColumnTile: BitwiseCopyable {
    let first: Int
    let width: Int
    let firstTap: Int
    let tapCount: Int
    /// The number of taps of one kernel row.
    let tapsPerRow: Int
  }

  /// A run of output channels whose weights are stored together.
  struct ChannelTile: BitwiseCopyable {
    let first: Int
    let count: Int
    /// Which list of column tiles it is walked with.
    let list: Int
  }

  /// What an output row has: the kernel rows that lie inside the map, and, per list, its column tiles.
  struct RowKind: BitwiseCopyable {
    let firstKernelRow: Int
    let endKernelRow: Int
    /// The first of its `lists` entries in `lists`.
    let firstList: Int
  }

  /// A list of column tiles.
  struct TileList: BitwiseCopyable {
    let first: Int
    let count: Int
  }

  /// The geometry as a correlation: the map that is read is `in`, the one that is written `out`.
  let shape: ConvolutionShape
  /// A single output channel is walked by pairs of rows, so that an input that was loaded is used twice.
  let pairsRows: Bool
  // Plain memory: arrays would count references in the innermost loops but one.
  let channelTiles: AlignedBuffer<ChannelTile>
  private let rowKinds: AlignedBuffer<RowKind>
  private let kindOfRow: AlignedBuffer<Int32>
  private let lists: AlignedBuffer<TileList>
  private let columnTiles: AlignedBuffer<ColumnTile>
  private let taps: AlignedBuffer<Tap>

  /// - Parameters:
  ///   - shape: `in` is the map that is read, its columns padded with zeros, `out` the one that is written
  ///   - channelRows: rows of memory per channel of the map that is read, `shape.inRows` where nil
  init(_ shape: ConvolutionShape, channelRows: Int? = nil) {
    self.shape = shape
    pairsRows = shape.outChannels == 1 && !hasFewRegisters
    let counts = Self.channelCounts(shape)
    let distinct = Array(Set(counts)).sorted()
    var first = 0
    channelTiles = AlignedBuffer(
      counts.map { count in
        defer { first += count }
        return ChannelTile(first: first, count: count, list: distinct.firstIndex(of: count)!)
      })
    var builder = TapBuilder(shape, channelRows: channelRows ?? shape.inRows)
    var known: [Range<Int>: Int32] = [:]
    var kinds: [RowKind] = []
    var lists: [TileList] = []
    var columnTiles: [ColumnTile] = []
    var kindOfRow: [Int32] = []
    for row in 0..<shape.outRows {
      let kernelRows = builder.kernelRows(row)
      if known[kernelRows] == nil {
        known[kernelRows] = Int32(kinds.count)
        kinds.append(
          RowKind(
            firstKernelRow: kernelRows.lowerBound, endKernelRow: kernelRows.upperBound, firstList: lists.count
          ))
        for channels in distinct {
          let tiles = builder.tiles(Self.widths(channels: channels, shape), kernelRows)
          lists.append(TileList(first: columnTiles.count, count: tiles.count))
          columnTiles += tiles
        }
      }
      kindOfRow.append(known[kernelRows]!)
    }
    rowKinds = AlignedBuffer(kinds)
    self.lists = AlignedBuffer(lists)
    self.columnTiles = AlignedBuffer(columnTiles)
    self.kindOfRow = AlignedBuffer(kindOfRow)
    taps = AlignedBuffer(builder.taps)
  }

  /// The kind of output row `row`.
  @inline(__always)
  func kind(_ row: Int) -> RowKind { rowKinds.base[Int(kindOfRow.base[row])] }

  /// The column tiles of a kind of rows under list number `list`.
  @inline(__always)
  func tiles(_ kind: RowKind, list: Int) -> UnsafeBufferPointer<ColumnTile> {
    let it = lists.base[kind.firstList &+ list]
    return UnsafeBufferPointer(start: columnTiles.base + it.first, count: it.count)
  }

  /// The taps of the kernel rows `rows` of a column tile whose own taps begin with kernel row `first`.
  @inline(__always)
  func taps(_ tile: ColumnTile, rows: Range<Int>, first: Int) -> UnsafeBufferPointer<Tap> {
    UnsafeBufferPointer(
      start: taps.base + (tile.firstTap &+ (rows.lowerBound &- first) &* tile.tapsPerRow),
      count: rows.count &* tile.tapsPerRow)
  }

  /// All taps of a column tile.
  @inline(__always)
  func taps(_ tile: ColumnTile) -> UnsafeBufferPointer<Tap> {
    UnsafeBufferPointer(start: taps.base + tile.firstTap, count: tile.tapCount)
  }

  /// Copies weights, `[outChannels][inChannels][taps]`, to the order in which the tiles read them:
  /// `[channel tile][input channel][tap][channel]`.
  func pack(_ weights: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    let products = shape.inChannels &* shape.taps
    for number in 0..<channelTiles.count {
      let tile = channelTiles.base[number]
      let first = tile.first &* products
      packRows(weights + first, products, rows: tile.count, to: packed + first)
    }
  }

  /// `pack` of weights that are laid out for the opposite direction: channels swapped and kernels turned by 180°.
  func packTransposed(_ weights: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    let products = shape.inChannels &* shape.taps
    for number in 0..<channelTiles.count {
      let tile = channelTiles.base[number]
      let into = packed + tile.first &* products
      for input in 0..<shape.inChannels {
        let from = weights + (input &* shape.outChannels &+ tile.first) &* shape.taps
        packTransposed(from, tile.count, to: into + input &* shape.taps &* tile.count)
      }
    }
  }

  /// packed[tap][channel] = weights[channel][taps − 1 − tap] for one input channel.
  private func packTransposed(
    _ weights: UnsafePointer<Float>, _ channels: Int, to packed: UnsafeMutablePointer<Float>
  ) {
    let taps = shape.taps
    if taps == 1 {
      packed.update(from: weights, count: channels)
      return
    }
    for channel in 0..<channels {
      let from = weights + channel &* taps
      var into = packed + ((taps &- 1) &* channels &+ channel)
      for tap in 0..<taps {
        into.pointee = from[tap]
        into -= channels
      }
    }
  }

  /// packed[column][row] = weights[row][column] for a matrix of `rows` × `columns`.
  private func packRows(
    _ weights: UnsafePointer<Float>, _ columns: Int, rows: Int, to packed: UnsafeMutablePointer<Float>
  ) {
    var first = 0
    if rows == laneCount {
      while first &+ laneCount <= columns {
        transposeBlock(weights + first, stride: columns, to: packed + first &* laneCount)
        first &+= laneCount
      }
    }
    for row in 0..<rows {
      for column in first..<columns { packed[column &* rows &+ row] = weights[row &* columns &+ column] }
    }
  }

  /// The numbers of output channels per tile, chosen by measurement: as even as possible, up to six.
  private static func channelCounts(_ shape: ConvolutionShape) -> [Int] {
    let channels = shape.outChannels
    let most = hasFewRegisters ? 2 : shape.isMatrix ? 16 : 6
    if hasFewRegisters, channels >= 6 {
      return Array(repeating: 6, count: channels / 6) + evenly(channels % 6, most: 2)
    }
    if shape.isMatrix {
      var counts = Array(repeating: 16, count: channels / 16)
      for size in [8, 4, 2, 1] where channels % 16 & size != 0 { counts.append(size) }
      return counts
    }
    return evenly(channels, most: most)
  }

  private static func evenly(_ total: Int, most: Int) -> [Int] {
    let parts = (total + most - 1) / most
    return (0..<parts).map { (total + parts - 1 - $0) / parts }
  }

  /// The widths of the tiles of one output row, chosen by measurement.
  private static func widths(channels: Int, _ shape: ConvolutionShape) -> [Int] {
    let columns = shape.outColumns
    // Columns at the edge lack products: narrow tiles skip more of them.
    let edge = channels >= 4 ? min(shape.paddingColumns / 2, columns / 4) : 0
    let inner = columns - 4 * edge
    let edges = Array(repeating: 2, count: edge)
    return edges + cut(inner, TileSizes.widths(channels: channels)) + edges
  }

  /// `columns` cut into `sizes`, the largest first, or as evenly as possible where any size will do.
  private static func cut(_ columns: Int, _ sizes: [Int]) -> [Int] {
    if sizes.count == sizes[0] { return evenly(columns, most: sizes[0]) }
    var left = columns
    var widths: [Int] = []
    for size in sizes {
      while left >= size {
        widths.append(size)
        left -= size
      }
    }
    return widths
  }
}

/// Lists the products of tiles.
private struct TapBuilder {
  let shape: ConvolutionShape
  let channelRows: Int
  var taps: [TilePlan.Tap] = []
  private var known: [Key: Range<Int>] = [:]

  private struct Key: Hashable {
    let rows: Range<Int>
    let columns: Range<Int>
  }

  init(_ shape: ConvolutionShape, channelRows: Int) {
    self.shape = shape
    self.channelRows = channelRows
  }

  /// The kernel rows that lie inside the map for output row `row`.
  func kernelRows(_ row: Int) -> Range<Int> {
    let first = max(0, shape.paddingRows - row)
    return first..<max(first, min(shape.kernelRows, shape.inRows + shape.paddingRows - row))
  }

  mutating func tiles(_ widths: [Int], _ rows: Range<Int>) -> [TilePlan.ColumnTile] {
    var column = 0
    return widths.map { width in
      defer { column += width }
      let first = max(0, shape.paddingColumns - column - width + 1)
      let end = max(first, min(shape.kernelColumns, shape.inColumns + shape.paddingColumns - column))
      let taps = list(rows, first..<end)
      return TilePlan.ColumnTile(
        first: column, width: width, firstTap: taps.lowerBound, tapCount: taps.count,
        tapsPerRow: shape.inChannels * (end - first))
    }
  }

  /// The taps of these kernel rows and columns; inputs are counted from kernel row 0 and column 0.
  private mutating func list(_ rows: Range<Int>, _ columns: Range<Int>) -> Range<Int> {
    let key = Key(rows: rows, columns: columns)
    if let range = known[key] { return range }
    let start = taps.count
    for row in rows {
      for input in 0..<shape.inChannels {
        for column in columns {
          taps.append(
            TilePlan.Tap(
              input: Int32((input * channelRows + row) * shape.paddedColumns + column),
              weight: Int32((input * shape.kernelRows + row) * shape.kernelColumns + column)))
        }
      }
    }
    known[key] = start..<taps.count
    return start..<taps.count
  }
}
