import Basics

extension ArrayFile {
  /// The formats, by the first bytes of a file.
  enum Kind {
    case idx, npy, npz, hdf5
  }

  /// Whether the file that `argument` names is one of arrays, by its content; false where there is no such file.
  package static func recognises(_ argument: String) -> Bool {
    (try? kind(split(argument).path)) ?? nil != nil
  }

  /// The path of the file, and what is behind the colon: `argument` itself where that is a file, or no part of it is one.
  static func split(_ argument: String) -> (path: String, inner: String?) {
    guard !isFile(argument) else { return (argument, nil) }
    var end = argument.endIndex
    while let colon = argument[..<end].lastIndex(of: ":") {
      let path = String(argument[..<colon])
      if isFile(path) { return (path, String(argument[argument.index(after: colon)...])) }
      end = colon
    }
    return (argument, nil)
  }

  private static func isFile(_ path: String) -> Bool { Files.status(path)?.isFile ?? false }

  /// More bytes before HDF5 than this are not looked behind.
  private static let longestUserBlock = 1 << 16
  private static let hdf5Signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// The format of a file, or nil where it is none of arrays.
  static func kind(_ path: String) throws(DatasetError) -> Kind? {
    let file = try FileStream(path)
    file.limit(to: 0..<Int.max)
    let start = try file.read(8)
    if start.starts(with: [0x1f, 0x8b]) {
      // Of one that cannot be unpacked, the reader of IDX says why.
      do { return kind(try ByteStream(path).read(6)) } catch { return .idx }
    }
    if let kind = kind(start) { return kind }
    // HDF5 allows other things before it, of 512 bytes or a power of two times as many.
    var place = 512
    while place <= longestUserBlock {
      guard let bytes = try file.bytes(place..<(place + 8)) else { return nil }
      if bytes == hdf5Signature { return .hdf5 }
      place *= 2
    }
    return nil
  }

  /// Whether an HDF5 file begins with MATLAB's own header.
  static func isMATLAB(_ path: String) -> Bool {
    Files.start(path, atMost: 6).map { $0 == Array("MATLAB".utf8) } ?? false
  }

  private static func kind(_ start: [UInt8]) -> Kind? {
    if start.starts(with: NPYHeader.magic) { return .npy }
    if start.starts(with: [0x50, 0x4b, 3, 4]) || start.starts(with: [0x50, 0x4b, 5, 6]) { return .npz }
    if start == hdf5Signature { return .hdf5 }
    guard start.count >= 4, start[0] == 0, start[1] == 0, IDXFile.types[start[2]] != nil else { return nil }
    return (1...5).contains(start[3]) ? .idx : nil
  }
}
