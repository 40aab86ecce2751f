import Basics
import Glibc

/// A regular file that is open for reading. It is read and not mapped: a mapped file that someone cuts ends the program.
final class OpenedFile {
  let path: String
  let descriptor: Int32
  /// Its length when it was opened.
  let fileBytes: Int

  /// Opens the file; throws where it is missing, may not be read, or is no regular file.
  init(_ path: String) throws(DatasetError) {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    let descriptor = Files.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreached(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw DatasetError(.malformed, path, "is no regular file; remove it")
    }
    (self.path, self.descriptor, fileBytes) = (path, descriptor, Int(status.st_size))
  }

  deinit { close(descriptor) }

  /// Reads up to `buffer.count` bytes from `place` on; fewer only where the file ends.
  func read(into buffer: UnsafeMutableRawBufferPointer, from place: Int) throws(DatasetError) -> Int {
    guard let count = Files.read(descriptor, into: buffer, from: place) else {
      throw DatasetError(.missing, path, "cannot be read: \(Files.reason())")
    }
    return count
  }
}

extension DatasetError {
  /// A file or folder that a system call has just failed of, such as a link that leads nowhere.
  static func unreached(_ path: String) -> DatasetError {
    let (code, reason) = (errno, Files.reason())
    // A link to a file that may not be read leads somewhere.
    guard [ENOENT, ENOTDIR, ELOOP].contains(code), let target = Files.target(ofLink: path) else {
      let advice = code == EACCES ? "; check its permissions" : ""
      return DatasetError(.missing, path, "cannot be read: \(reason)\(advice)")
    }
    return DatasetError(
      .missing, path,
      "is a link that leads nowhere (to \(FileName.shown(target))): \(reason); remove it or mend it")
  }
}
