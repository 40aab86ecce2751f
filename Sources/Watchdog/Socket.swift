import Basics
import Glibc

/// A system call of the watchdog that has failed.
package struct WatchdogError: Error, Equatable, CustomStringConvertible {
  /// The system call that failed.
  package let call: String
  /// `errno`
  package let number: Int32

  /// The call and its reason.
  package var description: String { "\(call): \(String(cString: strerror(number)))" }
}

/// A TCP socket over IPv4 that never blocks; closed with its owner.
final class Socket {
  let descriptor: Int32
  /// What has been received and is not yet a whole frame.
  private var received: [UInt8] = []
  /// What the last frame has left to send.
  private var unsent: ArraySlice<UInt8> = []

  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// A listener on a port that the system chooses, on every interface.
  static func listening() throws(WatchdogError) -> (socket: Socket, port: UInt16) {
    let socket = try Socket()
    var address = Self.address(0, port: 0)
    try socket.onAddress(&address) { bind(socket.descriptor, $0, $1) }.orThrow("bind")
    try listen(socket.descriptor, 128).orThrow("listen")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try socket.onAddress(&address) { name, _ in getsockname(socket.descriptor, name, &length) }
      .orThrow("getsockname")
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  /// A connection to `host` (a number in network order), tried for `seconds` at most.
  static func connected(to host: UInt32, port: UInt16, seconds: Double) throws(WatchdogError) -> Socket {
    let socket = try Socket()
    var address = Self.address(host, port: port)
    if socket.onAddress(&address, { connect(socket.descriptor, $0, $1) }) != 0 {
      guard errno == EINPROGRESS else { throw WatchdogError(call: "connect", number: errno) }
      guard waits(for: [(socket.descriptor, Int16(POLLOUT))], seconds: seconds)[0] != 0 else {
        throw WatchdogError(call: "connect", number: ETIMEDOUT)
      }
      var failure: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
      guard failure == 0 else { throw WatchdogError(call: "connect", number: failure) }
    }
    var one: Int32 = 1
    setsockopt(
      socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    return socket
  }

  /// The next connection that somebody has asked for.
  func accepted() -> Socket? {
    let new = accept(descriptor, nil, nil)
    guard new >= 0 else { return nil }
    makeQuiet(new)
    return Socket(owning: new)
  }

  /// Sends `frame` as far as the system takes it, after the rest of the one before; a frame that finds the way blocked
  /// is dropped. Returns false where the connection is lost.
  func send(_ frame: [UInt8]) -> Bool {
    guard flush() else { return false }
    guard unsent.isEmpty else { return true }
    unsent = frame[...]
    return flush()
  }

  /// No more is sent; what is under way arrives.
  func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  private func flush() -> Bool {
    while !unsent.isEmpty {
      let sent = unsent.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent > 0 { unsent = unsent.dropFirst(sent) } else { return errno == EAGAIN || errno == EINTR }
    }
    return true
  }

  /// The whole frames that have come; nil where the connection is lost, or is not of this job.
  func receive(token: UInt64) -> [Frame]? {
    var frames: [Frame] = []
    var buffer = [UInt8](repeating: 0, count: 16 * Frame.byteCount)
    // Bounded: what is more waits for the next turn.
    let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
    if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return nil }
    if count > 0 { received += buffer[..<count] }
    while received.count >= Frame.byteCount {
      guard let frame = Frame(received[..<Frame.byteCount], token: token) else { return nil }
      frames.append(frame)
      received.removeFirst(Frame.byteCount)
    }
    return frames
  }

  /// Waits until one of the descriptors is ready, for `seconds` at most; returns what each is ready for.
  static func waits(for wanted: [(descriptor: Int32, events: Int16)], seconds: Double) -> [Int16] {
    var list = wanted.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    guard poll(&list, nfds_t(list.count), Int32(max(0, seconds) * 1000)) > 0 else {
      return wanted.map { _ in 0 }
    }
    return list.map(\.revents)
  }

  private convenience init() throws(WatchdogError) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, type, 0)
    guard descriptor >= 0 else { throw WatchdogError(call: "socket", number: errno) }
    self.init(owning: descriptor)
  }

  private static func address(_ host: UInt32, port: UInt16) -> sockaddr_in {
    sockaddr_in(
      sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian, sin_addr: in_addr(s_addr: host),
      sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
  }

  private func onAddress(
    _ address: inout sockaddr_in, _ call: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

extension Int32 {
  fileprivate func orThrow(_ call: String) throws(WatchdogError) {
    if self != 0 { throw WatchdogError(call: call, number: errno) }
  }
}

/// A descriptor that never blocks, and that programs started from here do not get.
func makeQuiet(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
}

/// The IPv4 addresses of this host, in network order; loopback last.
func hostAddresses() -> [UInt32] {
  let all = NetworkInterface.all
  return (all.filter { !$0.isLoopback } + all.filter(\.isLoopback)).map(\.address)
}
