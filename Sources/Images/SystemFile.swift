internal import CLinux
import Basics
import Glibc

/// An open file, read and written at places; closed with its owner.
struct SystemFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  /// Opens it with the flags of open(2); throws an `ImageStoreError` with the system's reason.
  init(_ path: String, _ flags: Int32) throws(ImageStoreError) {
    self.path = path
    descriptor = Files.open(path, flags)
    guard descriptor >= 0 else { throw ImageStoreError(path, "cannot be opened: \(Files.reason())") }
  }

  deinit { close(descriptor) }

  /// The file's length.
  var bytes: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// `count` bytes at `place`.
  func read(_ count: Int, at place: Int) throws(ImageStoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = bytes.withUnsafeMutableBytes { Files.read(descriptor, into: $0, from: place) }
    guard found == count else {
      throw ImageStoreError(path, "cannot be read: \(found == nil ? Files.reason() : "it ends too early")")
    }
    return bytes
  }

  /// Writes `bytes` at `place`.
  func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws(ImageStoreError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, place + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ImageStoreError(path, "cannot be written: \(Files.reason())") }
      done += count
    }
  }

  /// Makes the file so long, with room on the disk for all of it where the file system can say so.
  func reserve(_ bytes: Int) throws(ImageStoreError) {
    // Not posix_fallocate, which writes to every block where the file system cannot do it.
    let code = dbc_reserve(descriptor, Int64(bytes))
    guard [0, EOPNOTSUPP, ENOSYS].contains(code) else {
      throw ImageStoreError(path, "cannot be given \(bytes >> 20) MiB: \(Files.reason(code))")
    }
    try cut(to: bytes)
  }

  /// Makes the file so long.
  func cut(to bytes: Int) throws(ImageStoreError) {
    guard ftruncate(descriptor, bytes) == 0 else {
      throw ImageStoreError(path, "cannot be given its length: \(Files.reason())")
    }
  }

  /// Waits until everything is on the disk.
  func synchronize() throws(ImageStoreError) {
    guard fsync(descriptor) == 0 else { throw ImageStoreError(path, "cannot be written: \(Files.reason())") }
  }

  /// `bytes` bytes from `offset` on, as memory that is read from the file when it is looked at, and may be read a little beyond.
  ///
  /// - Parameter ranks: the ranks of this node that do the same
  func mapped(offset: Int, bytes: Int, sharing ranks: Int) throws(ImageStoreError) -> MappedBytes {
    try MappedBytes(descriptor, path, offset: offset, bytes: bytes, ranks: ranks)
  }
}

/// Packed images that cannot be written or read.
package struct ImageStoreError: Error, CustomStringConvertible {
  /// The file.
  package let path: String
  /// What is wrong.
  package let message: String

  init(_ path: String, _ message: String) {
    (self.path, self.message) = (path, "\(message); choose another folder with --cache, or free some space")
  }

  /// The images of a packed file are not those that were stored.
  init(damaged path: String) {
    (self.path, message) = (
      path, "is damaged: its images are not those that were stored; remove it and start again"
    )
  }

  /// File and message.
  package var description: String {
    "\(FileName.shown(path)): \(message)"
  }
}

/// Part of a file as memory, of which only what was looked at lately is kept.
///
/// What a process has looked at counts as its memory until the system takes it away. `touch` gives it back in time: the
/// system may keep it as cached pages, which it can drop whenever it needs them.
final class MappedBytes {
  let base: UnsafePointer<UInt8>
  private let start: UnsafeMutableRawPointer
  private let length: Int
  private let room: Int
  private var touched = 0
  /// Bytes that this rank may look at before they are given back.
  private let mostResident: Int
  /// The same for all ranks of a node.
  private static let mostResidentOfNode = 256 << 20
  /// A look at one place brings in up to so many bytes around it.
  private static let neighbourhood = 64 << 10

  fileprivate init(
    _ descriptor: Int32, _ path: String, offset: Int, bytes: Int, ranks: Int
  ) throws(ImageStoreError) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let shift = offset % page
    length = bytes + shift
    mostResident = Self.mostResidentOfNode / ranks
    // A page of nothing behind the file, which the drawing under maps may read.
    room = (length / page + 2) * page
    let memory = mmap(nil, room, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED,
      length == 0
        || mmap(memory, length, PROT_READ, MAP_SHARED | MAP_FIXED, descriptor, offset - shift) != MAP_FAILED
    else {
      throw ImageStoreError(path, "cannot be mapped: \(Files.reason())")
    }
    start = memory
    base = UnsafePointer((memory + shift).assumingMemoryBound(to: UInt8.self))
  }

  deinit { munmap(start, room) }

  /// Says that `count` pieces of `bytes` bytes each are about to be looked at.
  func touch(_ count: Int, of bytes: Int) {
    touched += count * (bytes + Self.neighbourhood)
    guard touched > mostResident else { return }
    touched = 0
    madvise(start, length, Int32(MADV_DONTNEED))
  }
}
