import Faults
import Foundation

/// The system calls that change files, in one place: failures become errors here, and the faults of tests happen here.
///
/// One thread at a time uses it.
package final class FileOperations: @unchecked Sendable {
  /// The operations on all files that belong to no checkpoint.
  package static let results = FileOperations("results")

  private let place: String
  private let generation: Int
  private var count = 0

  /// The operations on files of one kind; `generation` is the number of a checkpoint.
  init(_ place: String, generation: Int = 0) {
    (self.place, self.generation) = (place, generation)
  }

  /// Creates the file, or empties it, and opens it for writing.
  func create(_ path: String) throws(ReportError) -> Int32 {
    try enter(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .writing(path) }
    return descriptor
  }

  /// Writes all of `bytes` to the end of the file.
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(ReportError) {
    var done = 0
    while done < bytes.count {
      try enter(path)
      let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .writing(path) }
      done += count
    }
  }

  /// Waits until the file is on the disk.
  func sync(_ descriptor: Int32, _ path: String) throws(ReportError) {
    try enter(path)
    guard fsync(descriptor) == 0 else { throw .writing(path) }
  }

  /// Gives the file or directory its final name.
  func move(_ old: String, to new: String) throws(ReportError) {
    try enter(new)
    guard rename(old, new) == 0 else { throw .writing(new) }
  }

  /// Makes a directory; one that is there already is taken.
  func makeDirectory(_ path: String) throws(ReportError) {
    try enter(path)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw .writing(path) }
  }

  /// Waits until the names in the directory are on the disk.
  func syncDirectory(_ path: String) throws(ReportError) {
    try enter(path)
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(path) }
    defer { close(descriptor) }
    // Some file systems cannot sync a directory, and need not.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .writing(path) }
  }

  /// Removes a directory of files as far as that goes; what is left is removed the next time. Of a link, only the link.
  func removeDirectory(_ path: String) {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
      guard (try? enter(path)) != nil else { return }
      unlink(path)
      return
    }
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
      guard (try? enter(path)) != nil else { return }
      unlink("\(path)/\(name)")
    }
    guard (try? enter(path)) != nil else { return }
    rmdir(path)
  }

  private func enter(_ path: String) throws(ReportError) {
    count += 1
    let effect = FaultHook.pass(place, ["operation": count, "generation": generation])
    if case .failure(let code)? = effect { throw .writing(path, code) }
  }
}
