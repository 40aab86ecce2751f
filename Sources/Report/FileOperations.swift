internal import CLinux
import Basics
import Faults
import Glibc

/// The system calls that change files or list folders, in one place: failures become errors here, and the faults of tests
/// happen here.
///
/// One thread at a time uses it.
package final class FileOperations: @unchecked Sendable {
  /// The operations on all files that belong to no checkpoint.
  package static let results = FileOperations("results")

  /// What is asked about the files of a run before anything is changed.
  static let listing = FileOperations("listing")

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
    let descriptor = Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    guard descriptor >= 0 else { throw .writing(path) }
    return descriptor
  }

  /// Writes all of `bytes` to the end of the file.
  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws(ReportError) {
    var done = 0
    while done < bytes.count {
      try enter(path)
      let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
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

  /// Lets the system begin to bring what was written to the disk.
  func startSync(_ descriptor: Int32) { dbc_start_sync(descriptor) }

  /// Gives the file or directory its final name.
  func move(_ old: String, to new: String) throws(ReportError) {
    try enter(new)
    guard Files.rename(old, to: new) == 0 else { throw .writing(new) }
  }

  /// Makes a directory; one that is there already is taken.
  func makeDirectory(_ path: String) throws(ReportError) {
    try enter(path)
    guard Files.makeFolder(path, mode: 0o755) == 0 || errno == EEXIST else { throw .writing(path) }
  }

  /// Waits until the names in the directory are on the disk.
  func syncDirectory(_ path: String) throws(ReportError) {
    try enter(path)
    let descriptor = Files.open(path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw .writing(path) }
    defer { close(descriptor) }
    // Some file systems cannot sync a directory, and need not.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .writing(path) }
  }

  /// Removes a directory of files as far as that goes; what is left is removed the next time. Of a link, only the link.
  func removeDirectory(_ path: String) {
    if Files.linkStatus(path)?.isLink == true {
      guard (try? enter(path)) != nil else { return }
      Files.unlink(path)
      return
    }
    for name in Files.names(in: path) ?? [] {
      guard (try? enter(path)) != nil else { return }
      Files.unlink("\(path)/\(name)")
    }
    guard (try? enter(path)) != nil else { return }
    Files.removeFolder(path)
  }

  /// The names in a folder, in no order; none where there is no such folder.
  ///
  /// - Throws: `ReportError` of kind `unreadable` where the system does not tell what is in it.
  func names(in path: String) throws(ReportError) -> [String] {
    if let code = fault() { throw .unlisted(path, code) }
    if let names = Files.names(in: path) { return names }
    let code = errno
    // A link whose end is missing may lead to a file system that is away.
    guard code == ENOENT, Files.linkStatus(path) == nil, errno == ENOENT else { throw .unlisted(path, code) }
    return []
  }

  /// Whether there is a file or folder of this name.
  ///
  /// - Throws: `ReportError` of kind `unreadable` where the system does not tell.
  func exists(_ path: String) throws(ReportError) -> Bool {
    if let code = fault() { throw .unlisted(path, code) }
    if Files.exists(path) { return true }
    let code = errno
    guard code == ENOENT else { throw .unlisted(path, code) }
    return false
  }

  private func enter(_ path: String) throws(ReportError) {
    if let code = fault() { throw .writing(path, code) }
  }

  /// The error that a test asks for in this operation.
  private func fault() -> Int32? {
    count += 1
    let effect = FaultHook.pass(place, ["operation": count, "generation": generation])
    if case .failure(let code)? = effect { return code }
    return nil
  }
}
