import Basics
import CPUTarget
import FoundationEssentials
import Glibc

/// What was compiled, and what it runs on.
package enum BuildInformation {
  /// The release.
  package static let release = "0.1.0"

  /// The release and, where it is known, the commit.
  package static var version: String {
    let commit = String(cString: dbc_commit())
    return commit.isEmpty ? release : "\(release) (\(commit))"
  }

  /// The CPU's model, as the system names it.
  package static var cpu: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let model = line?.split(separator: ":", maxSplits: 1).last?.trimmed
    return model ?? "unknown CPU"
  }

  /// The vector instructions that were compiled in.
  package static var vectorInstructions: String { String(cString: dbc_vector_instructions()) }

  /// Whether this machine has AVX-512, whatever was compiled.
  package static var machineHasAVX512: Bool {
    ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").contains("avx512vl")
  }

  /// The most memory that this process has held so far, in bytes.
  package static var peakMemoryBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
