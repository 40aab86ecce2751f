/// A part of a map in transformed form: `[product][channel][row][tile]`, for a few rows and tiles at a time.
struct TransformedMap {
  let base: UnsafeMutablePointer<LaneVector>
  let channels: Int
  /// Rows and tiles per channel.
  let rows: Int
  let tiles: Int

  var plane: Int { rows &* tiles }
  /// Lane vectors of one product.
  var perProduct: Int { channels &* plane }

  /// The six products of one tile.
  @inline(__always)
  func store(_ six: SixLanes, _ place: Int) {
    for product in 0..<6 { base[product &* perProduct &+ place] = six[product] }
  }

  @inline(__always)
  func load(_ place: Int) -> SixLanes {
    var six = SixLanes(repeating: .zero)
    for product in 0..<6 { six[product] = base[product &* perProduct &+ place] }
    return six
  }
}

/// The transforms of `filter` between maps and their transformed parts.
struct FilterTransforms: Sendable {
  let filter: MinimalFilter
  /// From large to small.
  let shape: ConvolutionShape

  /// Rows `rows` of the large map, all blocks: channel `block · inChannels + channel` of `transformed`.
  func large(
    _ map: UnsafePointer<LaneVector>, rows: Range<Int>, firstTile: Int, to transformed: TransformedMap
  ) {
    let columns = shape.inColumns
    for block in 0..<filter.blocks {
      let shift = block &* filter.length &- shape.paddingColumns
      for channel in 0..<shape.inChannels {
        var place = (block &* shape.inChannels &+ channel) &* transformed.plane
        for row in rows {
          let from = map + (channel &* shape.inRows &+ row) &* columns
          var column = firstTile &* filter.outputs &+ shift
          for _ in 0..<transformed.tiles {
            transformed.store(transformLarge(six(from, column, columns)), place)
            place &+= 1
            column &+= filter.outputs
          }
        }
      }
    }
  }

  /// Six columns from `column` on, zero outside the row.
  @inline(__always)
  private func six(_ row: UnsafePointer<LaneVector>, _ column: Int, _ columns: Int) -> SixLanes {
    var d = SixLanes(repeating: .zero)
    if column >= 0, column &+ 6 <= columns {
      for j in 0..<6 { d[j] = row[column &+ j] }
    } else {
      for j in 0..<6 where column &+ j >= 0 && column &+ j < columns { d[j] = row[column &+ j] }
    }
    return d
  }

  /// Rows `rows` of the small map.
  func small(
    _ map: UnsafePointer<LaneVector>, rows: Range<Int>, firstTile: Int, to transformed: TransformedMap
  ) {
    switch filter.outputs {
    case 2: small(InlineArray<2, LaneVector>.self, map, rows, firstTile, transformed)
    case 3: small(InlineArray<3, LaneVector>.self, map, rows, firstTile, transformed)
    default: small(InlineArray<4, LaneVector>.self, map, rows, firstTile, transformed)
    }
  }

  private func small<let M: Int>(
    _: InlineArray<M, LaneVector>.Type, _ map: UnsafePointer<LaneVector>, _ rows: Range<Int>,
    _ firstTile: Int, _ transformed: TransformedMap
  ) {
    let columns = shape.outColumns
    for channel in 0..<shape.outChannels {
      var place = channel &* transformed.plane
      for row in rows {
        let from = map + (channel &* shape.outRows &+ row) &* columns
        var column = firstTile &* M
        for _ in 0..<transformed.tiles {
          var y = InlineArray<M, LaneVector>(repeating: .zero)
          if column &+ M <= columns {
            for p in 0..<M { y[p] = from[column &+ p] }
          } else {
            for p in 0..<M where column &+ p < columns { y[p] = from[column &+ p] }
          }
          transformed.store(transformSmall(y), place)
          place &+= 1
          column &+= M
        }
      }
    }
  }

