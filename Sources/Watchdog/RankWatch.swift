import Basics
import Glibc
import MPI

/// The watch of every rank but 0: tells rank 0 where this rank is, and ends the process when rank 0 is gone.
final class RankWatch: Watch {
  /// For one address, at the start or again later.
  private static let connectSeconds = 2.0
  private static let answerSeconds = 5.0

  private let job: Watchdog.Job
  private let port: UInt16
  /// Where rank 0 may be reached; after the start, where it was.
  private var addresses: [UInt32]
  private var socket: Socket?
  private var root: HeartbeatRecord
  private var own: HeartbeatRecord
  private var clock: WatchClock
  private var nextBeat = 0.0
  private var nextAttempt = 0.0
  /// Rank 0's run is over, or it could never be reached.
  private var isAlone = false

  init(_ job: Watchdog.Job, addresses: [UInt32], port: UInt16) {
    self.job = job
    self.port = port
    // Every host has a loopback of its own: the right one on rank 0's host only.
    let sameHost = job.hosts[job.rank] == job.hosts[0]
    self.addresses = sameHost ? addresses.reversed() : addresses.filter { $0.bigEndian >> 24 != 127 }
    root = HeartbeatRecord(rank: 0, host: job.hosts[0], isWatched: true)
    own = HeartbeatRecord(rank: job.rank, host: job.hosts[job.rank], isWatched: true)
    clock = WatchClock(longestTick: job.longestTick)
  }

  func begin() -> Bool {
    for address in addresses where connect(address) {
      addresses = [address]
      return true
    }
    isAlone = true
    return false
  }

  /// Connects and waits for rank 0's answer: somebody else may listen at that address.
  private func connect(_ address: UInt32) -> Bool {
    guard let new = try? Socket.connected(to: address, port: port, seconds: Self.connectSeconds),
      new.send(bytes(.state))
    else { return false }
    let deadline = monotonicSeconds() + Self.answerSeconds
    while monotonicSeconds() < deadline {
      _ = Socket.waits(for: [(new.descriptor, Int16(POLLIN))], seconds: 0.5)
      guard let frames = new.receive(token: job.token) else { return false }
      guard let frame = frames.last else { continue }
      socket = new
      clock.tick()
      root.note(frame.state, at: clock.seconds)
      return true
    }
    return false
  }

  func turn(wake: Int32) {
    var descriptors = [(wake, Int16(POLLIN))]
    if let socket { descriptors.append((socket.descriptor, Int16(POLLIN))) }
    let pause = isAlone ? job.interval : max(0.01, nextBeat - clock.seconds)
    let ready = Socket.waits(for: descriptors, seconds: pause)
    clock.tick()
    guard !isAlone else { return }
    if ready.count > 1, ready[1] != 0 { hear() }
    guard clock.seconds >= nextBeat else { return }
    nextBeat = clock.seconds + job.interval
    own.note(Whereabouts.current, at: clock.seconds)
    if let open = socket, !open.send(bytes(.state)) { socket = nil }
    if socket == nil, clock.seconds >= nextAttempt {
      nextAttempt = clock.seconds + 10 * job.interval
      _ = connect(addresses[0])
    }
    judge()
  }

  private func hear() {
    guard let frames = socket?.receive(token: job.token) else {
      socket = nil
      return
    }
    for frame in frames {
      switch frame.kind {
      case .state: root.note(frame.state, at: clock.seconds)
      case .leave: (isAlone, socket) = (true, nil)
      // Rank 0 has said why.
      case .end: _exit(hangExitCode)
      }
    }
  }

  private func judge() {
    let view = root.view(at: clock.seconds)
    // The first ranks are to speak for the others, which mpirun then ends.
    let turn = min(Double(job.rank - 1), 10)
    guard view.silentSeconds >= job.limits.seconds + turn else { return }
    let verdict = Verdict.lost([view], waiting: [own.view(at: clock.seconds)])
    // Should mpirun wake rank 0 before it ends it, then rank 0 reads this and has nothing to add.
    Watchdog.endJob(verdict, job) { _ = socket?.send(bytes(.end)) }
  }

  func leave() {
    guard let socket, socket.send(bytes(.leave)) else { return }
    socket.endWriting()
    // Until rank 0 has read it and closes, but not for long.
    let deadline = monotonicSeconds() + 1
    while monotonicSeconds() < deadline, socket.receive(token: job.token) != nil {
      _ = Socket.waits(for: [(socket.descriptor, Int16(POLLIN))], seconds: 0.1)
    }
  }

  private func bytes(_ kind: Frame.Kind) -> [UInt8] {
    Frame(kind, rank: job.rank, Whereabouts.current).bytes(token: job.token)
  }
}
