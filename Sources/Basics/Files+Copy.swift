import Glibc

/// A second place for a file. All of these fail where there is something of the new name (`errno` is then EEXIST).
extension Files {
  /// Gives a file, behind links, a second name on the same file system.
  package static func link(_ file: String, as name: String) -> Int32 {
    FileName.withPath(file) { file in
      FileName.withPath(name) { linkat(AT_FDCWD, file, AT_FDCWD, $0, AT_SYMLINK_FOLLOW) }
    }
  }

  /// Makes a link that leads to `target`.
  package static func symbolicLink(to target: String, as name: String) -> Int32 {
    FileName.withPath(target) { target in FileName.withPath(name) { symlink(target, $0) } }
  }

  /// Makes a new file with the same bytes. Where that fails, nothing is left of it.
  package static func copy(_ file: String, to name: String) -> Int32 {
    let source = open(file, O_RDONLY)
    guard source >= 0 else { return -1 }
    defer { close(source) }
    let target = open(name, O_WRONLY | O_CREAT | O_EXCL)
    guard target >= 0 else { return -1 }
    let isCopied = copy(source, to: target)
    let code = errno
    let isClosed = close(target) == 0
    if isCopied, isClosed { return 0 }
    unlink(name)
    if !isCopied { errno = code }
    return -1
  }

  private static func copy(_ source: Int32, to target: Int32) -> Bool {
    var part = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(source, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count == 0 }
      let isWritten = part.withUnsafeBytes {
        write(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: target)
      }
      guard isWritten else { return false }
    }
  }
}
