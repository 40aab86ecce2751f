import Page
import Report
import Training

/// Images and their reconstructions as one picture: rows of originals, each above the row of what became of them. Of images
/// that are neither grey nor RGB the first channel is shown.
package struct ReconstructionGrid {
  /// The picture.
  package let raster: Raster

  /// Images in a row.
  private static let columns = 8
  /// Rows of pixels between one pair of rows and the next.
  private static let gap = 2

  /// The picture of `pictures`.
  package init(_ pictures: Reconstructions) {
    let (shape, count) = (pictures.shape, pictures.originals.count)
    let columns = min(count, Self.columns)
    let bands = (count + columns - 1) / columns
    let channels = shape.channels == 3 ? 3 : 1
    var raster = Raster(
      width: columns * shape.width, height: bands * (2 * shape.height + Self.gap) - Self.gap,
      channels: channels)
    func draw(_ image: [UInt8], left: Int, top: Int) {
      for channel in 0..<channels {
        for row in 0..<shape.height {
          let from = (channel * shape.height + row) * shape.width
          let to = ((top + row) * raster.width + left) * channels + channel
          for column in 0..<shape.width { raster.samples[to + column * channels] = image[from + column] }
        }
      }
    }
    for number in 0..<count {
      let left = number % columns * shape.width
      let top = number / columns * (2 * shape.height + Self.gap)
      draw(pictures.originals[number], left: left, top: top)
      draw(pictures.reconstructions[number], left: left, top: top + shape.height)
    }
    self.raster = raster
  }

  /// The picture for TensorBoard under the name `tag`; nil where memory runs out.
  func picture(_ tag: String) -> EventFile.Picture? {
    raster.png.map {
      EventFile.Picture(
        tag, height: raster.height, width: raster.width, channels: raster.channels, png: Array($0))
    }
  }
}
