internal import CImageCodecs
import Foundation
import Lanes

/// A folder of PNG and JPEG files of one size, and everything below it.
struct ImageFolder: Codable, Sendable {
  let path: String
  /// Paths relative to the folder, in order; runs of digits compare as numbers.
  let files: [String]
  let height: Int
  let width: Int
  /// 1 where every file is grey, else 3.
  let channels: Int

  /// Looks at all files; calls `beat` for every one of them, more than once.
  init(_ path: String, beat: () -> Void) throws(DatasetError) {
    self.path = path
    let found = try Self.images(in: path, beat)
    guard !found.isEmpty else {
      throw DatasetError(.missing, path, "holds no .png, .jpg or .jpeg file; expected a folder of images")
    }
    files = found.sorted {
      beat()
      return naturallyOrdered($0, $1)
    }
    var first: ImageHeader?
    var channels = 1
    for file in files {
      beat()
      let header = try ImageCodec("\(path)/\(file)").header()
      if let first, (first.height, first.width) != (header.height, header.width) {
        throw DatasetError(
          .mismatch, "\(path)/\(file)",
          "is \(header.width)×\(header.height) pixels, but \(files[0]) is "
            + "\(first.width)×\(first.height); all images must have one size")
      }
      first = first ?? header
      channels = max(channels, header.channels)
    }
    height = first!.height
    width = first!.width
    self.channels = channels
  }

  /// The image files of a folder and of those below it, also behind links; what is hidden is left out. Every folder is
  /// entered once.
  private static func images(in root: String, _ beat: () -> Void) throws(DatasetError) -> [String] {
    var files: [String] = []
    var visited: Set<[UInt64]> = []
    var folders = [""]
    while let folder = folders.popLast() {
      let path = root + folder
      var status = stat()
      guard stat(path, &status) == 0 else { throw unlisted(path) }
      guard visited.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else { continue }
      for name in try names(in: path, beat) where !name.hasPrefix(".") {
        beat()
        let isThere = stat("\(path)/\(name)", &status) == 0
        let type = name.split(separator: ".").dropFirst().last?.lowercased() ?? ""
        if isThere, status.st_mode & S_IFMT == S_IFDIR {
          folders.append("\(folder)/\(name)")
        } else if ["png", "jpg", "jpeg"].contains(type) {
          guard !isThere || status.st_mode & S_IFMT == S_IFREG else {
            throw DatasetError(.malformed, "\(path)/\(name)", "is no regular file; remove it")
          }
          // A link that leads nowhere is reported when it is read.
          files.append("\(folder)/\(name)")
        }
      }
    }
    return files.map { String($0.dropFirst()) }
  }

  private static func names(in folder: String, _ beat: () -> Void) throws(DatasetError) -> [String] {
    guard let directory = opendir(folder) else { throw unlisted(folder) }
    defer { closedir(directory) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(directory) {
      beat()
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
      errno = 0
    }
    guard errno == 0 else { throw unlisted(folder) }
    return names
  }

  private static func unlisted(_ folder: String) -> DatasetError {
    DatasetError(.missing, folder, "cannot be listed: \(ByteStream.reason)")
  }

  /// Decodes file number `index` as planes `[channels][height][width]`; grey is repeated where `channels` is 3.
  func decode(_ index: Int, channels: Int, into pixels: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    let codec = try ImageCodec("\(path)/\(files[index])")
    try codec.decode(ImageHeader(height: height, width: width, channels: channels), into: pixels)
  }
}

/// The size of an image file.
struct ImageHeader: Sendable {
  let height: Int
  let width: Int
  let channels: Int
}

/// One PNG or JPEG file in memory.
struct ImageCodec {
  private let path: String
  private let data: [UInt8]
  private let isPNG: Bool

  /// Reads the file; its first bytes tell what it is.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    var status = stat()
    if stat(path, &status) == 0 {
      // Read, and copied into an array.
      MemoryShortage.require(2 * Int(status.st_size), of: UInt8.self, for: "an image file")
    }
    guard let contents = FileManager.default.contents(atPath: path) else {
      throw DatasetError(.missing, path, "cannot be read; check its permissions")
    }
    data = Array(contents)
    isPNG = data.starts(with: [0x89, 0x50, 0x4e, 0x47])
    guard isPNG || data.starts(with: [0xff, 0xd8]) else {
      throw DatasetError(
        .malformed, path,
        "is neither PNG nor JPEG: it "
          + (data.isEmpty ? "is empty" : "starts with \(ByteStream.hex(data.prefix(4)))")
          + "; remove it or convert it")
    }
  }

  func header() throws(DatasetError) -> ImageHeader {
    var header = dbc_image_header()
    try call { message in
      isPNG
        ? dbc_png_header(data, data.count, &header, message)
        : dbc_jpeg_header(data, data.count, &header, message)
    }
    return ImageHeader(height: Int(header.height), width: Int(header.width), channels: Int(header.channels))
  }

  func decode(_ size: ImageHeader, into pixels: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    var header = dbc_image_header(
      width: UInt32(size.width), height: UInt32(size.height), channels: UInt32(size.channels))
    let plane = size.width * size.height
    precondition(pixels.count == plane * size.channels)
    let interleaved = AlignedBuffer<UInt8>(count: pixels.count, for: "a decoded image")
    try call { message in
      isPNG
        ? dbc_png_decode(data, data.count, &header, interleaved.base, message)
        : dbc_jpeg_decode(data, data.count, &header, interleaved.base, message)
    }
    for channel in 0..<size.channels {
      for pixel in 0..<plane {
        pixels[channel * plane + pixel] = interleaved.base[pixel * size.channels + channel]
      }
    }
  }

  private func call(_ body: (UnsafeMutablePointer<CChar>) -> Int32) throws(DatasetError) {
    var message = [CChar](repeating: 0, count: Int(DBC_CODEC_MESSAGE))
    guard body(&message) == 0 else { return }
    let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    throw DatasetError(
      .malformed, path, "is a damaged \(isPNG ? "PNG" : "JPEG") file: \(text); remove it or fetch it again")
  }
}

/// Whether `a` comes before `b`: bytes in order, runs of digits by their value.
func naturallyOrdered(_ a: String, _ b: String) -> Bool {
  let (x, y) = (Array(a.utf8), Array(b.utf8))
  var (i, j) = (0, 0)
  func run(_ text: [UInt8], _ start: Int) -> ArraySlice<UInt8> {
    text[start...].prefix { (0x30...0x39).contains($0) }
  }
  while i < x.count, j < y.count {
    let (p, q) = (run(x, i), run(y, j))
    if !p.isEmpty, !q.isEmpty {
      let (u, v) = (p.drop { $0 == 0x30 }, q.drop { $0 == 0x30 })
      if u.count != v.count { return u.count < v.count }
      if let (c, d) = zip(u, v).first(where: { $0 != $1 }) { return c < d }
      (i, j) = (p.endIndex, q.endIndex)
    } else if x[i] != y[j] {
      return x[i] < y[j]
    } else {
      (i, j) = (i + 1, j + 1)
    }
  }
  let (restOfA, restOfB) = (x.count - i, y.count - j)
  return restOfA != restOfB ? restOfA < restOfB : a < b
}
