import Lanes

/// The kind of numbers that a file holds.
package enum SampleType: UInt8, BitwiseCopyable, Codable, Sendable, CaseIterable {
  /// Truth values, 0 or 1.
  case bool
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64
  case float16, float32, float64

  /// Whether the numbers are bytes, which are taken as they are. All others are brought to bytes by one range.
  package var isByte: Bool { self == .uint8 }

  /// What `--range type` brings to 0…255: all values of an integer type, 0…1 of truth values and of floating-point numbers.
  package var range: ClosedRange<Double> {
    switch self {
    case .bool, .float16, .float32, .float64: 0...1
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65535
    case .int16: -32768...32767
    case .uint32: 0...Double(UInt32.max)
    case .int32: Double(Int32.min)...Double(Int32.max)
    case .uint64: 0...Double(UInt64.max)
    case .int64: Double(Int64.min)...Double(Int64.max)
    }
  }
}

/// What a file says of one picture, before its samples are decoded.
package struct PictureHeader: BitwiseCopyable, Codable, Equatable, Sendable {
  /// Columns, as stored: before the orientation is applied.
  package var width: Int32
  /// Rows, as stored.
  package var height: Int32
  /// Samples per pixel, the alpha channel included. Still images: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. Arrays: any number,
  /// none of them alpha.
  package var channels: Int32
  /// Whether the last channel is alpha: 0 transparent, the largest value opaque.
  package var hasAlpha: Bool
  /// How the stored rows and columns are turned to be shown, by EXIF: 1 (as they are) to 8.
  package var orientation: UInt8
  /// What the samples are in the file.
  package var samples: SampleType

  /// An upright picture without alpha, if nothing else is said.
  package init(
    width: Int, height: Int, channels: Int, hasAlpha: Bool = false, orientation: Int = 1,
    samples: SampleType = .uint8
  ) {
    (self.width, self.height, self.channels) = (Int32(width), Int32(height), Int32(channels))
    (self.hasAlpha, self.orientation, self.samples) = (hasAlpha, UInt8(orientation), samples)
  }

  /// More pixels than a picture may have: a file that promises more is refused, before anything is unpacked.
  package static let mostPixels = 1 << 28

  /// Samples of the whole picture.
  package var sampleCount: Int { Int(width) * Int(height) * Int(channels) }

  /// Columns and rows as shown: exchanged where the orientation is 5 to 8.
  package var shownSize: (width: Int, height: Int) {
    orientation >= 5 ? (Int(height), Int(width)) : (Int(width), Int(height))
  }
}

/// One decoded picture, in memory that is used again for the next one.
///
/// Bytes stay bytes; samples of every other type are floats (rounded to 24 bits where they have more), not scaled. An alpha
/// channel has the samples' type and its own full range.
package final class Picture {
  /// What the picture is; a JPEG that was decoded at a fraction of its size has that fraction's width and height.
  package private(set) var header = PictureHeader(width: 0, height: 0, channels: 1)
  /// What is odd about the file, though its picture is whole.
  package var remarks: Remarks = []
  private var byteStore = AlignedBuffer<UInt8>(count: 0)
  private var floatStore = AlignedBuffer<Float>(count: 0)

  /// Where the bytes start in their memory. libjpeg-turbo writes rows that are aligned to a vector past the caches, from which
  /// they are read next: that took a fifth longer.
  private static let offset = 8

  /// What is odd about a file whose picture is whole.
  package struct Remarks: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt8
    /// From the bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Stray bytes between the parts of a JPEG file, which decoders skip.
    package static let strayBytes = Remarks(rawValue: 1)
    /// CMYK inks, turned into RGB without a colour profile.
    package static let inks = Remarks(rawValue: 2)
  }

  /// No picture yet.
  package init() {}

  /// Makes room for the samples of `header`, which are then undefined, and forgets the remarks.
  /// Ends the program where there is too little memory.
  package func begin(_ header: PictureHeader) {
    self.header = header
    remarks = []
    let count = header.sampleCount
    if header.samples.isByte {
      let needed = count + Self.offset
      if byteStore.count < needed { byteStore = AlignedBuffer(count: needed, for: "a decoded picture") }
    } else {
      if floatStore.count < count { floatStore = AlignedBuffer(count: count, for: "a decoded picture") }
    }
  }

  /// The samples `[row][column][channel]` of a picture of bytes.
  package var bytes: UnsafeMutableBufferPointer<UInt8> {
    precondition(header.samples.isByte)
    return UnsafeMutableBufferPointer(start: byteStore.base + Self.offset, count: header.sampleCount)
  }

  /// The samples `[row][column][channel]` of a picture of anything else.
  package var floats: UnsafeMutableBufferPointer<Float> {
    precondition(!header.samples.isByte)
    return UnsafeMutableBufferPointer(start: floatStore.base, count: header.sampleCount)
  }
}
