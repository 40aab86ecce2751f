/// A tar file (plain, or packed by gzip, zstd, xz, bzip2, lz4 or lzip) of pictures, as WebDataset writes them.
///
/// Members are read in order, into memory that is used again; nothing is written to disk. A plain file is sought through,
/// so that what is not asked for is not read; a packed one is unpacked whole in every pass.
package struct TarShard: Codable, Sendable {
  /// The file.
  package let path: String

  /// Looks whether it is a tar file, by its content.
  /// - Throws: what it is instead, or why it cannot be read
  package init(_ path: String) throws(DatasetError) {
    self.path = path
    let source = try ShardBytes(path)
    let start = try source.start()
    guard Self.isTar(start) else {
      let packed = source.packing == .none ? "" : ", unpacked by \(source.packing),"
      throw DatasetError(
        .malformed, path,
        "is no tar file: it\(packed) "
          + (start.isEmpty ? "is empty" : "starts with \(ByteStream.hex(start.prefix(4)))")
          + ", expected a header of 512 bytes with its checksum; remove it or fetch it again")
    }
  }

  /// Whether a file holds a tar file, packed or not. Reads no more than a block of it.
  /// - Throws: where it cannot be read or unpacked
  package static func isTar(_ path: String) throws(DatasetError) -> Bool {
    isTar(try ShardBytes(path).start())
  }

  /// Whether these are the first 512 bytes of a tar file: a header whose checksum is right, or the empty block of a tar
  /// file without members.
  private static func isTar(_ start: [UInt8]) -> Bool {
    guard start.count == 512 else { return false }
    let field = 148..<156
    let digits = start[field].drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard !digits.isEmpty else { return start.allSatisfy { $0 == 0 } }
    let promised = digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
    // The sum is over all bytes, those of the sum itself taken as spaces; old writers took them as signed.
    let unsigned = start.indices.reduce(0) { $0 + (field.contains($1) ? 0x20 : Int(start[$1])) }
    let signed = start.indices.reduce(0) {
      $0 + (field.contains($1) ? 0x20 : Int(Int8(bitPattern: start[$1])))
    }
    return promised == unsigned || promised == signed
  }
}
