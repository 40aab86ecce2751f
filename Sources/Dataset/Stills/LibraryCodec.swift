internal import CImageCodecs

/// The C functions that decode by a library, behind Swift's errors.
struct LibraryCodec {
  let facts: StillFacts

  /// The header of the file that begins with `data`; nil where it needs more of the file.
  func header(_ data: UnsafeRawBufferPointer, isWhole: Bool) throws(DatasetError) -> PictureHeader? {
    let read =
      switch facts.format {
      case .jpeg: dbc_jpeg_header
      case .webp: dbc_webp_header
      case .gif: dbc_gif_header
      default: dbc_png_header
      }
    var header = dbc_image_header()
    let isThere = try call { message in
      read(data.bytes, data.count, isWhole ? 1 : 0, &header, message)
    }
    return isThere ? try pictureHeader(header) : nil
  }

  /// Decodes the whole file to `picture`, which has the header that comes out. Only JPEG knows a divisor other than 1.
  func decode(_ data: UnsafeRawBufferPointer, divisor: Int, into picture: Picture) throws(DatasetError) {
    var header = dbc_image_header(picture.header)
    var remarks: UInt8 = 0
    _ = try call { message in
      switch facts.format {
      case .jpeg:
        dbc_jpeg_decode(
          data.bytes, data.count, &header, UInt32(divisor), picture.bytes.baseAddress!, &remarks, message)
      case .webp: dbc_webp_decode(data.bytes, data.count, &header, picture.samples, message)
      case .gif: dbc_gif_decode(data.bytes, data.count, &header, picture.samples, message)
      default: dbc_png_decode(data.bytes, data.count, &header, picture.samples, message)
      }
    }
    picture.remarks.formUnion(Picture.Remarks(rawValue: remarks))
  }

  /// Whether the function got through; false where it needs more of the file.
  func call(_ body: (UnsafeMutablePointer<CChar>) -> Int32) throws(DatasetError) -> Bool {
    let room = Int(DBC_CODEC_MESSAGE)
    let (result, text) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { message in
      message.initialize(repeating: 0)
      let result = body(message.baseAddress!)
      return (result, result == DBC_DONE ? "" : String(cString: message.baseAddress!))
    }
    switch Int(result) {
    case Int(DBC_DONE): return true
    case Int(DBC_NEEDS_MORE): return false
    case Int(DBC_UNSUPPORTED): throw facts.unsupported(text)
    default: throw facts.damaged(text)
    }
  }

  /// Checks the size before anything is made of it.
  func pictureHeader(_ header: dbc_image_header) throws(DatasetError) -> PictureHeader {
    try facts.header(
      width: Int(header.width), height: Int(header.height), channels: Int(header.channels),
      hasAlpha: header.channels % 2 == 0, orientation: Int(header.orientation),
      samples: SampleType(rawValue: header.samples)!)
  }
}

extension dbc_image_header {
  /// For the C functions.
  init(_ header: PictureHeader) {
    self.init(
      width: UInt32(header.width), height: UInt32(header.height), channels: UInt8(header.channels),
      orientation: header.orientation, samples: header.samples.rawValue)
  }
}

extension UnsafeRawBufferPointer {
  /// The first byte, for C.
  var bytes: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension Picture {
  /// The first sample, for C.
  var samples: UnsafeMutableRawPointer {
    header.samples.isByte
      ? UnsafeMutableRawPointer(bytes.baseAddress!) : UnsafeMutableRawPointer(floats.baseAddress!)
  }
}
