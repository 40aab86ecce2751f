import Glibc

/// The system calls that take a path, for paths whose text is that of `FileName`. What they return is what the system does:
/// the reason of a failure is in `errno`.
package enum Files {
  /// Opens a file, which closes itself in programs that are started; a new one may be read by all.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o644) -> Int32 {
    FileName.withPath(path) { Glibc.open($0, flags | O_CLOEXEC, mode) }
  }

  /// What the system says of the file or folder, behind links; nil where it says nothing.
  package static func status(_ path: String) -> stat? {
    var status = stat()
    return FileName.withPath(path) { stat($0, &status) } == 0 ? status : nil
  }

  /// What the system says of the file, folder or link; nil where it says nothing.
  package static func linkStatus(_ path: String) -> stat? {
    var status = stat()
    return FileName.withPath(path) { lstat($0, &status) } == 0 ? status : nil
  }

  /// Whether there is a folder, behind links as well.
  package static func isFolder(_ path: String) -> Bool { status(path)?.isFolder ?? false }

  /// Whether there is anything, behind links as well.
  package static func exists(_ path: String) -> Bool { status(path) != nil }

  /// Where a link leads, as it says it; nil where it is none.
  package static func target(ofLink path: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = FileName.withPath(path) { path in
      bytes.withUnsafeMutableBytes { readlink(path, $0.baseAddress!, $0.count) }
    }
    return count < 0 ? nil : FileName.text(of: Array(bytes.prefix(count)))
  }

  /// The names in a folder, in no order, without `.` and `..`; nil where it cannot be listed.
  package static func names(in folder: String) -> [String]? {
    guard let folder = FileName.withPath(folder, { opendir($0) }) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(folder) {
      let name = Files.name(of: entry)
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    return errno == 0 ? names : nil
  }

  /// The name in an entry that `readdir` gave.
  package static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
    withUnsafePointer(to: &entry.pointee.d_name) { name in
      name.withMemoryRebound(to: CChar.self, capacity: 1) { FileName.text(of: $0) }
    }
  }

  /// Makes a folder.
  package static func makeFolder(_ path: String, mode: mode_t = 0o777) -> Int32 {
    FileName.withPath(path) { mkdir($0, mode) }
  }

  /// Makes a folder and those above it, where they are missing; that it is there already is no failure.
  package static func makeFolders(_ path: String) -> Int32 {
    if makeFolder(path) == 0 { return 0 }
    if errno == EEXIST {
      if isFolder(path) { return 0 }
      errno = EEXIST
      return -1
    }
    let above = FileName.folder(path)
    guard errno == ENOENT, above.utf8.count < path.utf8.count, makeFolders(above) == 0 else { return -1 }
    return makeFolder(path) == 0 || errno == EEXIST ? 0 : -1
  }

  /// Gives a file or folder another name.
  package static func rename(_ old: String, to new: String) -> Int32 {
    FileName.withPath(old) { old in FileName.withPath(new) { Glibc.rename(old, $0) } }
  }

  /// Removes a file or link.
  @discardableResult
  package static func unlink(_ path: String) -> Int32 { FileName.withPath(path) { Glibc.unlink($0) } }

  /// Removes an empty folder.
  @discardableResult
  package static func removeFolder(_ path: String) -> Int32 { FileName.withPath(path) { rmdir($0) } }

  /// Removes a file, or a folder with all that is in it; of a link, only the link.
  package static func removeTree(_ path: String) -> Int32 {
    guard let status = linkStatus(path) else { return -1 }
    guard status.isFolder else { return unlink(path) }
    guard let names = names(in: path) else { return -1 }
    for name in names {
      guard removeTree("\(path)/\(name)") == 0 else { return -1 }
    }
    return removeFolder(path)
  }

  /// Cuts a file off behind so many bytes.
  package static func truncate(_ path: String, to bytes: Int) -> Int32 {
    FileName.withPath(path) { Glibc.truncate($0, bytes) }
  }

  /// Bytes that can be written where `path` is; nil where the system does not say.
  package static func freeBytes(_ path: String) -> Int? {
    var status = statvfs()
    guard FileName.withPath(path, { statvfs($0, &status) }) == 0 else { return nil }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  /// The bytes of a regular file from its beginning, at most so many; nil where it cannot be read.
  package static func start(_ path: String, atMost count: Int) -> [UInt8]? {
    // A pipe would be waited for.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    return read(descriptor, atMost: count, into: &bytes) ? bytes : nil
  }

  /// All bytes of a regular file; nil where it cannot be read, or has more than `limit` (`errno` is then EFBIG).
  package static func contents(_ path: String, limit: Int = .max - 1) -> [UInt8]? {
    guard let bytes = start(path, atMost: limit + 1) else { return nil }
    guard bytes.count <= limit else {
      errno = EFBIG
      return nil
    }
    return bytes
  }

  /// Fills `buffer` with the bytes of an open file from `place` on; fewer only where the file ends. nil where they cannot be read.
  package static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, from place: Int)
    -> Int?
  {
    var done = 0
    while done < buffer.count {
      let part = min(buffer.count - done, 1 << 30)
      let count = pread(descriptor, buffer.baseAddress! + done, part, off_t(place + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Writes all of `bytes` to an open file; false where that fails.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  /// Writes all of `text` to an open file, in one piece where the system takes it so; false where that fails.
  @discardableResult
  package static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  /// What the last system call has failed of, or what `code` means.
  package static func reason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

  private static func read(_ descriptor: Int32, atMost count: Int, into bytes: inout [UInt8]) -> Bool {
    var part = [UInt8](repeating: 0, count: min(count, 1 << 20))
    while bytes.count < count {
      let found = Glibc.read(descriptor, &part, min(part.count, count - bytes.count))
      if found < 0, errno == EINTR { continue }
      guard found >= 0 else { return false }
      if found == 0 { break }
      bytes += part.prefix(found)
    }
    return true
  }
}

extension stat {
  /// Whether it is a folder.
  package var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
  /// Whether it is a regular file.
  package var isFile: Bool { st_mode & S_IFMT == S_IFREG }
  /// Whether it is a link.
  package var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
  /// When the contents were changed, in nanoseconds since 1970.
  package var modified: Int { Int(st_mtim.tv_sec) &* 1_000_000_000 &+ Int(st_mtim.tv_nsec) }
  /// What tells one file of the system from all others.
  package var identity: FileIdentity { FileIdentity(device: UInt64(st_dev), number: UInt64(st_ino)) }
}

/// What tells one file or folder of the system from all others.
package struct FileIdentity: Hashable, Sendable {
  /// The file system.
  package let device: UInt64
  /// The number in it.
  package let number: UInt64
}
