import Lanes

/// How a decoded picture becomes the bytes of an image. It is kept with the model, as new pictures must be read in the
/// same way.
package struct Preparation: Codable, Equatable, Sendable {
  /// Channels, rows and columns of every image.
  package let shape: ImageShape
  package let fit: Fit
  package let background: Background
  /// What becomes 0…255 where samples are no bytes; nil where all are bytes.
  package let range: ClosedRange<Double>?

  /// The most columns or rows of a picture: a few rows of it are in memory as floats, so that a picture of one endless row
  /// would need far more than its own size.
  package static let longestSide = 1 << 20
  /// A JPEG decoded at a fraction of its size has at least so many times the columns and rows that are needed.
  ///
  /// Its decoder's way of scaling is not an average over areas. Of twelve photos at 48 pixels the root mean square of the
  /// difference was up to 8 steps of 255 at once the size, 5 at twice, 1.6 at four times.
  private static let spare = 4

  /// Images of `shape`.
  package init(
    shape: ImageShape, fit: Fit, background: Background = .white, range: ClosedRange<Double>? = nil
  ) {
    precondition(Self.isPossible(shape))
    (self.shape, self.fit, self.background, self.range) = (shape, fit, background, range)
  }

  /// From a file, which may be damaged: throws where images cannot have such a shape.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    shape = try container.decode(ImageShape.self, forKey: .shape)
    fit = try container.decode(Fit.self, forKey: .fit)
    background = try container.decode(Background.self, forKey: .background)
    range = try container.decodeIfPresent(ClosedRange<Double>.self, forKey: .range)
    guard Self.isPossible(shape) else {
      throw DecodingError.dataCorruptedError(
        forKey: .shape, in: container, debugDescription: "images of \(shape.text) cannot be")
    }
  }

  /// Whether images may have this shape, and their bytes can be counted.
  package static func isPossible(_ shape: ImageShape) -> Bool {
    let sides = [shape.channels, shape.height, shape.width]
    return sides.allSatisfy { (1...longestSide).contains($0) }
      && shape.height * shape.width <= PictureHeader.mostPixels
  }

  /// Whether pictures of this kind can be prepared: the channels fit, a range is known where one is needed, and no side is too
  /// long.
  package func accepts(_ header: PictureHeader) -> Bool {
    let colours = header.colourChannels
    return (colours == shape.channels || [1, 3].contains(colours) && [1, 3].contains(shape.channels))
      && (header.samples.isByte || range != nil)
      && (1...Self.longestSide).contains(Int(header.width))
      && (1...Self.longestSide).contains(Int(header.height))
      && (1...8).contains(header.orientation)
  }

  /// The fewest stored columns and rows at which a JPEG may be decoded at a fraction of its size; nil: whole.
  package func atLeast(_ header: PictureHeader) -> (width: Int, height: Int)? {
    let (width, height) = header.shownSize
    let place = Placement(width: width, height: height, in: shape, fit)
    let (across, down) = (Self.spare * place.target.width, Self.spare * place.target.height)
    guard across < place.source.width, down < place.source.height else { return nil }
    // The part that is used must have so many pixels; the whole picture has more.
    let shownWidth = (width * across + place.source.width - 1) / place.source.width
    let shownHeight = (height * down + place.source.height - 1) / place.source.height
    return header.orientation >= 5 ? (shownHeight, shownWidth) : (shownWidth, shownHeight)
  }

  /// Writes the image of `picture` as bytes `[channel][row][column]`: the shown pixels, turned upright, composed onto
  /// the background, brought to colour, range and size, and rounded once, at the end (half up).
  ///
  /// The order of sums is fixed: equal pictures give equal bytes everywhere. Pictures of bytes that need no change of
  /// size and have no alpha keep their bytes.
  /// - Parameters:
  ///   - picture: one that `accepts` takes
  ///   - scratch: memory that is used again for the next picture; it counts samples that are no bytes
  ///   - planes: the bytes of one image
  package func apply(
    _ picture: Picture, _ scratch: PreparationScratch, to planes: UnsafeMutableRawBufferPointer
  ) {
    let header = picture.header
    precondition(accepts(header) && planes.count == shape.byteCount)
    let isReady =
      header.samples.isByte && header.orientation == 1 && !header.hasAlpha
      && (Int(header.width), Int(header.height)) == (shape.width, shape.height)
    if isReady {
      PlainCopy.write(
        UnsafeBufferPointer(picture.bytes), channels: Int(header.channels), to: planes,
        channels: shape.channels)
    } else {
      Resampling(self, picture, scratch).write(to: planes)
    }
  }
}

extension PictureHeader {
  /// The channels without alpha.
  package var colourChannels: Int { Int(channels) - (hasAlpha ? 1 : 0) }
}

/// Memory for `Preparation.apply`, for one thread.
package final class PreparationScratch {
  /// Samples that are no bytes and were used, of all pictures so far. As in `RangeStatistics`, alpha is no sample, and what
  /// is wholly transparent is not seen.
  package var samples = 0
  /// Those of them that were NaN or infinite.
  package var notFinite = 0
  /// Weights of the picture before, which are often those of the next.
  var columns = AxisWeights()
  var rows = AxisWeights()
  private var store = AlignedBuffer<Float>(count: 0)

  /// No memory yet.
  package init() {}

  /// Memory for so many floats, undefined.
  func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    if store.count < count { store = AlignedBuffer(count: count, for: "preparing pictures") }
    return store.base
  }
}
