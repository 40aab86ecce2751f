import Dataset
import Support

/// The colour, not what runs while a test does.
typealias Background = Dataset.Background

/// A picture of bytes.
func picture(
  _ width: Int, _ height: Int, channels: Int = 1, hasAlpha: Bool = false, orientation: Int = 1,
  _ bytes: [UInt8]
) -> Picture {
  let picture = Picture()
  picture.begin(
    PictureHeader(
      width: width, height: height, channels: channels, hasAlpha: hasAlpha, orientation: orientation))
  precondition(bytes.count == picture.bytes.count)
  for (place, byte) in bytes.enumerated() { picture.bytes[place] = byte }
  return picture
}

/// A picture of other samples.
func picture(
  _ width: Int, _ height: Int, channels: Int = 1, hasAlpha: Bool = false, orientation: Int = 1,
  _ type: SampleType, _ samples: [Float]
) -> Picture {
  let picture = Picture()
  picture.begin(
    PictureHeader(
      width: width, height: height, channels: channels, hasAlpha: hasAlpha, orientation: orientation,
      samples: type))
  precondition(samples.count == picture.floats.count)
  for (place, sample) in samples.enumerated() { picture.floats[place] = sample }
  return picture
}

extension Preparation {
  /// Images of these sizes.
  init(
    _ width: Int, _ height: Int, channels: Int = 1, _ fit: Fit = .stretch, background: Background = .white,
    range: ClosedRange<Double>? = nil
  ) {
    self.init(
      shape: ImageShape(channels: channels, height: height, width: width), fit: fit, background: background,
      range: range)
  }

  /// The image of `picture`, `[channel][row][column]`.
  func image(_ picture: Picture, _ scratch: PreparationScratch = PreparationScratch()) -> [UInt8] {
    let planes = UnsafeMutableRawBufferPointer.allocate(byteCount: shape.byteCount, alignment: 1)
    defer { planes.deallocate() }
    planes.initializeMemory(as: UInt8.self, repeating: 0xa5)
    apply(picture, scratch, to: planes)
    return Array(planes)
  }
}
