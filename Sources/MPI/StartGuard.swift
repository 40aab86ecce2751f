import Basics
import Foundation
import Synchronization

/// Ends a job in which MPI does not come up: a rank has not started, or an interface that has the same address on every host,
/// or leads nowhere, has MPI wait without end. The lowest rank that is there says so, and the job ends with exit code 80. (Once MPI is up, `Watchdog` looks after the
/// ranks.)
final class StartGuard: Sendable {
  /// Seconds that the start may take: the environment variable `DBC_START_TIMEOUT`, or five minutes; 0 is without a limit.
  static var limit: Double {
    ProcessInfo.processInfo.environment["DBC_START_TIMEOUT"].flatMap(Double.init).map { max(0, $0) } ?? 300
  }
  private static let code: Int32 = 80
  /// Seconds that a rank gives the next lower one to speak, and the most in all.
  private static let (turn, patience) = (5.0, 60.0)

  private let isUp = DispatchSemaphore(value: 0)
  private let isInitialized = Atomic<Bool>(false)

  /// Watches from now on, on a thread of its own; nil where no launcher has told this process its rank, or there is no limit.
  init?(program: String) {
    guard let rank = Self.rank, Self.limit > 0, Self.limit.isFinite else { return nil }
    let seconds = Self.limit + min(Double(rank) * Self.turn, Self.patience)
    let thread = Thread { [self] in
      guard isUp.wait(timeout: .now() + seconds) == .timedOut else { return }
      let call = isInitialized.load(ordering: .relaxed) ? "its first collective" : "MPI_Init_thread"
      let text = Self.text(program, "rank \(rank)", call)
      try? FileHandle.standardError.write(contentsOf: Data((FileName.printable(text) + "\n").utf8))
      _exit(Self.code)
    }
    thread.name = "start guard"
    thread.start()
  }

  /// MPI is there; its first collective comes next.
  func initialized() { isInitialized.store(true, ordering: .relaxed) }

  /// All ranks have met.
  func up() { isUp.signal() }

  /// This process's rank before MPI is up, as Open MPI, PMIx, PMI2 or Slurm say; nil where none of them has started it.
  static var rank: Int? {
    let environment = ProcessInfo.processInfo.environment
    return ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"].lazy.compactMap {
      environment[$0].flatMap { Int($0) }
    }
    .first
  }

  private static func text(_ program: String, _ rank: String, _ call: String) -> String {
    let interfaces = interfaces().map { "\($0.name) \($0.address)" }.joined(separator: ", ")
    return "\(program): error: MPI has not come up within \(limit.formatted()) s: \(rank) on "
      + "\(ProcessInfo.processInfo.hostName) waits in \(call); a rank has not started, or hosts cannot reach each other. "
      + "Interfaces here: \(interfaces.isEmpty ? "none" : interfaces). Exclude one that has the same address on every host, or "
      + "leads nowhere: OMPI_MCA_btl_tcp_if_exclude=127.0.0.1/8,NAME; or name the right one: OMPI_MCA_btl_tcp_if_include=NAME. "
      + "DBC_START_TIMEOUT=SECONDS gives more time"
  }

  /// Interfaces of this host that are up, with their IPv4 addresses, without the loopback.
  private static func interfaces() -> [(name: String, address: String)] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var found: [(name: String, address: String)] = []
    for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
      guard let entry = entry?.pointee, let address = entry.ifa_addr,
        Int32(address.pointee.sa_family) == AF_INET,
        entry.ifa_flags & UInt32(IFF_UP) != 0, entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0
      else { continue }
      var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        var number = $0.pointee.sin_addr
        _ = inet_ntop(AF_INET, &number, &text, socklen_t(text.count))
      }
      let digits = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      found.append((String(cString: entry.ifa_name), String(decoding: digits, as: UTF8.self)))
    }
    return found
  }
}
