/// What a file is that is none of the still images that are read.
struct ForeignFile {
  /// What it is, such as `a HEIC picture`.
  let what: String
  /// What to do.
  let advice: String

  /// What the first bytes say, where they are of a kind that is known.
  static func known(_ start: UnsafeRawBufferPointer) -> ForeignFile? {
    box(start) ?? signature(start) ?? markup(start)
  }

  /// By the file's first bytes.
  init(_ start: UnsafeRawBufferPointer) {
    if let known = Self.known(start) {
      self = known
    } else if start.isEmpty {
      self.init("empty", "remove it or fetch it again")
    } else {
      self.init("a file that starts with \(ByteStream.hex(start.prefix(4)))", "remove it or convert it")
    }
  }

  private init(_ what: String, _ advice: String) { (self.what, self.advice) = (what, advice) }

  /// The whole error.
  func error(_ path: String) -> DatasetError {
    DatasetError(
      .malformed, path,
      "is no still image that can be read (PNG, JPEG, WebP, TIFF, GIF, BMP, PNM): it is \(what); \(advice)")
  }

  private static let convert = "convert it to PNG or JPEG"
  private static let unpack = "unpack it"
  private static let frames = "take single pictures out of it"

  /// Files of the ISO base media format: `ftyp` and a brand.
  private static func box(_ start: UnsafeRawBufferPointer) -> ForeignFile? {
    guard start.dropFirst(4).starts(with: "ftyp".utf8), start.count >= 12 else { return nil }
    return switch String(decoding: start[8..<12], as: UTF8.self) {
    case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": Self("a HEIC picture", convert)
    case "avif", "avis": Self("an AVIF picture", convert)
    case "crx ": Self("a camera's raw file", convert)
    default: Self("a video", frames)
    }
  }

  private static func signature(_ start: UnsafeRawBufferPointer) -> ForeignFile? {
    let known: [(bytes: [UInt8], what: String, advice: String)] = [
      ([0x1f, 0x8b], "gzip data", unpack),
      ([0x28, 0xb5, 0x2f, 0xfd], "zstd data", unpack),
      (Array("BZh".utf8), "bzip2 data", unpack),
      ([0xfd, 0x37, 0x7a, 0x58], "xz data", unpack),
      ([0x04, 0x22, 0x4d, 0x18], "lz4 data", unpack),
      (Array("LZIP".utf8), "lzip data", unpack),
      (Array("PK\u{3}\u{4}".utf8), "a ZIP file", unpack),
      (Array("7z".utf8) + [0xbc, 0xaf], "a 7z file", unpack),
      (Array("Rar!".utf8), "a RAR file", unpack),
      ([0xff, 0x0a], "a JPEG XL picture", convert),
      ([0, 0, 0, 12] + Array("JXL ".utf8), "a JPEG XL picture", convert),
      ([0, 0, 0, 12] + Array("jP  ".utf8), "a JPEG 2000 picture", convert),
      ([0xff, 0x4f, 0xff, 0x51], "a JPEG 2000 picture", convert),
      (Array("8BPS".utf8), "a Photoshop file", convert),
      (Array("gimp xcf".utf8), "a GIMP file", convert),
      ([0x76, 0x2f, 0x31, 0x01], "an OpenEXR picture", convert),
      (Array("#?RADIANCE".utf8), "a Radiance picture", convert),
      (Array("qoif".utf8), "a QOI picture", convert),
      (Array("DDS ".utf8), "a DDS texture", convert),
      ([0, 0, 1, 0], "an icon file", convert),
      (Array("%PDF".utf8), "a PDF document", convert),
      (Array("%!PS".utf8), "a PostScript document", convert),
      (Array("SIMPLE  =".utf8), "a FITS file", convert),
      (Array("FUJIFILMCCD-RAW".utf8), "a camera's raw file", convert),
      (Array("IIRO".utf8), "a camera's raw file", convert),
      (Array("IIU\0".utf8), "a camera's raw file", convert),
      (Array("RIFF".utf8), "sound or a video", frames),
      ([0x1a, 0x45, 0xdf, 0xa3], "a video", frames),
      ([0x93] + Array("NUMPY".utf8), "a NumPy array", "give it the suffix .npy"),
      ([0x89] + Array("HDF".utf8), "an HDF5 file", "name a data set in it as FILE.h5:/PATH"),
    ]
    if let found = known.first(where: { start.starts(with: $0.bytes) }) {
      return Self(found.what, found.advice)
    }
    return start.dropFirst(128).starts(with: "DICM".utf8) ? Self("a DICOM file", convert) : nil
  }

  private static func markup(_ start: UnsafeRawBufferPointer) -> ForeignFile? {
    var text = start.prefix(1024)
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    let words = String(decoding: text.drop { $0 <= 0x20 }, as: UTF8.self).lowercased()
    if words.hasPrefix("<!doctype html") || words.hasPrefix("<html") {
      return Self("an HTML page", "fetch the picture again")
    }
    if words.hasPrefix("<svg") || words.hasPrefix("<?xml") && words.contains("<svg") {
      return Self("an SVG drawing", convert)
    }
    if words.hasPrefix("<?xml") { return Self("an XML text", "remove it") }
    return words.hasPrefix("version https://git-lfs")
      ? Self("a pointer of Git LFS", "fetch the picture with git lfs pull") : nil
  }
}
