import Basics
import CSignals
import FoundationEssentials
import Glibc

/// The process of Open MPI (or PRRTE) that has started this one: mpirun, or its daemon on this host.
enum Launcher {
  /// Names as the system shows them, cut to 15 letters.
  private static let names = ["mpirun", "mpiexec", "orterun", "prterun", "orted", "prted"]
  /// How long a launcher may take to end by itself, once a rank has ended with an error: Open MPI gives the other ranks
  /// some seconds between SIGTERM and SIGKILL.
  private static let graceSeconds = 7

  /// The process number of the launcher; nil where this process was started in another way.
  static func find() -> Int32? {
    guard LauncherEnvironment.rank != nil else { return nil }
    var process = getppid()
    for _ in 0..<16 where process > 1 {
      guard let (name, parent) = facts(of: process) else { return nil }
      if names.contains(name.split(separator: ".").first.map(String.init) ?? "") { return process }
      process = parent
    }
    return nil
  }

  /// The name and the parent of a process, from `/proc`.
  static func facts(of process: Int32) -> (name: String, parent: Int32)? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
    else { return nil }
    let rest = text[text.index(after: close)...].split(separator: " ")
    guard rest.count > 1, let parent = Int32(rest[1]) else { return nil }
    return (String(text[text.index(after: open)..<close]), parent)
  }

  /// Sees to it that the launcher does not outlive the job: Open MPI hangs where a link is cut.
  static func endLater() {
    if let process = find() { dbc_end_process_later(process, Int32(1000 * graceSeconds)) }
  }
}