  /// Rows `rows` of the small map from their products.
  func smallResult(
    _ transformed: TransformedMap, rows: Range<Int>, firstTile: Int, to map: UnsafeMutablePointer<LaneVector>
  ) {
    switch filter.outputs {
    case 2:
      smallResult(
        InlineArray<2, LaneVector>.self, transformed, rows, firstTile, map)
    case 3:
      smallResult(
        InlineArray<3, LaneVector>.self, transformed, rows, firstTile, map)
    default: smallResult(InlineArray<4, LaneVector>.self, transformed, rows, firstTile, map)
    }
  }

  private func smallResult<let M: Int>(
    _ type: InlineArray<M, LaneVector>.Type, _ transformed: TransformedMap, _ rows: Range<Int>,
    _ firstTile: Int, _ map: UnsafeMutablePointer<LaneVector>
  ) {
    let columns = shape.outColumns
    for channel in 0..<shape.outChannels {
      var place = channel &* transformed.plane
      for row in rows {
        let into = map + (channel &* shape.outRows &+ row) &* columns
        var column = firstTile &* M
        for _ in 0..<transformed.tiles {
          let y = untransformSmall(transformed.load(place), type)
          if column &+ M <= columns {
            for p in 0..<M { into[column &+ p] = y[p] }
          } else {
            for p in 0..<M where column &+ p < columns { into[column &+ p] = y[p] }
          }
          place &+= 1
          column &+= M
        }
      }
    }
  }

  /// Rows `rows` of the large map from the products of tiles and blocks, added to what is there where `adds` asks for it:
  /// where not all tiles of a row, or several blocks, come together.
  func largeResult(
    _ transformed: TransformedMap, rows: Range<Int>, firstTile: Int, adds: Bool,
    to map: UnsafeMutablePointer<LaneVector>
  ) {
    switch filter.outputs {
    case 2:
      largeResult(
        InlineArray<2, Float>.self, InlineArray<4, LaneVector>.self, transformed, rows, firstTile, adds,
        map)
    case 3:
      largeResult(
        InlineArray<3, Float>.self, InlineArray<3, LaneVector>.self, transformed, rows, firstTile, adds,
        map)
    default:
      largeResult(
        InlineArray<4, Float>.self, InlineArray<2, LaneVector>.self, transformed, rows, firstTile, adds,
        map)
    }
  }

  /// A tile ends `M` columns and hands `R` = 6 − `M` unfinished ones to the next.
  private func largeResult<let M: Int, let R: Int>(
    _: InlineArray<M, Float>.Type, _: InlineArray<R, LaneVector>.Type, _ transformed: TransformedMap,
    _ rows: Range<Int>, _ firstTile: Int, _ adds: Bool, _ map: UnsafeMutablePointer<LaneVector>
  ) {
    let columns = shape.inColumns
    for block in 0..<filter.blocks {
      let shift = block &* filter.length &- shape.paddingColumns
      for channel in 0..<shape.inChannels {
        var place = (block &* shape.inChannels &+ channel) &* transformed.plane
        for row in rows {
          let into = map + (channel &* shape.inRows &+ row) &* columns
          var column = firstTile &* M &+ shift
          var carry = InlineArray<R, LaneVector>(repeating: .zero)
          for _ in 0..<transformed.tiles {
            var d = untransformLarge(transformed.load(place))
            for j in 0..<R { d[j] += carry[j] }
            if column >= 0, column &+ M <= columns {
              if adds {
                for j in 0..<M { into[column &+ j] += d[j] }
              } else {
                for j in 0..<M { into[column &+ j] = d[j] }
              }
            } else {
              for j in 0..<M where column &+ j >= 0 && column &+ j < columns {
                into[column &+ j] = adds ? into[column &+ j] + d[j] : d[j]
              }
            }
            for j in 0..<R { carry[j] = d[M &+ j] }
            place &+= 1
            column &+= M
          }
          for j in 0..<R where column &+ j >= 0 && column &+ j < columns {
            into[column &+ j] = adds ? into[column &+ j] + carry[j] : carry[j]
          }
        }
      }
    }
  }
}
