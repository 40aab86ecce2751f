import Basics
import FoundationEssentials
import Glibc
import Synchronization

/// Faults on purpose, for tests: what the environment variable `DBC_FAULT` asks for, and nothing without it.
///
///     DBC_FAULT="kill:rank=1:at=step:stage=dbc:epoch=2:step=3"
///
/// The first word is what happens, the others say where: every one of them must hold. Several faults are separated
/// by commas; each happens once, or every time with `always=1`.
///
/// | what | |
/// |---|---|
/// | `kill` | SIGKILL to this process |
/// | `stop` | SIGSTOP to this process |
/// | `term`, `usr1`, `usr2` | the signal to this process |
/// | `sleep` | this rank sleeps for `ms` milliseconds |
/// | `pause` | SIGSTOP to this process, and SIGCONT after `ms` milliseconds |
/// | `nan` | this rank's gradient of the step becomes NaN |
/// | `drift` | one bit of this rank's parameters flips after the step |
/// | `enospc`, `eio`, `erofs`, `edquot`, `estale`, `eacces`, `enfile`, `enolck` | the file operation fails with this error |
/// | `count` | the number of the operation goes to standard error |
///
/// | `at` | with | |
/// |---|---|---|
/// | `step` | `stage`, `epoch`, `step` | before a training step |
/// | `kmeans` | `restart` | before a run of k-means |
/// | `broadcast` | | between R and its broadcast |
/// | `checkpoint` | `generation`, `operation` | before a file operation of a checkpoint; both count from 1 |
/// | `history` | `operation` | before a file operation of features-by-epoch.safetensors |
/// | `results` | `operation` | before a file operation of any other file |
/// | `lock` | | before the lock of the run's directory is taken |
/// | `listing` | `operation` | before the folder of checkpoints, or a file of a run, is looked for |
package enum FaultHook {
  /// What a place is asked to do by itself.
  package enum Effect: Equatable, Sendable {
    /// Fail with this `errno`.
    case failure(Int32)
    case notANumber
    case drift
  }

  private struct Fault: Sendable {
    let action: String
    let conditions: [String: String]
  }

  private static let faults = Mutex(parse(ProcessInfo.processInfo.environment["DBC_FAULT"] ?? ""))
  private static let isAsked = ProcessInfo.processInfo.environment["DBC_FAULT"] != nil
  /// This process's rank, as mpirun or srun say.
  private static let rank = "\(LauncherEnvironment.rank ?? 0)"

  /// Called where a fault may happen; `details` are only looked at when one is asked for.
  @discardableResult
  package static func pass(
    _ place: String, _ details: @autoclosure () -> [String: Int] = [:], stage: String = ""
  ) -> Effect? {
    guard isAsked else { return nil }
    var known = details().mapValues(String.init)
    known["at"] = place
    known["rank"] = rank
    if !stage.isEmpty { known["stage"] = stage }
    let fault = faults.withLock { faults -> Fault? in
      let index = faults.firstIndex { fault in
        fault.conditions.allSatisfy { ["always", "ms"].contains($0.key) || known[$0.key] == $0.value }
      }
      guard let index else { return nil }
      let fault = faults[index]
      if fault.conditions["always"] == nil { faults.remove(at: index) }
      return fault
    }
    return fault.flatMap { happen($0.action, known.merging($0.conditions) { $1 }) }
  }

  private static func happen(_ action: String, _ known: [String: String]) -> Effect? {
    switch action {
    case "kill":
      kill(getpid(), SIGKILL)
      while true { pause() }
    case "stop": raise(SIGSTOP)
    case "term": raise(SIGTERM)
    case "usr1": raise(SIGUSR1)
    case "usr2": raise(SIGUSR2)
    case "sleep": usleep(1000 * milliseconds(known))
    case "pause":
      system("(sleep \(Double(milliseconds(known)) / 1000); kill -CONT \(getpid())) &")
      kill(getpid(), SIGSTOP)
    case "nan": return .notANumber
    case "drift": return .drift
    case "enospc": return .failure(ENOSPC)
    case "eio": return .failure(EIO)
    case "erofs": return .failure(EROFS)
    case "edquot": return .failure(EDQUOT)
    case "estale": return .failure(ESTALE)
    case "eacces": return .failure(EACCES)
    case "enfile": return .failure(ENFILE)
    case "enolck": return .failure(ENOLCK)
    case "count":
      Files.write("operation \(known["operation"] ?? "0")\n", to: STDERR_FILENO)
    default: break
    }
    return nil
  }

  private static func milliseconds(_ known: [String: String]) -> UInt32 {
    known["ms"].flatMap { UInt32($0) } ?? 1000
  }

  private static func parse(_ text: String) -> [Fault] {
    text.split(separator: ",").compactMap { fault in
      let words = fault.split(separator: ":").map(String.init)
      guard let action = words.first else { return nil }
      var conditions: [String: String] = [:]
      for word in words.dropFirst() {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        if parts.count == 2 { conditions[parts[0]] = parts[1] }
      }
      return Fault(action: action, conditions: conditions)
    }
  }
}
