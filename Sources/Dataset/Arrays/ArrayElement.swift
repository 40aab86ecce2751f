/// How the numbers of an array are stored.
struct ArrayElement: Codable, Equatable, Sendable {
  let samples: SampleType
  let isBigEndian: Bool

  /// Bytes of one number.
  var byteCount: Int {
    switch samples {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Whether they are integers, of which labels are made.
  var isInteger: Bool {
    switch samples {
    case .float16, .float32, .float64: false
    default: true
    }
  }

  /// Writes the numbers at `raw` to a picture that has begun, whose samples lie channel by channel.
  ///
  /// - Parameter isPlanar: whether `raw` is `[channel][row][column]`; otherwise it is in the picture's order
  func decode(_ raw: UnsafeRawPointer, isPlanar: Bool, into picture: Picture) {
    let planes = isPlanar ? Int(picture.header.channels) : 1
    if samples.isByte {
      let bytes = picture.bytes
      if planes == 1 {
        return UnsafeMutableRawBufferPointer(bytes).copyMemory(from: .init(start: raw, count: bytes.count))
      }
      return interleave(raw, planes, bytes) { (value: UInt8) in value }
    }
    convert(raw, planes, picture.floats)
  }

  /// Writes the `numbers.count` numbers at `raw`, of any type but bytes as they are, as floats.
  private func convert(_ raw: UnsafeRawPointer, _ planes: Int, _ numbers: UnsafeMutableBufferPointer<Float>) {
    let swaps = isBigEndian
    func integers<Stored: FixedWidthInteger & BitwiseCopyable>(_: Stored.Type) {
      interleave(raw, planes, numbers) { (value: Stored) in Float(swaps ? value.byteSwapped : value) }
    }
    switch samples {
    case .bool: interleave(raw, planes, numbers) { (value: UInt8) in value == 0 ? 0 : 1 }
    case .uint8: integers(UInt8.self)
    case .int8: integers(Int8.self)
    case .uint16: integers(UInt16.self)
    case .int16: integers(Int16.self)
    case .uint32: integers(UInt32.self)
    case .int32: integers(Int32.self)
    case .uint64: integers(UInt64.self)
    case .int64: integers(Int64.self)
    case .float16:
      interleave(raw, planes, numbers) { (value: UInt16) in
        Float(Float16(bitPattern: swaps ? value.byteSwapped : value))
      }
    case .float32:
      interleave(raw, planes, numbers) { (value: UInt32) in
        Float(bitPattern: swaps ? value.byteSwapped : value)
      }
    case .float64:
      interleave(raw, planes, numbers) { (value: UInt64) in
        Float(Double(bitPattern: swaps ? value.byteSwapped : value))
      }
    }
  }

  /// `raw` as `[plane][place]`, to `result` as `[place][plane]`.
  @inline(__always)
  private func interleave<Stored: BitwiseCopyable, Sample>(
    _ raw: UnsafeRawPointer, _ planes: Int, _ result: UnsafeMutableBufferPointer<Sample>,
    _ convert: (Stored) -> Sample
  ) {
    let places = result.count / planes
    let size = MemoryLayout<Stored>.size
    let target = result.baseAddress!
    for plane in 0..<planes {
      let source = raw + plane &* places &* size
      for place in 0..<places {
        let value = source.loadUnaligned(fromByteOffset: place &* size, as: Stored.self)
        target[place &* planes &+ plane] = convert(value)
      }
    }
  }
}
