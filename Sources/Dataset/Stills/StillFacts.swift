/// What is known of a still image file before its header is read, for checks and messages.
struct StillFacts {
  let format: StillFormat
  let path: String
  /// The length of the file.
  let fileBytes: Int

  /// More pixels than these must have some bytes of the file: see `pixelsPerByte`.
  static let freePixels = 1 << 24
  /// A picture may have this many pixels per byte of its file. Blank pages of 1 bit come near, as deflate packs 1032 bytes into
  /// one; pictures of anything have far fewer. A file of a few KB cannot make us unpack more than 2²⁴ pixels.
  static let pixelsPerByte = 8192

  /// The file is not what its header says.
  func damaged(_ text: String) -> DatasetError {
    DatasetError(
      .malformed, path, "is a damaged \(format.name) file: \(text); remove it or fetch it again")
  }

  /// The file ends before its picture does.
  var truncated: DatasetError { damaged("the file ends too early") }

  /// The file is of a kind that is not read.
  func unsupported(_ text: String) -> DatasetError {
    DatasetError(.malformed, path, "is a \(format.name) file that cannot be read: \(text); convert it to PNG")
  }

  /// A header, after a look at whether a picture of this file may have its size; nothing is unpacked before.
  func header(
    width: Int, height: Int, channels: Int, hasAlpha: Bool = false, orientation: Int = 1,
    samples: SampleType = .uint8
  ) throws(DatasetError) -> PictureHeader {
    guard width > 0, height > 0 else { throw damaged("its size is \(width)×\(height) pixels") }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= PictureHeader.mostPixels else {
      throw DatasetError(
        .malformed, path,
        "is a \(format.name) file of \(width)×\(height) pixels, expected at most \(PictureHeader.mostPixels) in all; make it smaller"
      )
    }
    guard max(width, height) <= Preparation.longestSide else {
      throw unsupported(
        "its size is \(width)×\(height) pixels, expected at most \(Preparation.longestSide) on a side")
    }
    try checkPixels(pixels)
    return PictureHeader(
      width: width, height: height, channels: channels, hasAlpha: hasAlpha, orientation: orientation,
      samples: samples)
  }

  /// Refuses a file that promises far more pixels than its bytes can tell of.
  func checkPixels(_ pixels: Int) throws(DatasetError) {
    guard
      pixels
        <= max(Self.freePixels, fileBytes.multipliedReportingOverflow(by: Self.pixelsPerByte).partialValue)
    else {
      throw damaged("it promises \(pixels) pixels, which its \(fileBytes) bytes cannot hold")
    }
  }
}
