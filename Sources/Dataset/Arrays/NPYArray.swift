/// An array in NumPy's format: a `.npy` file, plain or gzip, or a member of an `.npz` file.
struct NPYArray {
  let array: RawArray
  let content: NPYHeader.Content

  /// The numbers, where they are none: nil.
  var element: ArrayElement? { if case .numbers(let element) = content { element } else { nil } }
  /// Whether labels can be made of it without rounding.
  var isInteger: Bool { element?.isInteger ?? true }

  /// Reads the header of a `.npy` file and checks what it says against the file.
  init(_ path: String) throws(DatasetError) {
    let stream = try ByteStream(path)
    let header = try NPYHeader(stream, name: path)
    let total = try Self.total(header, path)
    try RawArray.checkFile(
      stream, header.byteCount, header.sizes, total, elementBytes: header.content.itemBytes)
    content = header.content
    array = RawArray(
      path: path, name: path, packing: stream.isCompressed ? .gzip : .plain(0..<Int.max),
      headerBytes: header.byteCount, sizes: header.sizes.isEmpty ? [1] : header.sizes,
      elementBytes: content.itemBytes, isFortran: header.isFortran)
  }

  /// Reads the header of member `member` and checks what it says against the zip file's directory.
  init(_ member: ZipMember, of zip: ZipFile) throws(DatasetError) {
    let name = "\(zip.path):\(NPZFile.key(member))"
    let part = try zip.data(of: member)
    let file = try FileStream(zip.path)
    file.limit(to: part)
    let header: NPYHeader
    if member.method == 0 {
      header = try NPYHeader(file, name: name)
    } else {
      header = try NPYHeader(try InflateStream(file, member, name: name), name: name)
    }
    let total = try Self.total(header, name)
    guard total == member.unpackedBytes - header.byteCount else {
      throw DatasetError(
        .malformed, name,
        "its header promises \(total) bytes, the zip file's directory \(member.unpackedBytes - header.byteCount); "
          + "it is damaged; write it again")
    }
    content = header.content
    array = RawArray(
      path: zip.path, name: name, packing: member.method == 0 ? .plain(part) : .deflate(member, part),
      headerBytes: header.byteCount, sizes: header.sizes.isEmpty ? [1] : header.sizes,
      elementBytes: content.itemBytes, isFortran: header.isFortran)
  }

  private static func total(_ header: NPYHeader, _ name: String) throws(DatasetError) -> Int {
    guard !header.sizes.contains(0) else {
      throw DatasetError(.malformed, name, "is an array of no numbers: its shape is \(header.sizes)")
    }
    guard header.content.itemBytes > 0, let total = RawArray.total(header.sizes, header.content.itemBytes)
    else {
      throw DatasetError(.malformed, name, "has a header with impossible sizes: \(header.sizes)")
    }
    return total
  }
}
