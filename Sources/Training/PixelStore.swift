import Dataset
import Lanes
import MPI

/// The images of a run as bytes, one copy per node, in memory that the ranks of the node share.
package struct PixelStore: ~Copyable {
  package let catalogue: ImageCatalogue
  private let window: SharedWindow<UInt8>

  /// Decodes every image: the ranks of a node divide the catalogue's units among themselves. **Collective.**
  ///
  /// Throws on all ranks, with the message of the lowest one that failed.
  package init(
    _ catalogue: ImageCatalogue, _ world: borrowing Communicator, node: borrowing Communicator
  ) throws {
    self.catalogue = catalogue
    let bytes = catalogue.shape.byteCount
    let window = try SharedWindow<UInt8>(count: catalogue.count * bytes, on: node)
    let rank = node.rank
    let ranks = node.size
    try world.together {
      for (number, unit) in catalogue.units.enumerated() where number % ranks == rank {
        let part = window.all[(unit.lowerBound * bytes)..<(unit.upperBound * bytes)]
        try catalogue.decode(
          unit: number, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: part)))
      }
    }
    try window.fence()
    self.window = window
  }

  package var count: Int { catalogue.count }

  /// All images, `[count][channels·rows·columns]`.
  package var pixels: UnsafePointer<UInt8> { UnsafePointer(window.all.baseAddress!) }

  /// Writes up to 16 images as one lane group of values in 0…1.
  package func gather(_ images: UnsafeBufferPointer<Int32>, to group: UnsafeMutablePointer<LaneVector>) {
    gatherImages(pixels, pixelsPerImage: catalogue.shape.byteCount, images: images, to: group)
  }
}
