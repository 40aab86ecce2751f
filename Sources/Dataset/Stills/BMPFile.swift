/// A BMP file: Windows' and OS/2's headers; palettes of 1 to 8 bits, run lengths, and 16, 24 or 32 bits with any masks.
struct BMPFile {
  /// What comes out: grey where all colours of the palette are grey, otherwise RGB; alpha where a mask names it.
  let header: PictureHeader
  private let facts: StillFacts
  private let data: UnsafeRawBufferPointer
  private let bits: Int
  private let compression: UInt32
  private let isTopDown: Bool
  /// Where the pixels begin.
  private let offset: Int
  /// Red, green and blue of every index.
  private let palette: [[UInt8]]
  /// Of 16 and 32 bits: red, green, blue, and alpha where there is one.
  private let masks: [UInt32]

  private static let headerSizes: Set<UInt32> = [12, 16, 40, 52, 56, 64, 108, 124]
  private static let (plain, runs8, runs4, fields, alphaFields) = (
    UInt32(0), UInt32(1), UInt32(2), UInt32(3), UInt32(6)
  )

  /// Whether a file that begins so is BMP: its first letters are those of many words.
  static func isBMP(_ start: UnsafeRawBufferPointer) -> Bool {
    guard start.starts(with: "BM".utf8) else { return false }
    let size = StillSource(start).number(UInt32.self, at: 14, isBigEndian: false)
    return size.map { headerSizes.contains($0) } ?? false
  }

