/// Reads rows of a picture as they are shown: turned upright, in the colours of the image, composed onto the background,
/// as floats 0…255.
struct RowReader {
  private let picture: Picture
  private let area: Placement.Area
  private let channels: Int
  private let sourceChannels: Int
  private let colours: Int
  private let hasAlpha: Bool
  /// The colour behind the picture, for every channel of the image.
  private let background: [Float]
  /// The least sample, and how many there are above it: what becomes 0 and 255.
  private let low: Double
  private let span: Double
  private let largestAlpha: Float
  /// A row's alpha.
  private let alpha: UnsafeMutablePointer<Float>
  /// Where the first shown pixel is stored, and how far the next one in a row and the next row are, in pixels.
  private let origin: Int
  private let columnStep: Int
  private let rowStep: Int

  /// - Parameters:
  ///   - area: the columns and rows that are read
  ///   - alpha: memory for a row's alpha
  init(
    _ preparation: Preparation, _ picture: Picture, _ area: Placement.Area, alpha: UnsafeMutablePointer<Float>
  ) {
    let header = picture.header
    (self.picture, self.area, self.alpha) = (picture, area, alpha)
    channels = preparation.shape.channels
    sourceChannels = Int(header.channels)
    colours = header.colourChannels
    hasAlpha = header.hasAlpha
    let colour = [preparation.background.red, preparation.background.green, preparation.background.blue]
      .map(Float.init)
    background = channels == 1 ? [Self.grey(colour[0], colour[1], colour[2])] : colour
    let range = header.samples.isByte ? 0...255 : preparation.range ?? 0...0
    (low, span) = (range.lowerBound, range.upperBound - range.lowerBound)
    largestAlpha = Float(header.samples.range.upperBound)
    let (width, height) = (Int(header.width), Int(header.height))
    let (right, bottom) = (width - 1, (height - 1) * width)
    (origin, columnStep, rowStep) =
      switch header.orientation {
      case 2: (right, -1, width)
      case 3: (bottom + right, -1, -width)
      case 4: (bottom, 1, -width)
      case 5: (0, width, 1)
      case 6: (bottom, -width, 1)
      case 7: (bottom + right, -width, -1)
      case 8: (right, width, -1)
      default: (0, 1, width)
      }
  }

  /// Rec. 601 luma, with Pillow's weights: exact for bytes.
  private static func grey(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    (19595 * red + 38470 * green + 7471 * blue) / 65536
  }

  /// The stored place of the first pixel of row `row` of the area.
  private func first(_ row: Int) -> Int { origin + (area.top + row) * rowStep + area.left * columnStep }

  /// Counts the samples of row `row` of the area that are no bytes.
  func count(_ row: Int, in scratch: PreparationScratch) {
    guard !picture.header.samples.isByte else { return }
    let floats = picture.floats
    var (all, notFinite) = (0, 0)
    var pixel = first(row) * sourceChannels
    for _ in 0..<area.width {
      if !hasAlpha || floats[pixel + colours] > 0 {
        all += colours
        for place in pixel..<(pixel + colours) where !floats[place].isFinite { notFinite += 1 }
      }
      pixel &+= columnStep * sourceChannels
    }
    scratch.samples += all
    scratch.notFinite += notFinite
  }

  /// Row `row` of the area as it is stored, `[column][channel]`, where its bytes are the image's samples: upright, without alpha,
  /// and in its channels; nil elsewhere.
  @inline(__always)
  func plainRow(_ row: Int) -> UnsafePointer<UInt8>? {
    guard picture.header.samples.isByte, !hasAlpha, columnStep == 1, colours == channels else { return nil }
    return UnsafePointer(picture.bytes.baseAddress! + first(row) * sourceChannels)
  }

  /// Writes row `row` of the area as `[channel][column]`.
  func read(_ row: Int, to line: UnsafeMutablePointer<Float>) {
    let width = area.width
    let first = first(row)
    if colours == 3, channels == 1 {
      // Three channels into one, pixel by pixel.
      var pixel = first
      for column in 0..<width {
        line[column] = Self.grey(sample(pixel, 0), sample(pixel, 1), sample(pixel, 2))
        pixel += columnStep
      }
    } else {
      for channel in 0..<colours { readChannel(channel, first, to: line + channel * width) }
      if colours == 1 {
        for channel in 1..<max(channels, 1) { (line + channel * width).update(from: line, count: width) }
      }
    }
    if hasAlpha { compose(first, line) }
  }

  @inline(__always)
  private func sample(_ pixel: Int, _ channel: Int) -> Float {
    let place = pixel &* sourceChannels &+ channel
    guard !picture.header.samples.isByte else { return Float(picture.bytes[place]) }
    return scaled(picture.floats[place])
  }

  private func readChannel(_ channel: Int, _ first: Int, to line: UnsafeMutablePointer<Float>) {
    let step = columnStep * sourceChannels
    var place = first * sourceChannels + channel
    if picture.header.samples.isByte {
      let bytes = picture.bytes
      for column in 0..<area.width {
        line[column] = Float(bytes[place])
        place &+= step
      }
    } else {
      let floats = picture.floats
      for column in 0..<area.width {
        line[column] = scaled(floats[place])
        place &+= step
      }
    }
  }

  /// A sample that is no byte, in the range 0…255; what is no number becomes the least.
  @inline(__always)
  private func scaled(_ sample: Float) -> Float {
    guard sample.isFinite, span > 0 else { return 0 }
    return Float(min(max((Double(sample) - low) / span, 0), 1) * 255)
  }

  /// Puts the colours of a row over the background.
  private func compose(_ first: Int, _ line: UnsafeMutablePointer<Float>) {
    let width = area.width
    var place = first * sourceChannels + sourceChannels - 1
    let isByte = picture.header.samples.isByte
    for column in 0..<width {
      let opacity = (isByte ? Float(picture.bytes[place]) : picture.floats[place]) / largestAlpha
      // An alpha that is no number hides nothing and shows nothing: it counts as transparent.
      alpha[column] = opacity >= 0 ? min(opacity, 1) : 0
      place += columnStep * sourceChannels
    }
    for channel in 0..<channels {
      let colour = background[channel]
      let samples = line + channel * width
      for column in 0..<width {
        samples[column] = samples[column] * alpha[column] + colour * (1 - alpha[column])
      }
    }
  }
}
