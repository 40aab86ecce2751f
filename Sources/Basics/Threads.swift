import Glibc

/// Runs `body` on a new thread, which the system knows by `name`, of 15 bytes at most.
///
/// - Returns: 0, or the system's error where there is no new thread.
package func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
  let work = Unmanaged.passRetained(
    ThreadWork {
      setName(name)
      body()
    })
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { work in
      Unmanaged<ThreadWork>.fromOpaque(work!).takeRetainedValue().body()
      return nil
    }, work.toOpaque())
  guard code == 0 else {
    work.release()
    return code
  }
  pthread_detach(thread)
  return 0
}

/// Names this thread.
private func setName(_ name: String) {
  let file = Files.open("/proc/thread-self/comm", O_WRONLY)
  guard file >= 0 else { return }
  Files.write(name, to: file)
  close(file)
}

private final class ThreadWork: Sendable {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
