import Dataset
import Lanes
import MPI

/// The images of a run as bytes, one copy per node, in memory that the ranks of the node share.
package struct PixelStore: ~Copyable {
  /// The size of every image.
  package let shape: ImageShape
  /// The number of images.
  package let count: Int
  private let window: SharedWindow<UInt8>
  /// Bytes behind the last image, which the drawing under maps may read.
  private static let margin = 4

  /// Decodes every image: the ranks of a node divide the catalogue's units among themselves. **Collective.**
  ///
  /// Throws on all ranks, with the message of the lowest one that failed.
  package init(
    _ catalogue: ImageCatalogue, _ world: borrowing Communicator, node: borrowing Communicator
  ) throws {
    shape = catalogue.shape
    count = catalogue.count
    let bytes = catalogue.shape.byteCount
    let window = try SharedWindow<UInt8>(
      count: catalogue.count * bytes + Self.margin, on: node, for: "images")
    let rank = node.rank
    let ranks = node.size
    try world.together {
      for (number, unit) in catalogue.units.enumerated() where number % ranks == rank {
        Whereabouts.beat()
        let part = window.all[(unit.lowerBound * bytes)..<(unit.upperBound * bytes)]
        try catalogue.decode(
          unit: number, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: part)))
      }
    }
    try window.fence()
    self.window = window
  }

  /// Images that are made instead of read: `fill` gets a number and the memory of that image. **Collective.**
  ///
  /// The ranks of a node divide the images among themselves.
  package init(
    _ shape: ImageShape, count: Int, node: borrowing Communicator,
    fill: (Int, UnsafeMutableBufferPointer<UInt8>) -> Void
  ) throws {
    self.shape = shape
    self.count = count
    let bytes = shape.byteCount
    let window = try SharedWindow<UInt8>(count: count * bytes + Self.margin, on: node, for: "images")
    for image in stride(from: node.rank, to: count, by: node.size) {
      fill(image, UnsafeMutableBufferPointer(rebasing: window.all[(image * bytes)..<((image + 1) * bytes)]))
    }
    try window.fence()
    self.window = window
  }

  /// All images, `[count][channels·rows·columns]`.
  package var pixels: UnsafePointer<UInt8> { UnsafePointer(window.all.baseAddress!) }

  /// The size of every image.
  package var grid: PixelGrid {
    PixelGrid(channels: shape.channels, rows: shape.height, columns: shape.width)
  }

  /// Writes up to 16 images as one lane group of values in 0…1, each under its own map.
  ///
  /// - Parameter scratch: `grid.scratchCount` floats
  package func gather(
    _ images: UnsafeBufferPointer<Int32>, maps: [AffineMap], to group: UnsafeMutablePointer<LaneVector>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    gatherImages(pixels, grid, images: images, maps: maps, to: group, scratch: scratch)
  }

  /// Writes up to 16 images as one lane group of values in 0…1.
  package func gather(_ images: UnsafeBufferPointer<Int32>, to group: UnsafeMutablePointer<LaneVector>) {
    gatherImages(pixels, pixelsPerImage: shape.byteCount, images: images, to: group)
  }
}
