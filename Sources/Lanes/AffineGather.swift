internal import CLanes

/// An affine map from the pixels of a picture that is drawn to the places in the image that they are taken from.
package struct AffineMap: Equatable, Sendable {
  /// The place's column is xx·column + xy·row + x.
  package var xx: Float
  /// What a row adds to the source column.
  package var xy: Float
  /// The source column of row 0, column 0.
  package var x: Float
  /// The place's row is yx·column + yy·row + y.
  package var yx: Float
  /// What a row adds to the source row.
  package var yy: Float
  /// The source row of row 0, column 0.
  package var y: Float

  /// Every pixel from its own place.
  package static let identity = AffineMap(xx: 1, xy: 0, x: 0, yx: 0, yy: 1, y: 0)

  /// The map with these coefficients.
  package init(xx: Float, xy: Float, x: Float, yx: Float, yy: Float, y: Float) {
    (self.xx, self.xy, self.x, self.yx, self.yy, self.y) = (xx, xy, x, yx, yy, y)
  }

  /// The linear map `matrix`, row by row, around the centre of an image of this size, then a shift in pixels.
  package init(
    matrix: (Double, Double, Double, Double), rows: Int, columns: Int, shift: (columns: Double, rows: Double)
  ) {
    let column = Double(columns - 1) / 2
    let row = Double(rows - 1) / 2
    xx = Float(matrix.0)
    xy = Float(matrix.1)
    x = Float(column - matrix.0 * column - matrix.1 * row + shift.columns)
    yx = Float(matrix.2)
    yy = Float(matrix.3)
    y = Float(row - matrix.2 * column - matrix.3 * row + shift.rows)
  }
}

/// The size of images as bytes `[channel][row][column]`.
package struct PixelGrid: Equatable, Sendable {
  /// Channels of an image.
  package let channels: Int
  /// Rows of an image.
  package let rows: Int
  /// Columns of an image.
  package let columns: Int

  /// The grid of images of this size.
  package init(channels: Int, rows: Int, columns: Int) {
    (self.channels, self.rows, self.columns) = (channels, rows, columns)
  }

  /// Bytes of an image.
  package var count: Int { channels * rows * columns }
  /// Floats of scratch memory for `gatherImages` with maps.
  package var scratchCount: Int { laneCount * count }
}

/// Sixteen images as one lane group, each under a map of its own: bilinear, the border continued outwards, scaled
/// to 0…1.
///
/// - Parameters:
///   - pixels: all images, `[images][grid.count]` bytes, and at least two readable bytes behind them
///   - images: the numbers of up to 16 images; the other lanes become zero
///   - maps: one per image
///   - group: `[grid.count]` lane vectors, overwritten
///   - scratch: `grid.scratchCount` floats
package func gatherImages(
  _ pixels: UnsafePointer<UInt8>, _ grid: PixelGrid, images: UnsafeBufferPointer<Int32>, maps: [AffineMap],
  to group: UnsafeMutablePointer<LaneVector>, scratch: UnsafeMutablePointer<Float>
) {
  precondition(images.count <= laneCount && maps.count == images.count)
  guard grid.rows >= 2, grid.columns >= 2 else {
    return gatherImages(pixels, pixelsPerImage: grid.count, images: images, to: group)
  }
  for (lane, image) in images.enumerated() {
    sample(pixels + Int(image) * grid.count, grid, maps[lane], to: scratch + lane * grid.count)
  }
  for lane in images.count..<laneCount {
    (scratch + lane * grid.count).update(repeating: 0, count: grid.count)
  }
  let floats = UnsafeMutableRawPointer(group).assumingMemoryBound(to: Float.self)
  let whole = grid.count / laneCount * laneCount
  for first in stride(from: 0, to: whole, by: laneCount) {
    transposeBlock(scratch + first, stride: grid.count, to: floats + first &* laneCount)
  }
  for pixel in whole..<grid.count {
    for lane in 0..<laneCount { group[pixel][lane] = scratch[lane &* grid.count &+ pixel] }
  }
}

/// One image under a map. Vectors of 16 columns may reach over a row's end, where the next row overwrites them.
private func sample(
  _ image: UnsafePointer<UInt8>, _ grid: PixelGrid, _ map: AffineMap, to result: UnsafeMutablePointer<Float>
) {
  let zero = LaneVector.zero
  let lastColumn = LaneVector(repeating: Float(grid.columns - 1))
  let lastRow = LaneVector(repeating: Float(grid.rows - 1))
  let innerColumn = LaneVector(repeating: Float(grid.columns - 2))
  let innerRow = LaneVector(repeating: Float(grid.rows - 2))
  let width = SIMD16<Int32>(repeating: Int32(grid.columns))
  let byte = SIMD16<Int32>(repeating: 255)
  let eight = SIMD16<Int32>(repeating: 8)
  let scale = LaneVector(repeating: 1 / 255)
  var steps = LaneVector.zero
  for lane in 0..<laneCount { steps[lane] = Float(lane) }
  let plane = grid.rows * grid.columns
  for row in 0..<grid.rows {
    let xStart = LaneVector(repeating: map.x + map.xy * Float(row))
    let yStart = LaneVector(repeating: map.y + map.yy * Float(row))
    for first in stride(from: 0, to: grid.columns, by: laneCount) {
      let columns = steps + Float(first)
      let x = dbc_minimum(dbc_maximum(xStart.addingProduct(columns, map.xx), zero), lastColumn)
      let y = dbc_minimum(dbc_maximum(yStart.addingProduct(columns, map.yx), zero), lastRow)
      let left = dbc_truncate(dbc_minimum(x, innerColumn))
      let top = dbc_truncate(dbc_minimum(y, innerRow))
      let right = x - dbc_float(left)
      let down = y - dbc_float(top)
      let place = top &* width &+ left
      for channel in 0..<grid.channels {
        let upper = dbc_gather(image + channel &* plane, place)
        let lower = dbc_gather(image + channel &* plane, place &+ width)
        let a = dbc_float(upper & byte)
        let b = dbc_float((upper &>> eight) & byte)
        let c = dbc_float(lower & byte)
        let d = dbc_float((lower &>> eight) & byte)
        let over = a.addingProduct(right, b - a)
        let under = c.addingProduct(right, d - c)
        let value = over.addingProduct(down, under - over) * scale
        let target = result + (channel &* plane &+ row &* grid.columns &+ first)
        if row &* grid.columns &+ first &+ laneCount <= plane {
          UnsafeMutableRawPointer(target).storeBytes(of: value, as: LaneVector.self)
        } else {
          for lane in 0..<min(laneCount, grid.columns &- first) { target[lane] = value[lane] }
        }
      }
    }
  }
}