  /// Reads the headers, which are in the first 2 KiB.
  init(_ start: UnsafeRawBufferPointer, _ facts: StillFacts) throws(DatasetError) {
    let source = StillSource(start)
    func number<T: FixedWidthInteger>(_: T.Type, _ place: Int) throws(DatasetError) -> T {
      guard let value = source.number(T.self, at: place, isBigEndian: false) else { throw facts.truncated }
      return value
    }
    let size = Int(try number(UInt32.self, 14))
    let isOld = size == 12
    let width = isOld ? Int(try number(UInt16.self, 18)) : Int(try number(Int32.self, 18))
    let height = isOld ? Int(try number(UInt16.self, 20)) : Int(try number(Int32.self, 22))
    bits = Int(try number(UInt16.self, isOld ? 24 : 28))
    compression = size >= 40 ? try number(UInt32.self, 30) : Self.plain
    let isMasked = [Self.fields, Self.alphaFields].contains(compression)
    try Self.check(bits, compression, isOS2: size == 64 || size < 40, facts)

    let hasAlphaMask = size >= 56 || compression == Self.alphaFields
    var masks: [UInt32] = bits == 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff]
    if isMasked {
      masks = []
      for place in 0..<(hasAlphaMask ? 4 : 3) { masks.append(try number(UInt32.self, 54 + 4 * place)) }
      if masks.count == 4, masks[3] == 0 { masks.removeLast() }
    }
    offset = Int(try number(UInt32.self, 10))
    palette = try Self.palette(
      at: 14 + size + (isMasked && size == 40 ? 4 * (hasAlphaMask ? 4 : 3) : 0), entryBytes: isOld ? 3 : 4,
      count: size >= 40 ? Int(try number(UInt32.self, 46)) : 0, bits, before: offset, source)
    let isGrey = bits <= 8 && palette.allSatisfy { $0[0] == $0[1] && $0[0] == $0[2] }
    let channels = bits <= 8 ? (isGrey ? 1 : 3) : masks.count
    isTopDown = height < 0
    header = try facts.header(
      width: width, height: abs(height), channels: channels, hasAlpha: channels == 4)
    (self.masks, self.data, self.facts) = (masks, start, facts)
    let isPacked = [Self.runs8, Self.runs4].contains(compression)
    guard isPacked || offset + (abs(height) - 1) * rowBytes + (width * bits + 7) / 8 <= facts.fileBytes else {
      throw facts.truncated
    }
  }

  private static func check(
    _ bits: Int, _ compression: UInt32, isOS2: Bool, _ facts: StillFacts
  ) throws(DatasetError) {
    let fitting: [Int]? =
      switch compression {
      case plain: [1, 2, 4, 8, 16, 24, 32]
      case runs8: [8]
      case runs4: [4]
      case fields where !isOS2, alphaFields where !isOS2: [16, 32]
      default: nil
      }
    guard let fitting else { throw facts.unsupported("its compression is number \(compression)") }
    guard fitting.contains(bits) else {
      throw facts.damaged(
        "it has \(bits) bits per pixel, expected \(fitting.map(String.init).joined(separator: ", "))")
    }
  }

  private static func palette(
    at place: Int, entryBytes: Int, count: Int, _ bits: Int, before offset: Int, _ source: StillSource
  ) throws(DatasetError) -> [[UInt8]] {
    guard bits <= 8 else { return [] }
    let room = offset > place ? (offset - place) / entryBytes : 256
    let named = count > 0 ? count : 1 << bits
    var colours: [[UInt8]] = []
    for index in 0..<min(named, 1 << bits, room) {
      let entry = place + entryBytes * index
      // Blue, green, red.
      let colour = [2, 1, 0].compactMap { source.number(UInt8.self, at: entry + $0, isBigEndian: false) }
      if colour.count == 3 { colours.append(colour) }
    }
    return colours
  }

  /// Rows are filled up to 4 bytes.
  private var rowBytes: Int { (Int(header.width) * bits + 31) / 32 * 4 }

  /// Decodes to `picture`, which has the header; the file must be in memory.
  func decode(into picture: Picture) throws(DatasetError) {
    guard offset <= data.count else { throw facts.truncated }
    let pixels = UnsafeRawBufferPointer(rebasing: data[offset...])
    if bits > 8 {
      bits == 24 ? copyColours(pixels, picture.bytes) : unmask(pixels, picture.bytes)
      if header.hasAlpha { Self.showWhereAllIsTransparent(picture.bytes) }
    } else if compression == Self.plain {
      spread(pixels, picture.bytes)
    } else {
      try unpackRuns(pixels, picture.bytes)
    }
  }

  /// Calls `body` for every row as shown with its first byte in `pixels`.
  private func eachRow(_ body: (_ row: Int, _ first: Int) -> Void) {
    let height = Int(header.height)
    for row in 0..<height { body(row, (isTopDown ? row : height - 1 - row) * rowBytes) }
  }

  private func copyColours(_ pixels: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<UInt8>) {
    let width = Int(header.width)
    eachRow { row, first in
      let from = pixels.bytes! + first
      let to = out.baseAddress! + row * 3 * width
      for place in 0..<width {
        to[3 &* place] = from[3 &* place &+ 2]
        to[3 &* place &+ 1] = from[3 &* place &+ 1]
        to[3 &* place &+ 2] = from[3 &* place]
      }
    }
  }

  /// Takes the bits of every mask and brings them to 0…255; more than 8 bits lose their lowest.
  private func unmask(_ pixels: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<UInt8>) {
    let (width, channels) = (Int(header.width), masks.count)
    for (channel, mask) in masks.enumerated() {
      let shift = mask == 0 ? 0 : UInt32(mask.trailingZeroBitCount)
      let field = mask >> shift
      let extra = UInt32(max(0, 24 - field.leadingZeroBitCount))
      let largest = max(1, field >> extra)
      let scaled = (0...255).map { UInt8(min(255, UInt32($0) * 255 / largest)) }
      eachRow { row, first in
        for place in 0..<width {
          let pixel =
            bits == 16
            ? UInt32(pixels.loadUnaligned(fromByteOffset: first + 2 * place, as: UInt16.self))
            : pixels.loadUnaligned(fromByteOffset: first + 4 * place, as: UInt32.self)
          out[(row * width + place) * channels + channel] = scaled[Int((pixel & mask) >> (shift + extra))]
        }
      }
    }
  }

  /// Many programs write zeros as alpha and mean none.
  private static func showWhereAllIsTransparent(_ samples: UnsafeMutableBufferPointer<UInt8>) {
    let alphas = stride(from: 3, to: samples.count, by: 4)
    guard alphas.allSatisfy({ samples[$0] == 0 }) else { return }
    for place in alphas { samples[place] = 255 }
  }

  private func spread(_ pixels: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<UInt8>) {
    let (width, channels) = (Int(header.width), Int(header.channels))
    let (colours, last) = (colourTable, UInt8((1 << bits) - 1))
    eachRow { row, first in
      for place in 0..<width {
        let bit = place * bits
        let index = Int(pixels[first + bit / 8] >> UInt8(8 - bits - bit % 8) & last)
        for channel in 0..<channels {
          out[(row * width + place) * channels + channel] = colours[index * channels + channel]
        }
      }
    }
  }

  /// The samples of all 256 indices; those that the palette lacks are black.
  private var colourTable: [UInt8] {
    let channels = Int(header.channels)
    let black = [UInt8](repeating: 0, count: channels)
    return (0..<256).flatMap { $0 < palette.count ? Array(palette[$0].prefix(channels)) : black }
  }

  private func unpackRuns(
    _ pixels: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<UInt8>
  ) throws(DatasetError) {
    let (width, height, channels) = (Int(header.width), Int(header.height), Int(header.channels))
    let colours = colourTable
    for place in out.indices { out[place] = colours[place % channels] }
    let isWhole = BMPRunLengths(pixels, bits: bits, width: width, height: height).unpack {
      row, column, index in
      let shown = isTopDown ? row : height - 1 - row
      for channel in 0..<channels {
        out[(shown * width + column) * channels + channel] = colours[Int(index) * channels + channel]
      }
    }
    guard isWhole else { throw facts.truncated }
  }
}
