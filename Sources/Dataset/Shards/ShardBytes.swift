import Basics
internal import CArchive
import Glibc
import Lanes

/// The unpacked bytes of a tar file, block by block, as libarchive's reader of tar asks for them.
///
/// What is unpacked has a limit, so that a small file cannot keep the program busy for ever: 1 GiB and 1100 times the
/// length of the file, which is the most that gzip can pack. zstd and bzip2 could promise far more.
final class ShardBytes {
  let path: String
  let packing: ShardPacking
  /// The length of the file, as it is on disk.
  let fileBytes: Int
  /// What went wrong within a call from libarchive, which knows only that something did.
  private(set) var failure: DatasetError?
  private let descriptor: Int32
  private var gzip: ByteStream?
  private var unpacker: OpaquePointer?
  private var unpackedBytes = 0
  private let block = AlignedBuffer<UInt8>(count: 1 << 16, for: "a block of a tar file")

  static func mostBytes(unpacking fileBytes: Int) -> Int {
    let (product, overflow) = fileBytes.multipliedReportingOverflow(by: 1100)
    return overflow ? .max : max(product, product &+ 1 << 30)
  }

  /// Opens the file; throws where it is missing or no file, or where its packing cannot be read.
  init(_ path: String) throws(DatasetError) {
    guard let status = Files.status(path) else { throw .unreached(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DatasetError(.malformed, path, "expected a tar file, found a folder or something else")
    }
    descriptor = Files.open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .unreached(path) }
    var start = [UInt8](repeating: 0, count: 6)
    let count = max(pread(descriptor, &start, 6, 0), 0)
    self.path = path
    fileBytes = Int(status.st_size)
    packing = .of(start: start.prefix(count))
    switch packing {
    case .none: break
    case .gzip: gzip = try ByteStream(path)
    default: unpacker = try openUnpacker()
    }
  }

  deinit {
    if let unpacker { archive_read_free(unpacker) }
    close(descriptor)
  }

  /// libarchive as a program that unpacks: the whole file is one member.
  private func openUnpacker() throws(DatasetError) -> OpaquePointer {
    guard let archive = archive_read_new() else {
      throw DatasetError(.missing, path, "cannot be read: out of memory")
    }
    var entry: OpaquePointer?
    let isThere = packing.addFilter(archive) == ARCHIVE_OK
    guard isThere, archive_read_support_format_raw(archive) == ARCHIVE_OK,
      archive_read_open_fd(archive, descriptor, block.count) == ARCHIVE_OK,
      archive_read_next_header(archive, &entry) == ARCHIVE_OK
    else {
      let damage = damaged(archive)
      archive_read_free(archive)
      throw isThere ? damage : DatasetError(.malformed, path, packing.missing)
    }
    return archive
  }

  private func damaged(_ archive: OpaquePointer) -> DatasetError {
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "no more is known"
    return DatasetError(
      .malformed, path, "the \(packing) data are damaged or end too early (\(reason)); fetch the file again")
  }

  /// The next bytes, valid until the next call; none at the end.
  func next() throws(DatasetError) -> UnsafeRawBufferPointer {
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    if let unpacker {
      var (start, count, offset) = (UnsafeRawPointer?.none, 0, Int64(0))
      let code = archive_read_data_block(unpacker, &start, &count, &offset)
      guard code == ARCHIVE_OK || code == ARCHIVE_EOF else { throw damaged(unpacker) }
      if code == ARCHIVE_OK { bytes = UnsafeRawBufferPointer(start: start, count: count) }
    } else {
      let count =
        packing == .gzip
        ? try gzip!.read(into: UnsafeMutableRawBufferPointer(block.all))
        : read(descriptor, block.base, block.count)
      guard count >= 0 else { throw DatasetError(.missing, path, "cannot be read: \(Files.reason())") }
      bytes = UnsafeRawBufferPointer(start: block.base, count: count)
    }
    unpackedBytes += bytes.count
    guard packing == .none || unpackedBytes <= Self.mostBytes(unpacking: fileBytes) else {
      throw DatasetError(
        .malformed, path,
        "unpacks to more than \(Self.mostBytes(unpacking: fileBytes)) bytes from \(fileBytes), which no tar file of "
          + "pictures does; unpack it and give the folder if that is right")
    }
    return bytes
  }

  /// The first 512 bytes, fewer only where there are fewer; nothing can be read after that.
  func start() throws(DatasetError) -> [UInt8] {
    var start: [UInt8] = []
    while start.count < 512 {
      let bytes = try next()
      if bytes.isEmpty { break }
      start += bytes.prefix(512 - start.count)
    }
    return start
  }

  /// Goes up to `count` bytes forward where that needs no reading, and says how many it went.
  private func skip(_ count: Int) -> Int {
    guard packing == .none else { return 0 }
    let place = lseek(descriptor, 0, SEEK_CUR)
    let step = min(count, fileBytes - Int(place))
    guard place >= 0, step > 0, lseek(descriptor, off_t(step), SEEK_CUR) >= 0 else { return 0 }
    return step
  }

  /// Opens `archive`, which must not outlive this, to read from here.
  func open(_ archive: OpaquePointer) -> Int32 {
    archive_read_open2(
      archive, Unmanaged.passUnretained(self).toOpaque(), nil,
      { _, context, start in
        let source = Unmanaged<ShardBytes>.fromOpaque(context!).takeUnretainedValue()
        do {
          let bytes = try source.next()
          start!.pointee = bytes.baseAddress
          return bytes.count
        } catch {
          source.failure = error as? DatasetError
          return -1
        }
      },
      { _, context, count in
        Int64(Unmanaged<ShardBytes>.fromOpaque(context!).takeUnretainedValue().skip(Int(count)))
      }, nil)
  }
}
