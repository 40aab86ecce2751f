internal import CZlib
import Basics
import Glibc

/// The bytes of a file in order, unpacked where the file is gzip. zlib reads plain files as they are.
final class ByteStream: ByteSource {
  let path: String
  /// Whether the file is gzip, by its first two bytes.
  let isCompressed: Bool
  /// The length of the file, as it is on disk.
  let fileBytes: Int
  private let file: gzFile

  /// Opens the file; throws where it is missing, a folder, or named .gz without being gzip.
  init(_ path: String) throws(DatasetError) {
    let (file, isCompressed, fileBytes) = try Self.open(path)
    self.path = path
    self.fileBytes = fileBytes
    self.file = file
    self.isCompressed = isCompressed
    gzbuffer(file, 1 << 17)
    // Makes zlib look at the file now: only then does it seek in a plain file instead of reading up to the place.
    _ = gzdirect(file)
  }

  private static func open(_ path: String) throws(DatasetError) -> (
    gzFile, isCompressed: Bool, fileBytes: Int
  ) {
    guard let status = Files.status(path) else {
      throw DatasetError(.missing, path, "cannot be read: \(Files.reason())")
    }
    guard status.isFile else {
      throw DatasetError(.malformed, path, "expected a file, found a folder or something else")
    }
    let descriptor = Files.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw DatasetError(.missing, path, "cannot be read: \(Files.reason())") }
    var magic: [UInt8] = [0, 0]
    let count = pread(descriptor, &magic, 2, 0)
    let isCompressed = count == 2 && magic == [0x1f, 0x8b]
    guard isCompressed || !path.lowercased().hasSuffix(".gz") else {
      close(descriptor)
      throw DatasetError(
        .malformed, path,
        "is named .gz but is not gzip (it \(count > 0 ? "starts with " + hex(magic.prefix(count)) : "is empty"), "
          + "gzip starts with 1f 8b); "
          + "rename it if it is not packed")
    }
    guard let file = gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw DatasetError(.missing, path, "cannot be read: out of memory")
    }
    return (file, isCompressed, Int(status.st_size))
  }

  deinit { gzclose(file) }

  /// Reads up to `buffer.count` bytes; fewer only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var done = 0
    while done < buffer.count {
      let part = min(buffer.count - done, 1 << 30)
      let count = gzread(file, buffer.baseAddress! + done, UInt32(part))
      guard count >= 0 else { throw failure() }
      if count == 0 { break }
      done += Int(count)
    }
    var code: Int32 = Z_OK
    _ = gzerror(file, &code)
    guard code == Z_OK || code == Z_STREAM_END else { throw failure() }
    return done
  }

  /// Goes `count` bytes forward.
  func skip(_ count: Int) throws(DatasetError) {
    guard gzseek(file, count, SEEK_CUR) >= 0 else { throw failure() }
  }

  private func failure() -> DatasetError {
    var code: Int32 = Z_OK
    var text = gzerror(file, &code).map { String(cString: $0) } ?? ""
    // zlib names the file that it was given: a descriptor.
    if text.hasPrefix("<fd:"), let end = text.firstRange(of: ">: ") { text.removeSubrange(..<end.upperBound) }
    let cause =
      code == Z_BUF_ERROR
      ? "the gzip data end too early: the file is truncated" : "the gzip data are damaged (\(text))"
    return DatasetError(.malformed, path, "\(cause); fetch the file again")
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
  }
}
