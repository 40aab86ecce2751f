import Basics
import Dispatch
import Glibc
import MPI
import Synchronization

/// The exit code of a job that a watchdog has ended.
package let hangExitCode: Int32 = 80

/// A thread beside MPI on every rank that notices when the job no longer gets on, says who is late, and ends it.
///
/// Every rank sends its `Whereabouts` to rank 0 a few times a second, over a TCP connection of its own, and rank 0
/// answers each of them. Rank 0 judges; the others only notice when rank 0 is gone.
package final class Watchdog: Sendable {
  /// What all ranks have agreed on.
  struct Job: Sendable {
    let program: String
    let rank: Int
    let hosts: [String]
    let limits: HangLimits
    /// Keeps strangers from the port.
    let token: UInt64
    /// What the user can do after the end.
    let hint: String

    /// Seconds between two heartbeats.
    var interval: Double { min(0.5, limits.seconds / 8) }
    /// The clock counts no more at once: whoever sleeps longer was stopped himself.
    var longestTick: Double { 4 * interval }
  }

  private let stopping = Atomic<Bool>(false)
  /// Written to, so that the thread wakes up.
  private let pipe: (read: Int32, write: Int32)
  private let ended = DispatchSemaphore(value: 0)

  /// Starts the threads; nil for a job of one rank, where nobody waits. **Collective.**
  ///
  /// A rank that cannot reach rank 0 is not watched, with one warning for all of them.
  ///
  /// - Parameter hint: what the user can do where the job is ended
  package static func start(
    _ world: borrowing Communicator, program: String, hangSeconds: Double,
    hint: String = "--resume continues from the last checkpoint"
  ) throws -> Watchdog? {
    guard world.size > 1 else { return nil }
    let hosts = try world.hosts()
    let token = try world.broadcast(UInt64.random(in: .min ... .max))
    let job = Job(
      program: program, rank: world.rank, hosts: hosts, limits: HangLimits(seconds: hangSeconds),
      token: token, hint: hint)
    var listener: (socket: Socket, port: UInt16)?
    try world.onRoot { listener = try Socket.listening() }
    let port = try world.broadcast(Int64(listener?.port ?? 0))
    let addresses = try world.broadcast(world.isRoot ? hostAddresses().map { Int64($0) } : [])

    let watch: any Watch
    if let listener {
      watch = RootWatch(job, listener: listener.socket)
    } else {
      watch = RankWatch(job, addresses: addresses.map { UInt32($0) }, port: UInt16(port))
    }
    let watchdog = try world.together { try Watchdog(watch, job) }
    // By now rank 0's thread answers.
    let reached = try world.allGather(UInt8(watchdog.waitForStart() ? 1 : 0))
    let missing = reached.indices.filter { reached[$0] == 0 }
    if world.isRoot, !missing.isEmpty {
      let first = missing.prefix(4).map { "rank \($0) (\(hosts[$0]))" }.joined(separator: ", ")
      report(
        "\(program): warning: \(missing.count) ranks cannot reach rank 0 on port \(port) and are not watched for "
          + "hangs: \(first); a firewall may be between them\n")
    }
    return watchdog
  }

  private let connected = DispatchSemaphore(value: 0)
  private let isConnected = Atomic<Bool>(false)

  private init(_ watch: any Watch, _ job: Job) throws(WatchdogError) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw WatchdogError(call: "pipe", number: errno) }
    ends.forEach(makeQuiet)
    pipe = (ends[0], ends[1])
    let handover = Handover(watch)
    let code = startThread("watchdog") { [self] in run(handover.watch) }
    guard code == 0 else { throw WatchdogError(call: "pthread_create", number: code) }
  }

  deinit {
    close(pipe.read)
    close(pipe.write)
  }

  /// Ends the thread, which takes leave of the other ranks; before MPI is finalized.
  package func stop() {
    guard !stopping.exchange(true, ordering: .relaxed) else { return }
    var byte: UInt8 = 1
    write(pipe.write, &byte, 1)
    ended.wait()
  }

  private func waitForStart() -> Bool {
    connected.wait()
    return isConnected.load(ordering: .relaxed)
  }

  private func run(_ watch: any Watch) {
    // Signals are for the main thread.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    isConnected.store(watch.begin(), ordering: .relaxed)
    connected.signal()
    while !stopping.load(ordering: .relaxed) { watch.turn(wake: pipe.read) }
    watch.leave()
    ended.signal()
  }

  /// Writes `text` to standard error in one piece, waiting for a second at most.
  static func report(_ text: String) {
    guard Socket.waits(for: [(STDERR_FILENO, Int16(POLLOUT))], seconds: 1)[0] != 0 else { return }
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Says what is wrong, and ends this process and with it the job: mpirun ends the other ranks, or is ended itself.
  static func endJob(_ verdict: Verdict, _ job: Job, andThen tellOthers: () -> Void = {}) -> Never {
    report(
      "\(job.program): error: \(verdict.text(ranks: job.hosts.count)). The job ends with exit code "
        + "\(hangExitCode); \(job.hint)\n")
    tellOthers()
    Launcher.endLater()
    _exit(hangExitCode)
  }
}

/// What a rank's thread does.
protocol Watch: AnyObject {
  /// Returns whether the rank is connected.
  func begin() -> Bool
  /// Half a second at most of listening, telling and judging; returns earlier where the descriptor `wake` is ready.
  func turn(wake: Int32)
  /// Says that this rank's run is over.
  func leave()
}

/// Passes an object on to the thread that owns it from then on.
private struct Handover: @unchecked Sendable {
  let watch: any Watch

  init(_ watch: any Watch) { self.watch = watch }
}
