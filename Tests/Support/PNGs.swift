/// Pictures for runs.
package enum PNGs {
  /// A grey PNG of `size` × `size` pixels.
  package static func grey(_ size: Int, seed: Int) -> [UInt8] {
    func word(_ value: UInt32) -> [UInt8] {
      (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
    func sum(_ bytes: [UInt8]) -> UInt32 {
      var sum = ~UInt32(0)
      for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
      }
      return ~sum
    }
    func chunk(_ type: String, _ bytes: [UInt8]) -> [UInt8] {
      word(UInt32(bytes.count)) + Array(type.utf8) + bytes + word(sum(Array(type.utf8) + bytes))
    }
    var rows: [UInt8] = []
    for row in 0..<size {
      rows.append(0)
      for column in 0..<size { rows.append(UInt8((seed % 2 == 0 ? row * 30 : column * 30) + seed & 255)) }
    }
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in rows {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    let length = UInt16(rows.count)
    let stored: [UInt8] = [
      0x78, 1, 1, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8),
    ]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
      + chunk("IHDR", word(UInt32(size)) + word(UInt32(size)) + [8, 0, 0, 0, 0])
      + chunk("IDAT", stored + rows + word(b << 16 | a)) + chunk("IEND", [])
  }
}
