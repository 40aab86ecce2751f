/// A PNM file: PBM, PGM and PPM as text or bytes (P1 to P6), PAM (P7), and floating-point PFM (PF, Pf).
struct PNMFile {
  /// What comes out: bytes where the largest value is at most 255, otherwise numbers of 16 bits, or floating-point ones.
  let header: PictureHeader
  private let facts: StillFacts
  private let words: PNMHeader
  private let data: UnsafeRawBufferPointer

  /// Whether a file that begins so is PNM.
  static func isPNM(_ start: UnsafeRawBufferPointer) -> Bool {
    guard start.count >= 3, start[0] == 0x50, "1234567Ff".utf8.contains(start[1]) else { return false }
    return PNMHeader.isSpace(start[2]) || start[2] == 0x23
  }

  /// Reads the header of the file that begins so; nil where it is longer than that.
  init?(_ start: UnsafeRawBufferPointer, _ facts: StillFacts) throws(DatasetError) {
    do {
      words = try PNMHeader(start)
    } catch {
      switch error {
      case .short:
        guard start.count < facts.fileBytes else { throw facts.truncated }
        return nil
      case .malformed(let text): throw facts.damaged(text)
      }
    }
    let channels = try Self.channels(words, facts)
    let isFloat = "Ff".contains(words.kind)
    header = try facts.header(
      width: words.width, height: words.height, channels: channels, hasAlpha: channels % 2 == 0,
      samples: isFloat ? .float32 : words.largest > 255 ? .uint16 : .uint8)
    (self.facts, data) = (facts, start)
    // As text, a sample takes a digit, and of more than 1 bit a space.
    let needed =
      switch words.kind {
      case "1": header.sampleCount
      case "2", "3": 2 * header.sampleCount - 1
      default: rowBytes * words.height
      }
    guard words.end + needed <= facts.fileBytes else { throw facts.truncated }
  }

  private static func channels(_ words: PNMHeader, _ facts: StillFacts) throws(DatasetError) -> Int {
    guard words.kind == "7" else { return words.depth }
    let named = [
      "BLACKANDWHITE": 1, "GRAYSCALE": 1, "BLACKANDWHITE_ALPHA": 2, "GRAYSCALE_ALPHA": 2, "RGB": 3,
      "RGB_ALPHA": 4,
    ]
    let expected = words.tuple.isEmpty ? words.depth : named[words.tuple]
    guard let expected, (1...4).contains(expected) else {
      throw facts.unsupported(
        words.tuple.isEmpty
          ? "it has \(words.depth) samples per pixel, expected 1 to 4" : "its pixels are \(words.tuple)")
    }
    guard expected == words.depth else {
      throw facts.damaged("it has \(words.depth) samples per pixel, expected \(expected) for \(words.tuple)")
    }
    return expected
  }

  private var rowBytes: Int {
    let samples = words.width * Int(header.channels)
    return switch words.kind {
    case "4": (samples + 7) / 8
    case "F", "f": 4 * samples
    default: words.largest > 255 ? 2 * samples : samples
    }
  }

  /// Decodes to `picture`, which has the header; the file must be in memory.
  func decode(into picture: Picture) throws(DatasetError) {
    let samples = UnsafeRawBufferPointer(rebasing: data[words.end...])
    switch words.kind {
    case "1", "2", "3": try readText(samples, picture)
    case "4": readBits(samples, picture.bytes)
    case "F", "f": readFloats(samples, picture.floats)
    default: readNumbers(samples, picture)
    }
    guard "456".contains(words.kind) else { return }
    let rest = UnsafeRawBufferPointer(rebasing: samples[(rowBytes * words.height)...])
    guard !Self.isPNM(rest) else { throw facts.unsupported("it holds more than one picture") }
  }

  /// Values up to 255 brought to 0…255; a value that is too large counts as the largest.
  private var byteTable: [UInt8] {
    (0...255).map { value in
      UInt8((Double(min(value, words.largest)) / Double(words.largest) * 255).rounded(.toNearestOrEven))
    }
  }

  /// A value brought to 0…65535.
  private func wide(_ value: Int) -> Float {
    Float(
      (Double(min(value, words.largest)) / Double(words.largest) * 65535).rounded(.toNearestOrEven))
  }

  private func readNumbers(_ samples: UnsafeRawBufferPointer, _ picture: Picture) {
    if header.samples == .uint16 {
      let out = picture.floats
      for place in out.indices {
        out[place] = wide(Int(samples[2 * place]) << 8 | Int(samples[2 * place + 1]))
      }
    } else if words.largest == 255 {
      picture.bytes.baseAddress!.update(from: samples.bytes!, count: picture.bytes.count)
    } else {
      let (out, table) = (picture.bytes, byteTable)
      for place in out.indices { out[place] = table[Int(samples[place])] }
    }
  }

  /// A set bit is black.
  private func readBits(_ samples: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<UInt8>) {
    for row in 0..<words.height {
      for column in 0..<words.width {
        let byte = samples[row * rowBytes + column / 8]
        out[row * words.width + column] = byte << UInt8(column % 8) & 0x80 == 0 ? 255 : 0
      }
    }
  }

  /// The lowest row comes first.
  private func readFloats(_ samples: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
    let row = words.width * Int(header.channels)
    for place in out.indices {
      let from = (words.height - 1 - place / row) * row + place % row
      let pattern = samples.loadUnaligned(fromByteOffset: 4 * from, as: UInt32.self)
      out[place] = Float(
        bitPattern: words.isLittleEndian ? UInt32(littleEndian: pattern) : UInt32(bigEndian: pattern))
    }
  }

  private func readText(_ samples: UnsafeRawBufferPointer, _ picture: Picture) throws(DatasetError) {
    let isBits = words.kind == "1"
    let table = byteTable
    var place = 0
    for number in 0..<header.sampleCount {
      while place < samples.count, PNMHeader.isSpace(samples[place]) || samples[place] == 0x23 {
        if samples[place] == 0x23 {
          while place < samples.count, samples[place] != 0x0a { place += 1 }
        } else {
          place += 1
        }
      }
      guard place < samples.count else { throw facts.truncated }
      var (value, digits) = (0, 0)
      while place < samples.count, (0x30...0x39).contains(samples[place]), digits < (isBits ? 1 : 9) {
        value = 10 * value + Int(samples[place] - 0x30)
        (place, digits) = (place + 1, digits + 1)
      }
      guard digits > 0, value <= words.largest else {
        throw facts.damaged(
          "sample \(number + 1) is "
            + (digits > 0 ? "\(value), expected at most \(words.largest)" : "no number"))
      }
      if header.samples == .uint16 {
        picture.floats[number] = wide(value)
      } else {
        picture.bytes[number] = isBits ? UInt8(255 * (1 - value)) : table[value]
      }
    }
  }
}
