import Basics

/// How a file that is given to `--images` is read: its contents tell, then its name.
enum ArgumentKind {
  case still, array, shard, list

  /// Looks at the file at `path`.
  ///
  /// - Throws: where it is none of these: what it is instead.
  static func of(_ path: String) throws(DatasetError) -> ArgumentKind {
    guard let start = Files.start(path, atMost: 4096) else {
      throw .unreached(path)
    }
    if start.isEmpty { throw DatasetError(.malformed, path, "is empty; expected images") }
    let suffix = FileName.suffix(path)
    // Their previews and their raw counts are TIFF, which is not the picture.
    if case .other(.raw) = FileKind.of(suffix: suffix) { throw refusal(path, .raw) }
    if let kind = kind(start, suffix, path) { return kind }
    if let foreign = start.withUnsafeBytes({ ForeignFile.known($0) }) {
      throw DatasetError(
        .malformed, path, "is \(foreign.what), which is not read; \(foreign.advice); expected \(expected)")
    }
    if ["csv", "tsv"].contains(suffix) { return .list }
    if suffix == "tar" { return .shard }
    if case .still = FileKind.of(suffix: suffix) { return .still }
    if case .other(let kind) = FileKind.of(suffix: suffix) { throw refusal(path, kind) }
    throw DatasetError(
      .malformed, path,
      "is nothing that can be read: it starts with \(ByteStream.hex(start.prefix(8))); expected \(expected)")
  }

  private static let expected =
    "a still image (PNG, JPEG, WebP, TIFF, GIF, BMP, PNM), an array (.npy, .npz, HDF5, IDX), a tar archive of images, or "
    + "a list (.csv)"

  private static func kind(_ start: [UInt8], _ suffix: String, _ path: String) -> ArgumentKind? {
    if start.withUnsafeBytes({ StillFormat.of($0) }) != nil { return .still }
    if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) || start.starts(with: [0x50, 0x4b, 0x05, 0x06]) {
      // The name in the first entry; an archive of NumPy's may have any name itself.
      let length = start.count > 30 ? Int(start[26]) | Int(start[27]) << 8 : 0
      let name = start.dropFirst(30).prefix(length)
      return suffix == "npz" || name.suffix(4).elementsEqual(".npy".utf8) ? .array : nil
    }
    do throws(DatasetError) {
      if try TarShard.isTar(path) { return .shard }
    } catch {
      // What is damaged or cut inside a packed file, its reader says: that of arrays for gzip, unless the name says otherwise.
      let packing = ShardPacking.of(start: start.prefix(6))
      let isNamedTar = suffix == "tgz" || FileName.last(path).lowercased().hasSuffix(".tar.gz")
      if packing != .none, packing != .gzip || isNamedTar { return .shard }
    }
    return start.starts(with: [0x1f, 0x8b]) || ArrayFile.recognises(path) ? .array : nil
  }

  private static func refusal(_ path: String, _ kind: FileKind.Other) -> DatasetError {
    let last = FileName.last(path)
    switch kind {
    case .text:
      return DatasetError(
        .malformed, path,
        "is a text file; where it is a list of images, a path a line, give it as --images @\(FileName.shown(path))"
      )
    case .archives:
      return DatasetError(
        .malformed, path, "is an archive that is not read; unpack it, or make a .tar of the images")
    case .arrays:
      return DatasetError(
        .malformed, path, "is named as an array (\(FileName.shown(last))), but is none; expected \(expected)")
    default:
      return DatasetError(
        .malformed, path,
        "is a file of the kind '\(kind.one)', which is not read\(kind.hint == nil ? "" : "; convert it to PNG or TIFF"); "
          + "expected \(expected)")
    }
  }
}
