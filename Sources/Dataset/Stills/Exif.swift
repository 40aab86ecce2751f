/// What EXIF says of how a picture is turned. Whatever is broken there counts as nothing said: pictures do not depend on it.
enum Exif {
  /// The orientation that a file of this format names, 1 to 8; 1 where it names none.
  static func orientation(_ source: StillSource, _ format: StillFormat) -> Int {
    let block =
      switch format {
      case .jpeg: inJPEG(source)
      case .png: inPNG(source)
      case .webp: inWebP(source)
      case .tiff, .gif, .bmp, .pnm: nil as Int?
      }
    return block.flatMap { orientation(source, block: $0) } ?? 1
  }

  /// The orientation in the EXIF block, a small TIFF file, that begins at `block`.
  private static func orientation(_ source: StillSource, block: Int) -> Int? {
    // JPEG has this in front; WebP and PNG should not, but often do.
    let base = source.holds("Exif\0\0", at: block) ? block + 6 : block
    let isBig = source.holds("MM\0*", at: base)
    guard isBig || source.holds("II*\0", at: base) else { return nil }
    guard let offset = source.number(UInt32.self, at: base + 4, isBigEndian: isBig) else { return nil }
    let directory = base + Int(offset)
    let count = source.number(UInt16.self, at: directory, isBigEndian: isBig) ?? 0
    for entry in 0..<Int(count) {
      let place = directory + 2 + 12 * entry
      guard let tag = source.number(UInt16.self, at: place, isBigEndian: isBig) else { return nil }
      guard tag == 0x0112 else { continue }
      let isLong = source.number(UInt16.self, at: place + 2, isBigEndian: isBig) == 4
      let value =
        isLong
        ? source.number(UInt32.self, at: place + 8, isBigEndian: isBig).map { Int($0) }
        : source.number(UInt16.self, at: place + 8, isBigEndian: isBig).map { Int($0) }
      return value.flatMap { (1...8).contains($0) ? $0 : nil }
    }
    return nil
  }

  /// Where EXIF begins in the segments before a JPEG's first scan.
  private static func inJPEG(_ source: StillSource) -> Int? {
    var place = 2
    while let byte = source.number(UInt8.self, at: place, isBigEndian: true) {
      place += 1
      guard byte == 0xff else { continue }
      guard let code = source.number(UInt8.self, at: place, isBigEndian: true) else { return nil }
      switch code {
      case 0xff: continue
      case 0x00, 0x01, 0xd0...0xd8: place += 1
      case 0xd9, 0xda: return nil
      default:
        if code == 0xe1, source.holds("Exif\0\0", at: place + 3) { return place + 3 }
        guard let length = source.number(UInt16.self, at: place + 1, isBigEndian: true) else { return nil }
        place += 1 + max(2, Int(length))
      }
    }
    return nil
  }

  /// Where EXIF begins in a PNG; its chunk may stand before or behind the picture's data.
  private static func inPNG(_ source: StillSource) -> Int? {
    var place = 8
    while let length = source.number(UInt32.self, at: place, isBigEndian: true) {
      if source.holds("eXIf", at: place + 4) { return place + 8 }
      if source.holds("IEND", at: place + 4) { return nil }
      place += 12 + Int(length)
    }
    return nil
  }

  /// Where EXIF begins in a WebP file; only the extended format has it.
  private static func inWebP(_ source: StillSource) -> Int? {
    guard source.holds("VP8X", at: 12) else { return nil }
    var place = 12
    while let length = source.number(UInt32.self, at: place + 4, isBigEndian: false) {
      if source.holds("EXIF", at: place) { return place + 8 }
      place += 8 + Int(length) + Int(length & 1)
    }
    return nil
  }
}
