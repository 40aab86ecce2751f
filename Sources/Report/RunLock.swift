import Basics
import Faults
import Glibc

/// A lock on a run's directory: one program at a time writes there.
///
/// It is the system's lock on the file `.lock`, which goes with the process, however that ends. Where the file system
/// has no locks, it is the file itself, made by an exclusive creation: then its text tells whether its maker still runs.
package final class RunLock {
  /// Why the file itself is the lock; nil where the system's lock is.
  package let weakness: String?
  private let path: String
  private let descriptor: Int32
  /// A maker needs no longer to write who it is.
  private static let patienceMilliseconds = 1000

  /// How an attempt ended.
  private enum Attempt { case taken(String?), again }

  /// Takes the lock of the directory `run`.
  ///
  /// - Parameter lock: takes the system's lock of a file without waiting, and returns 0, or the error
  /// - Throws: `ReportError` of kind `output` where another program holds it, or it cannot be told whether one does.
  package init(
    run: String, lock: (_ descriptor: Int32) -> Int32 = RunLock.systemLock
  ) throws(ReportError) {
    let path = "\(run)/.lock"
    while true {
      var isNew = true
      var descriptor = Files.open(path, O_RDWR | O_CREAT | O_EXCL)
      if descriptor < 0, errno == EEXIST {
        isNew = false
        descriptor = Files.open(path, O_RDWR)
        // Its owner has removed it meanwhile.
        if descriptor < 0, errno == ENOENT { continue }
      }
      guard descriptor >= 0 else {
        throw ReportError(
          .output, run, "cannot be written to: \(ReportError.reason()); choose another --output")
      }
      do {
        if case .taken(let weakness) = try Self.attempt(run, descriptor, isNew: isNew, lock(descriptor)) {
          (self.path, self.descriptor, self.weakness) = (path, descriptor, weakness)
          note()
          return
        }
      } catch {
        close(descriptor)
        throw error
      }
      close(descriptor)
    }
  }

  deinit {
    Files.unlink(path)
    close(descriptor)
  }

  /// The system's lock, and the faults of tests.
  package static func systemLock(_ descriptor: Int32) -> Int32 {
    if case .failure(let code)? = FaultHook.pass("lock") { return code }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code != EINTR { return code }
    }
    return 0
  }

  /// What comes of a file that was opened, and of the attempt to lock it, which ended in `code`.
  private static func attempt(
    _ run: String, _ descriptor: Int32, isNew: Bool, _ code: Int32
  ) throws(ReportError) -> Attempt {
    let path = "\(run)/.lock"
    if code == EWOULDBLOCK {
      let holder = LockHolder(readFrom: descriptor)?.name ?? ""
      throw ReportError(
        .output, run,
        "is in use by another run\(holder.isEmpty ? "" : " (\(holder))"); wait for it, or choose another "
          + "--output")
    }
    // The owner removes the file at its end: what was opened here may have been that one.
    guard identity(of: descriptor) == Files.status(path)?.identity else { return .again }
    if code == 0 {
      // Whoever has made a file that is the lock by itself does not hold the system's lock of it.
      guard !isNew, let holder = LockHolder(readFrom: descriptor), holder.isByFile else { return .taken(nil) }
      try requireStale(holder, run)
      return .taken(nil)
    }
    let weakness = "the file system has no locks (\(ReportError.reason(code)))"
    if isNew { return .taken(weakness) }
    guard let holder = awaitHolder(descriptor) else {
      throw ReportError(
        .output, run,
        "may be in use by another run: \(weakness), and \(path) does not say whose it is; remove that file if no "
          + "run writes here, or choose another --output")
    }
    try requireStale(holder, run)
    try removeStale(path, holder)
    return .again
  }

  /// Throws where the process `holder` may still be there.
  private static func requireStale(_ holder: LockHolder, _ run: String) throws(ReportError) {
    switch holder.state {
    case .gone: return
    case .running:
      throw ReportError(
        .output, run, "is in use by another run (\(holder.name)); wait for it, or choose another --output")
    case .unknown:
      throw ReportError(
        .output, run,
        "is in use by another run (\(holder.name)), or was when that ended: the file system has no locks, and from here "
          + "it cannot be told; when that process is gone, remove \(run)/.lock, or choose another --output")
    }
  }

  /// Removes the file of a process that is gone. Of several that try, one at a time looks and removes.
  private static func removeStale(_ path: String, _ holder: LockHolder) throws(ReportError) {
    let guardPath = "\(path).takeover"
    let descriptor = Files.open(guardPath, O_WRONLY | O_CREAT | O_EXCL)
    guard descriptor >= 0 else {
      let reason = errno == EEXIST ? "another run is about to" : ReportError.reason()
      throw ReportError(
        .output, path,
        "was left by a run that is gone (\(holder.name)) and cannot be taken over: \(reason); start again in a "
          + "moment, and if it stays so, remove \(guardPath)")
    }
    // By now it may be the file of somebody who was faster.
    if LockHolder(path) == holder { Files.unlink(path) }
    Files.unlink(guardPath)
    close(descriptor)
  }

  /// What is in the file, for which its maker may need a moment; nil where nothing comes.
  private static func awaitHolder(_ descriptor: Int32) -> LockHolder? {
    for _ in 0..<(patienceMilliseconds / 10) {
      if let holder = LockHolder(readFrom: descriptor) { return holder }
      usleep(10_000)
    }
    return nil
  }

  private func note() {
    let text = LockHolder(isByFile: weakness != nil).text
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  private static func identity(of descriptor: Int32) -> FileIdentity? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status.identity : nil
  }
}
