import Lanes

/// A file in the IDX format of the MNIST data: a magic number, big-endian sizes, numbers; plain or gzip.
struct IDXFile: Codable, Sendable {
  let array: RawArray
  let element: ArrayElement

  var path: String { array.path }
  var isCompressed: Bool { array.isPacked }
  /// Images or labels first, then the sizes of one image.
  var sizes: [Int] { array.sizes }
  var count: Int { array.count }
  /// Bytes of one item.
  var itemBytes: Int { array.itemBytes }

  /// The third byte of the file, for each type of numbers.
  static let types: [UInt8: SampleType] = [
    0x08: .uint8, 0x09: .int8, 0x0b: .int16, 0x0c: .int32, 0x0d: .float32, 0x0e: .float64,
  ]

  /// Reads the header and checks what it says against the file.
  ///
  /// - Parameter dimensions: the numbers of dimensions that are allowed: 1 for labels, 3 or 4 for images
  init(_ path: String, dimensions: Set<Int>, of what: String) throws(DatasetError) {
    let stream = try ByteStream(path)
    let magic = try stream.read(4)
    guard magic.count == 4, magic[0] == 0, magic[1] == 0,
      let samples = Self.types[magic[2]], dimensions.contains(Int(magic[3]))
    else { throw Self.noMagic(path, magic, dimensions, of: what) }
    let header = try stream.read(4 * Int(magic[3]))
    guard header.count == 4 * Int(magic[3]) else {
      throw DatasetError(.malformed, path, "ends inside its header: the file is truncated; fetch it again")
    }
    let sizes = stride(from: 0, to: header.count, by: 4).map { start in
      header[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    element = ArrayElement(samples: samples, isBigEndian: true)
    guard let total = RawArray.total(sizes, element.byteCount) else {
      throw DatasetError(.malformed, path, "has a header with impossible sizes: \(sizes)")
    }
    let headerBytes = 4 + header.count
    try RawArray.checkFile(stream, headerBytes, sizes, total, elementBytes: element.byteCount)
    array = RawArray(
      path: path, name: path, packing: stream.isCompressed ? .gzip : .plain(0..<Int.max),
      headerBytes: headerBytes,
      sizes: sizes, elementBytes: element.byteCount, isFortran: false)
  }

  private static func noMagic(
    _ path: String, _ magic: [UInt8], _ dimensions: Set<Int>, of what: String
  ) -> DatasetError {
    let allowed = dimensions.sorted().map { "00 00 tt 0\($0)" }.joined(separator: " or ")
    let names = types.keys.sorted().map { ByteStream.hex([$0]) }.joined(separator: ", ")
    return DatasetError(
      .malformed, path,
      "is not an IDX file of \(what): expected the magic number \(allowed) (tt one of \(names)), found "
        + (magic.count == 4 ? ByteStream.hex(magic) : "\(magic.count) bytes in all"))
  }
}

extension RawArray {
  /// Checks what a header promises against the length of the file, as it is on disk.
  static func checkFile(
    _ stream: ByteStream, _ headerBytes: Int, _ sizes: [Int], _ total: Int, elementBytes: Int
  ) throws(DatasetError) {
    let bytes = stream.fileBytes
    if stream.isCompressed {
      guard total / ZipFile.highestCompression <= bytes else {
        throw DatasetError(
          .malformed, stream.path,
          "its header promises \(total) bytes, more than a gzip file of \(bytes) bytes can hold")
      }
      return
    }
    let found = bytes - headerBytes
    guard found == total else {
      let each = elementBytes == 1 ? "" : " × \(elementBytes)"
      throw DatasetError(
        .malformed, stream.path,
        "its header promises \(sizes.map(String.init).joined(separator: " × "))\(each) = \(total) bytes, "
          + "the file holds \(found); it is \(found < total ? "truncated" : "followed by something else")")
    }
  }
}
