/// A PNG image, written without compression.
struct PNG {
  enum Colour: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgbAlpha = 6
  }

  var width: Int
  var height: Int
  var depth: UInt8 = 8
  var colour = Colour.grey
  /// Every row as the format packs it.
  var rows: [UInt8]
  /// The PLTE chunk.
  var palette: [UInt8] = []
  /// The tRNS chunk.
  var transparency: [UInt8] = []
  /// In seven passes; for depths of 8 and 16.
  var interlaced = false

  /// The file.
  var bytes: [UInt8] { Self.file(chunks) }

  /// What the file consists of behind its signature.
  var chunks: [(type: String, data: [UInt8])] {
    var chunks = [(type: "IHDR", data: header)]
    if !palette.isEmpty { chunks.append(("PLTE", palette)) }
    if !transparency.isEmpty { chunks.append(("tRNS", transparency)) }
    let data = scanlines
    chunks.append(("IDAT", [0x78, 0x01] + storedDeflate(data) + bigEndian(adler32(data))))
    chunks.append(("IEND", []))
    return chunks
  }

  /// The data of the IHDR chunk.
  var header: [UInt8] {
    let size = bigEndian(UInt32(width)) + bigEndian(UInt32(height))
    return size + [depth, colour.rawValue, 0, 0, interlaced ? 1 : 0]
  }

  static func file(_ chunks: [(type: String, data: [UInt8])]) -> [UInt8] {
    chunks.reduce(into: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { file, chunk in
      let content = Array(chunk.type.utf8) + chunk.data
      file += bigEndian(UInt32(chunk.data.count))
      file += content
      file += bigEndian(crc32(content))
    }
  }

  /// Left, top, and distances of the pixels of each pass.
  private static let passes = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
  ]

  /// The rows, each behind a byte that says "no filter".
  private var scanlines: [UInt8] {
    let row = rows.count / height
    var lines: [UInt8] = []
    guard interlaced else {
      for y in 0..<height { lines += [0] + rows[(y * row)..<((y + 1) * row)] }
      return lines
    }
    let pixel = row / width
    for (left, top, right, down) in Self.passes where left < width {
      for y in stride(from: top, to: height, by: down) {
        lines.append(0)
        for x in stride(from: left, to: width, by: right) {
          lines += rows[(y * row + x * pixel)..<(y * row + (x + 1) * pixel)]
        }
      }
    }
    return lines
  }
}

/// `bytes` as a gzip file, without compression.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  let header: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
  let trailer: [UInt8] = bigEndian(UInt32(bytes.count)) + bigEndian(crc32(bytes))
  return header + storedDeflate(bytes) + trailer.reversed()
}

/// A deflate stream of stored blocks.
private func storedDeflate(_ bytes: [UInt8]) -> [UInt8] {
  var stream: [UInt8] = []
  for start in stride(from: 0, to: max(bytes.count, 1), by: 65535) {
    let block = bytes[start..<min(start + 65535, bytes.count)]
    let (low, high) = (UInt8(block.count & 255), UInt8(block.count >> 8))
    stream += [start + 65535 >= bytes.count ? 1 : 0, low, high, ~low, ~high] + block
  }
  return stream
}

func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { sum, byte in crcTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
}

private let crcTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
}

private func adler32(_ bytes: [UInt8]) -> UInt32 {
  var (a, b): (UInt32, UInt32) = (1, 0)
  for byte in bytes {
    a = (a + UInt32(byte)) % 65521
    b = (b + a) % 65521
  }
  return b << 16 | a
}
