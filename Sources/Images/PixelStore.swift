import Dataset
import Lanes
import MPI

/// The images of a run as bytes, one copy per node: in memory that the ranks of the node share, or in a file that all map.
package struct PixelStore: ~Copyable {
  /// The size of every image.
  package let shape: ImageShape
  /// The number of images.
  package let count: Int
  private let base: UnsafePointer<UInt8>
  /// What holds the images: memory of the node, or a file.
  private let window: SharedWindow<UInt8>?
  private let mapped: MappedBytes?
  /// What is known of the images already.
  private let facts: PixelFacts?
  /// Bytes behind the last image, which the drawing under maps may read.
  static let margin = PackedFile.margin

  /// Images in memory that the ranks of a node share.
  init(_ shape: ImageShape, count: Int, _ window: consuming SharedWindow<UInt8>) {
    (self.shape, self.count, facts) = (shape, count, nil)
    base = UnsafePointer(window.all.baseAddress!)
    self.window = consume window
    mapped = nil
  }

  /// Images in a file.
  init(_ shape: ImageShape, count: Int, _ mapped: MappedBytes, facts: PixelFacts?) {
    (self.shape, self.count, self.facts) = (shape, count, facts)
    base = mapped.base
    window = nil
    self.mapped = mapped
  }

  /// Images that are made instead of read: `fill` gets a number and the memory of that image. **Collective.**
  ///
  /// The ranks of a node divide the images among themselves.
  package init(
    _ shape: ImageShape, count: Int, node: borrowing Communicator,
    fill: (Int, UnsafeMutableBufferPointer<UInt8>) -> Void
  ) throws {
    let bytes = shape.byteCount
    let window = try SharedWindow<UInt8>(count: count * bytes + Self.margin, on: node, for: "images")
    for image in stride(from: node.rank, to: count, by: node.size) {
      fill(image, UnsafeMutableBufferPointer(rebasing: window.all[(image * bytes)..<((image + 1) * bytes)]))
    }
    try window.fence()
    self.init(shape, count: count, window)
  }

  /// All images, `[count][channels·rows·columns]`, of which `count` pieces of `bytes` bytes each are about to be looked at.
  func pixels(looking count: Int, at bytes: Int) -> UnsafePointer<UInt8> {
    mapped?.touch(count, of: bytes)
    return base
  }

  /// Gives `body` the bytes of one image, `[channel][row][column]`.
  package func withBytes(of image: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    precondition(image >= 0 && image < count, "there is no such image")
    let pixels = pixels(looking: 1, at: shape.byteCount) + image * shape.byteCount
    body(UnsafeBufferPointer(start: pixels, count: shape.byteCount))
  }

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
    let pixels = pixels(looking: images.count, at: shape.byteCount)
    gatherImages(pixels, grid, images: images, maps: maps, to: group, scratch: scratch)
  }

  /// Writes up to 16 images as one lane group of values in 0…1.
  package func gather(_ images: UnsafeBufferPointer<Int32>, to group: UnsafeMutablePointer<LaneVector>) {
    let pixels = pixels(looking: images.count, at: shape.byteCount)
    gatherImages(pixels, pixelsPerImage: shape.byteCount, images: images, to: group)
  }

  /// Number, shape and CRC-32 of the images, and how many differ from each other: equal for equal images, whatever files they
  /// come from and however many ranks there are. **Collective** over `node`, whose ranks divide the work.
  package func facts(node: borrowing Communicator) throws -> PixelFacts {
    if let facts { return facts }
    let (distinct, constant) = try distinctImages(node: node)
    return try PixelFacts(
      fingerprint: fingerprint(node: node), distinctImages: distinct, constantImages: constant)
  }
}
