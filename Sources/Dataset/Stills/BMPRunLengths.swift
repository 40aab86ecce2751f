/// The run lengths of a BMP file of 4 or 8 bits per pixel: a count and an index (two indices in turn of 4 bits), or 0 and a
/// code: 0 the row ends, 1 the picture ends, 2 go right and on by two counts, more: so many indices follow.
struct BMPRunLengths {
  private let data: UnsafeRawBufferPointer
  private let bits: Int
  private let width: Int
  private let height: Int

  init(_ data: UnsafeRawBufferPointer, bits: Int, width: Int, height: Int) {
    (self.data, self.bits, self.width, self.height) = (data, bits, width, height)
  }

  /// Calls `put` for every pixel that the runs give; those beyond the end of a row are dropped. Returns whether the picture has
  /// come to its end, by its code or its last pixel.
  func unpack(_ put: (_ row: Int, _ column: Int, _ index: UInt8) -> Void) -> Bool {
    var (place, row, column) = (0, 0, 0)
    func index(_ number: Int, _ byte: UInt8) -> UInt8 {
      bits == 8 ? byte : number % 2 == 0 ? byte >> 4 : byte & 15
    }
    while row < height {
      guard place + 2 <= data.count else { return row == height - 1 && column >= width }
      let (count, code) = (Int(data[place]), data[place + 1])
      place += 2
      if count > 0 {
        for number in 0..<max(0, min(count, width - column)) {
          put(row, column + number, index(number, code))
        }
        column += count
        continue
      }
      switch code {
      case 0: (row, column) = (row + 1, 0)
      case 1: return true
      case 2:
        guard place + 2 <= data.count else { return false }
        (row, column) = (row + Int(data[place + 1]), column + Int(data[place]))
        place += 2
      default:
        let bytes = (Int(code) * bits + 7) / 8
        guard place + bytes <= data.count else { return false }
        for number in 0..<max(0, min(Int(code), width - column)) {
          put(row, column + number, index(number, data[place + number * bits / 8]))
        }
        column += Int(code)
        // Filled up to 2 bytes.
        place += bytes + bytes % 2
      }
    }
    return true
  }
}
