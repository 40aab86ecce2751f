extension PixelGrid {
  /// The longest side of a thumbnail, in pixels.
  private static var thumbnailSide: Int { 16 }

  /// The side of the blocks that become one pixel of a thumbnail.
  private var block: Int { max(1, (max(rows, columns) + Self.thumbnailSide - 1) / Self.thumbnailSide) }

  /// The size of thumbnails: no side is longer than 16 pixels.
  package var thumbnail: PixelGrid {
    PixelGrid(channels: channels, rows: (rows + block - 1) / block, columns: (columns + block - 1) / block)
  }

  /// Writes the thumbnails of a lane group of images: the means of square blocks of pixels; those at the right and
  /// lower edge may be smaller.
  ///
  /// - Parameters:
  ///   - images: `[count]` lane vectors
  ///   - thumbnails: `[thumbnail.count]` lane vectors, overwritten
  package func makeThumbnails(
    _ images: UnsafePointer<LaneVector>, to thumbnails: UnsafeMutablePointer<LaneVector>
  ) {
    let size = thumbnail
    for channel in 0..<channels {
      let map = images + channel * rows * columns
      for row in 0..<size.rows {
        for column in 0..<size.columns {
          let height = min(block, rows - row * block)
          let width = min(block, columns - column * block)
          var sum = LaneVector.zero
          for y in 0..<height {
            for x in 0..<width { sum += map[(row * block + y) * columns + column * block + x] }
          }
          thumbnails[(channel * size.rows + row) * size.columns + column] =
            sum * LaneVector(repeating: 1 / Float(width * height))
        }
      }
    }
  }
}
