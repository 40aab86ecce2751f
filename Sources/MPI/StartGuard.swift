import Basics
import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// Ends a job in which MPI does not come up: a rank has not started, or an interface that has the same address on every host,
/// or leads nowhere, has MPI wait without end. The lowest rank that is there says so, and the job ends with exit code 80. Once MPI is
/// up, `Watchdog` looks after the ranks.
final class StartGuard: Sendable {
  /// Seconds that the start may take: the environment variable `DBC_START_TIMEOUT`, or five minutes; 0 is without a limit.
  private static let limit =
    ProcessInfo.processInfo.environment["DBC_START_TIMEOUT"].flatMap(Double.init).map { max(0, $0) } ?? 300
  private static let code: Int32 = 80
  /// Seconds that a rank gives the next lower one to speak, and the most in all.
  private static let (turn, patience) = (5.0, 60.0)

  private let isUp = DispatchSemaphore(value: 0)
  private let isInitialized = Atomic<Bool>(false)

  /// Watches from now on, on a thread of its own; nil where no launcher has told this process its rank, or there is no limit.
  init?(program: String) {
    guard let rank = LauncherEnvironment.rank, Self.limit > 0, Self.limit.isFinite else { return nil }
    let seconds = Self.limit + min(Double(rank) * Self.turn, Self.patience)
    _ = startThread("start guard") { [self] in
      guard isUp.wait(timeout: .now() + seconds) == .timedOut else { return }
      let call = isInitialized.load(ordering: .relaxed) ? "its first collective" : "MPI_Init_thread"
      MPIRuntime.write(Self.text(program, rank, call), to: STDERR_FILENO)
      _exit(Self.code)
    }
  }

  /// MPI is there; its first collective comes next.
  func initialized() { isInitialized.store(true, ordering: .relaxed) }

  /// All ranks have met.
  func up() { isUp.signal() }

  private static func text(_ program: String, _ rank: Int, _ call: String) -> String {
    let interfaces = NetworkInterface.all.filter { $0.isUp && !$0.isLoopback }.map { "\($0.name) \($0.text)" }
      .joined(separator: ", ")
    return "\(program): error: MPI has not come up within \(String(printf: "%g", limit)) s: rank \(rank) on "
      + "\(ProcessInfo.processInfo.hostName) waits in \(call); a rank has not started, or hosts cannot reach each other. "
      + "Interfaces here: \(interfaces.isEmpty ? "none" : interfaces). Exclude one that has the same address on every host, or "
      + "leads nowhere: OMPI_MCA_btl_tcp_if_exclude=127.0.0.1/8,NAME; or name the right one: OMPI_MCA_btl_tcp_if_include=NAME. "
      + "DBC_START_TIMEOUT=SECONDS gives more time"
  }
}
