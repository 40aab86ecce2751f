internal import CHDF5
import Basics
import FoundationEssentials
import Glibc
import Synchronization

/// A child process that reads an HDF5 file and sends what it finds.
///
/// The library crashes on files that are damaged, and some make it loop or ask for all memory. In a process of its own, that ends
/// with a message like any other; and the library, which only one thread may use, has only one. A child lives as long as one
/// call and leaves nothing behind.
package final class HDF5Process {
  /// What a child sends in front of its bytes.
  private enum Frame {
    static let good: UInt8 = 0
    static let error: UInt8 = 1
    static let bytes = 9
  }

  private let path: String
  private let input: Int32
  private let child: pid_t
  /// Seconds without a byte from the child that are waited.
  private let patience: Int

  /// Memory that the library may take beside what it is asked to read: a few chunks.
  private static let memory = 1 << 31
  /// Seconds of CPU time and of silence that every child has, and bytes per second more of those that read.
  private static let (seconds, bytesPerSecond) = (60, 1 << 20)
  /// Keeps the end of one child's pipe out of another child.
  private static let lock = Mutex(())

  /// Starts a child that runs `body` and ends.
  ///
  /// - Parameters:
  ///   - blockBytes: what it sends at a time
  ///   - bytes: what it sends in all
  ///   - patience: seconds that it may be silent before its first block
  package init(
    _ path: String, blockBytes: Int = 0, bytes: Int = 0, patience: Int? = nil,
    _ body: (_ send: (UnsafeRawBufferPointer) -> Void) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    self.path = path
    self.patience = (patience ?? Self.seconds) + blockBytes / Self.bytesPerSecond
    let address = Self.addressBytes + Self.memory + 4 * blockBytes
    let seconds = Self.seconds + bytes / Self.bytesPerSecond
    var ends: [Int32] = [-1, -1]
    let (child, reason) = Self.lock.withLock { _ in
      let isPiped = dbc_h5_pipe(&ends) == 0
      let child = isPiped ? dbc_h5_fork(UInt64(address), UInt64(seconds)) : -1
      if child == 0 {
        close(ends[0])
        Self.serve(ends[1], body)
      }
      let reason = Files.reason()
      if isPiped { close(ends[1]) }
      return (child, reason)
    }
    (input, self.child) = (ends[0], child)
    guard child > 0 else {
      throw DatasetError(.missing, path, "cannot be read: no process for HDF5 can be started: \(reason)")
    }
  }

  deinit {
    if input >= 0 { close(input) }
    guard child > 0 else { return }
    // It has ended, or has more to say than is asked for.
    kill(child, SIGKILL)
    while waitpid(child, nil, 0) < 0 && errno == EINTR {}
  }

  /// What this process has of address space.
  private static var addressBytes: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// The child's life.
  private static func serve(
    _ output: Int32, _ body: (_ send: (UnsafeRawBufferPointer) -> Void) throws(DatasetError) -> Void
  ) -> Never {
    do {
      try body { send($0, Frame.good, output) }
    } catch {
      let bytes = (try? JSONEncoder().encode(error)) ?? Data()
      bytes.withUnsafeBytes { send($0, Frame.error, output) }
    }
    _exit(0)
  }

  private static func send(_ bytes: UnsafeRawBufferPointer, _ kind: UInt8, _ output: Int32) {
    let count = withUnsafeBytes(of: UInt64(bytes.count)) { Array($0) }
    guard ([kind] + count).withUnsafeBytes({ Files.write($0, to: output) }), Files.write(bytes, to: output)
    else { _exit(1) }
  }

  /// Reads what the child sends next, of exactly `buffer.count` bytes.
  func receive(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    guard try frame() == buffer.count else { throw ended() }
    try fill(buffer)
  }

  /// What the child sends next, of any length.
  package func receive() throws(DatasetError) -> [UInt8] {
    let count = try frame()
    guard count <= 1 << 28 else { throw ended() }
    return try bytes(count)
  }

  private func bytes(_ count: Int) throws(DatasetError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    try fill(buffer)
    return Array(buffer)
  }

  /// The length of what comes next; throws what the child has thrown.
  private func frame() throws(DatasetError) -> Int {
    let head = try bytes(Frame.bytes)
    let count = Int(clamping: head.number(1, 8))
    guard head[0] == Frame.error else { return count }
    guard count <= 1 << 20,
      let error = try? JSONDecoder().decode(DatasetError.self, from: Data(try bytes(count)))
    else { throw ended() }
    throw error
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    var done = 0
    while done < buffer.count {
      try wait()
      let count = Glibc.read(input, buffer.baseAddress! + done, buffer.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw ended() }
      done += count
    }
  }

  /// Waits until the child has sent something or has ended. It may do neither: a lock that another thread of this process
  /// held when the child was made is never opened in it.
  private func wait() throws(DatasetError) {
    var input = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    // Second by second: of the time in which this process was stopped, no more than one counts.
    var waited = Duration.zero
    while waited < .seconds(patience) {
      let start = SuspendingClock.now
      let count = poll(&input, 1, 1000)
      guard count == 0 || count < 0 && errno == EINTR else { return }
      waited += min(.seconds(1), start.duration(to: .now))
    }
    kill(child, SIGKILL)
    throw DatasetError(
      .malformed, path,
      "cannot be read as HDF5: the library gave nothing in \(patience) s; start again; "
        + "if that does not help, the file is damaged: fetch it again")
  }

  private func ended() -> DatasetError {
    DatasetError(
      .malformed, path,
      "cannot be read as HDF5: the library fails on it (it crashes, loops, or asks for too much memory); the file is damaged; "
        + "fetch it again")
  }

  /// What `body` gives, found out by a child.
  static func value<Value: Codable>(
    _ path: String, _ body: () throws(DatasetError) -> Value
  ) throws(DatasetError) -> Value {
    let process = try HDF5Process(path) { send throws(DatasetError) in
      let value = try body()
      let data = (try? JSONEncoder().encode(value)) ?? Data()
      data.withUnsafeBytes { send($0) }
    }
    let bytes = try process.receive()
    guard let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)) else {
      throw process.ended()
    }
    return value
  }
}
