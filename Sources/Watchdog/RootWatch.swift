import Glibc
import MPI

/// Rank 0's: hears the others' heartbeats, answers them, and judges.
final class RootWatch: Watch {
  private struct Connection {
    let socket: Socket
    /// Known after the first frame.
    var rank: Int?
    /// When it was made, on the watch's clock.
    let since: Double
  }

  private let job: Watchdog.Job
  private let listener: Socket
  private var connections: [Connection] = []
  private var records: [HeartbeatRecord]
  private var heardOf: Set<Int> = [0]
  private var clock: WatchClock
  private var nextJudgement = 0.0

  init(_ job: Watchdog.Job, listener: Socket) {
    self.job = job
    self.listener = listener
    records = job.hosts.enumerated().map {
      HeartbeatRecord(rank: $0.offset, host: $0.element, isWatched: false)
    }
    clock = WatchClock(longestTick: job.longestTick)
    records[0] = HeartbeatRecord(rank: 0, host: job.hosts[0], isWatched: true)
  }

  func begin() -> Bool {
    // A descriptor for every rank, beside those of the program.
    var limit = rlimit()
    let wanted = rlim_t(job.hosts.count + 256)
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted {
      limit.rlim_cur = min(limit.rlim_max, wanted)
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    return true
  }

  func turn(wake: Int32) {
    let isFull = connections.count >= 2 * job.hosts.count + 16
    let watched =
      [(wake, Int16(POLLIN)), (listener.descriptor, Int16(isFull ? 0 : POLLIN))]
      + connections.map { ($0.socket.descriptor, Int16(POLLIN)) }
    let ready = Socket.waits(for: watched, seconds: max(0.01, nextJudgement - clock.seconds))
    clock.tick()
    var lost: [Int] = []
    for (index, events) in ready.dropFirst(2).enumerated() where events != 0 {
      if !hear(index) { lost.append(index) }
    }
    let newest = Dictionary(
      connections.indices.compactMap { index in connections[index].rank.map { ($0, index) } },
      uniquingKeysWith: max)
    for (index, connection) in connections.enumerated() {
      // Who does not say who he is within five seconds goes, as does what a rank has given up for a new one.
      let isStale = connection.rank.map { newest[$0] != index } ?? (clock.seconds - connection.since > 5)
      if isStale { lost.append(index) }
    }
    for index in Set(lost).sorted(by: >) { connections.remove(at: index) }
    if !isFull, ready[1] != 0, let socket = listener.accepted() {
      connections.append(Connection(socket: socket, rank: nil, since: clock.seconds))
    }
    guard clock.seconds >= nextJudgement else { return }
    nextJudgement = clock.seconds + job.interval
    records[0].note(Whereabouts.current, at: clock.seconds)
    judge()
  }

  /// Reads what connection `index` has sent and answers it; false where it is lost.
  private func hear(_ index: Int) -> Bool {
    guard let frames = connections[index].socket.receive(token: job.token) else { return false }
    for frame in frames {
      guard frame.rank > 0, frame.rank < job.hosts.count else { return false }
      connections[index].rank = frame.rank
      switch frame.kind {
      case .state: break
      case .leave:
        records[frame.rank].leave()
        continue
      // While this process was stopped, that rank has said so.
      case .end:
        tell(.end)
        _exit(hangExitCode)
      }
      if heardOf.insert(frame.rank).inserted {
        records[frame.rank] = HeartbeatRecord(
          rank: frame.rank, host: job.hosts[frame.rank], isWatched: true)
      }
      records[frame.rank].note(frame.state, at: clock.seconds)
    }
    guard !frames.isEmpty else { return true }
    return connections[index].socket.send(bytes(.state))
  }

  private func judge() {
    let ranks = records.map { $0.view(at: clock.seconds) }
    guard let verdict = Verdict(ranks, job.limits) else { return }
    Watchdog.endJob(verdict, job) { tell(.end) }
  }

  func leave() {
    tell(.leave)
    // What is unread would make the system cut the connections, and with them what was just said.
    for connection in connections {
      connection.socket.endWriting()
      _ = connection.socket.receive(token: job.token)
    }
  }

  private func tell(_ kind: Frame.Kind) {
    for connection in connections where connection.rank != nil { _ = connection.socket.send(bytes(kind)) }
  }

  private func bytes(_ kind: Frame.Kind) -> [UInt8] {
    Frame(kind, rank: 0, Whereabouts.current).bytes(token: job.token)
  }
}
