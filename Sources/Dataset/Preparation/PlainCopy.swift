/// Pictures of bytes that need no more than another order of their samples.
enum PlainCopy {
  /// Writes `[pixel][channel]` as planes `[channel][pixel]`; grey is repeated, RGB becomes grey, where that is asked for.
  static func write(
    _ samples: UnsafeBufferPointer<UInt8>, channels: Int, to planes: UnsafeMutableRawBufferPointer,
    channels targetChannels: Int
  ) {
    let count = samples.count / channels
    let source = samples.baseAddress!
    let target = planes.bindMemory(to: UInt8.self).baseAddress!
    switch (channels, targetChannels) {
    case (1, _):
      for channel in 0..<targetChannels { (target + channel * count).update(from: source, count: count) }
    case (3, 3): separateRGB(source, count, target)
    case (3, 1): makeGrey(source, count, target)
    default:
      for channel in 0..<channels {
        let plane = target + channel * count
        for pixel in 0..<count { plane[pixel] = source[pixel &* channels &+ channel] }
      }
    }
  }

  private static func separateRGB(
    _ source: UnsafePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>
  ) {
    let (red, green, blue) = (target, target + count, target + 2 * count)
    for pixel in 0..<count {
      red[pixel] = source[3 &* pixel]
      green[pixel] = source[3 &* pixel &+ 1]
      blue[pixel] = source[3 &* pixel &+ 2]
    }
  }

  /// Rec. 601, rounded, as Pillow's mode L.
  private static func makeGrey(
    _ source: UnsafePointer<UInt8>, _ count: Int, _ target: UnsafeMutablePointer<UInt8>
  ) {
    for pixel in 0..<count {
      let red = 19595 &* UInt32(source[3 &* pixel])
      let green = 38470 &* UInt32(source[3 &* pixel &+ 1])
      let blue = 7471 &* UInt32(source[3 &* pixel &+ 2])
      target[pixel] = UInt8(truncatingIfNeeded: (red &+ green &+ blue &+ 32768) >> 16)
    }
  }
}
