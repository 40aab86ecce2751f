internal import CZlib
import Basics
import Glibc

/// What a file came to: its length and CRC-32.
package struct FileSum: Codable, Equatable, Sendable {
  /// Bytes of the file.
  package private(set) var bytes = 0
  /// CRC-32 of the bytes, as zlib and gzip compute it.
  package private(set) var crc32: UInt32 = 0
  /// The sum in words, such as `CRC-32 9abcdef0`.
  package var text: String { "CRC-32 \(String(crc32, radix: 16))" }

  /// The sum of an empty file.
  package init() {}

  /// The sum of `bytes`.
  package init(of bytes: UnsafeRawBufferPointer) { add(bytes) }

  /// Takes `part`, which follows what came before, into the sum.
  package mutating func add(_ part: UnsafeRawBufferPointer) {
    guard let address = part.baseAddress else { return }
    crc32 = UInt32(crc32_z(UInt(crc32), address.assumingMemoryBound(to: UInt8.self), part.count))
    bytes += part.count
  }
}

/// A file that appears under its name only when it is complete: written beside it, synced, renamed.
///
/// One that is dropped unfinished leaves nothing behind.
package struct AtomicFile: ~Copyable {
  private let path: String
  private let temporary: String
  private let operations: FileOperations
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  /// Bytes that the system has not been asked to bring to the disk.
  private var unsynced = 0
  private static let bufferBytes = 1 << 20
  private static let directBytes = 1 << 16
  private static let syncBytes = 4 << 20

  /// Creates `path` with a temporary name in the same directory.
  package init(_ path: String, _ operations: FileOperations = .results) throws(ReportError) {
    self.path = path
    self.operations = operations
    temporary = "\(path).\(getpid()).tmp"
    descriptor = -1
    do {
      descriptor = try operations.create(temporary)
    } catch {
      // The user knows the file by its final name.
      throw ReportError(error.kind, path, error.message)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    Files.unlink(temporary)
  }

  /// Adds bytes to the end.
  package mutating func write(_ bytes: some Sequence<UInt8>) throws(ReportError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  /// Adds bytes to the end.
  package mutating func write(_ bytes: ArraySlice<UInt8>) throws(ReportError) {
    try bytes.withUnsafeBufferPointer { bytes throws(ReportError) in
      try writeParts(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Adds bytes to the end.
  package mutating func write(_ bytes: [UInt8]) throws(ReportError) { try write(bytes[...]) }

  /// Adds text to the end.
  package mutating func write(_ text: String) throws(ReportError) { try write(text.utf8) }

  /// Adds floats to the end, in this machine's byte order, which is little-endian on all that Swift runs on.
  package mutating func write(_ values: UnsafeBufferPointer<Float>) throws(ReportError) {
    try writeParts(UnsafeRawBufferPointer(values))
  }

  /// Adds floats to the end.
  package mutating func write(_ values: [Float]) throws(ReportError) {
    try values.withUnsafeBufferPointer { pointer throws(ReportError) in try write(pointer) }
  }

  /// Syncs the file and gives it its name.
  ///
  /// - Parameter prepare: what is to happen when the contents are safe, before the file has its name
  package consuming func finish(_ prepare: () throws(ReportError) -> Void = {}) throws(ReportError) {
    try flush()
    try operations.sync(descriptor, path)
    try prepare()
    try operations.move(temporary, to: path)
    // Only a network file system may still fail here, and its sync has succeeded.
    close(descriptor)
    descriptor = -1
  }

  /// Hands on what there is, and has the system begin to bring the file to the disk, so that `finish` need not wait for all of it.
  package mutating func startSync() throws(ReportError) {
    try flush()
    operations.startSync(descriptor)
    unsynced = 0
  }

  /// Large parts go to the file as they are, small ones by way of the buffer.
  private mutating func writeParts(_ bytes: UnsafeRawBufferPointer) throws(ReportError) {
    for start in stride(from: 0, to: bytes.count, by: Self.bufferBytes) {
      let part = bytes[start..<min(start + Self.bufferBytes, bytes.count)]
      if part.count < Self.directBytes {
        buffer += part
        if buffer.count >= Self.bufferBytes { try flush() }
      } else {
        try flush()
        try put(UnsafeRawBufferPointer(rebasing: part))
      }
    }
  }

  private mutating func flush() throws(ReportError) {
    var bytes: [UInt8] = []
    swap(&bytes, &buffer)
    try bytes.withUnsafeBufferPointer { bytes throws(ReportError) in try put(UnsafeRawBufferPointer(bytes)) }
    bytes.removeAll(keepingCapacity: true)
    swap(&bytes, &buffer)
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer) throws(ReportError) {
    try operations.write(bytes, to: descriptor, path)
    unsynced += bytes.count
    guard unsynced >= Self.syncBytes else { return }
    operations.startSync(descriptor)
    unsynced = 0
  }

  /// Removes what an interrupted program has left of the files `names` that it had not finished, as far as that goes: they are in
  /// nobody's way.
  package static func removeLeftovers(of names: [String], in folder: String) {
    for name in Files.names(in: folder) ?? [] {
      let parts = name.split(separator: ".")
      guard parts.count == 4, parts[3] == "tmp", Int(parts[2]) != nil,
        names.contains(parts[..<2].joined(separator: "."))
      else { continue }
      Files.unlink("\(folder)/\(name)")
    }
  }

  /// Removes a finished file of an older run, where there is one.
  package static func removeOlder(_ path: String) throws(ReportError) {
    guard Files.unlink(path) == 0 || errno == ENOENT else {
      throw ReportError(
        .writing, path, "a file of an older run cannot be removed: \(ReportError.reason())")
    }
  }
}
