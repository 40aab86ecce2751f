import Glibc

/// The bytes of one file: in memory, or its start in memory and the rest where the file is open.
struct StillSource {
  /// The first bytes.
  let start: UnsafeRawBufferPointer
  /// All bytes of the file.
  let fileBytes: Int
  /// The open file; -1 where `start` is all there is.
  let descriptor: Int32

  /// Whether the file is in memory.
  var isWhole: Bool { start.count >= fileBytes }

  /// A file in memory.
  init(_ data: UnsafeRawBufferPointer) { self.init(start: data, fileBytes: data.count, descriptor: -1) }

  /// The start of an open file of `fileBytes` bytes.
  init(start: UnsafeRawBufferPointer, fileBytes: Int, descriptor: Int32) {
    (self.start, self.fileBytes, self.descriptor) = (start, fileBytes, descriptor)
  }

  /// The number at `place`; nil where the file ends before it does.
  func number<T: FixedWidthInteger>(_: T.Type = T.self, at place: Int, isBigEndian: Bool) -> T? {
    let size = MemoryLayout<T>.size
    guard place >= 0, place <= fileBytes - size else { return nil }
    var value: T = 0
    if place <= start.count - size {
      value = start.loadUnaligned(fromByteOffset: place, as: T.self)
    } else {
      guard descriptor >= 0, pread(descriptor, &value, size, off_t(place)) == size else { return nil }
    }
    return isBigEndian ? T(bigEndian: value) : T(littleEndian: value)
  }

  /// Whether the bytes at `place` are these, at most 8.
  func holds(_ text: StaticString, at place: Int) -> Bool {
    text.withUTF8Buffer { bytes in
      if bytes.count == 4 {
        let code = bytes.reduce(0) { $0 << 8 | UInt32($1) }
        return number(UInt32.self, at: place, isBigEndian: true) == code
      }
      return bytes.indices.allSatisfy {
        number(UInt8.self, at: place + $0, isBigEndian: true) == bytes[$0]
      }
    }
  }
}
