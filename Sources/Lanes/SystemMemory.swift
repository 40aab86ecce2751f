import FoundationEssentials
import Glibc

/// The memory of this machine that this process may still take.
package enum SystemMemory {
  /// Bytes that can be taken, and who says so.
  package struct Available: Equatable, Sendable, CustomStringConvertible {
    /// How many.
    package let bytes: Int
    /// Whose limit this is, such as `the control group /sys/fs/cgroup/job`; nil where it is the system's own word.
    package let limit: String?

    /// So many, by the limit of `limit`.
    package init(bytes: Int, limit: String? = nil) { (self.bytes, self.limit) = (bytes, limit) }

    /// Such as `512 MiB are left by the limit of the control group /sys/fs/cgroup/job`.
    package var description: String {
      "\(mebibytes(bytes)) are left" + (limit.map { " by the limit of \($0)" } ?? "")
    }
  }

  /// The least of what the system says, what is left of the limits of the control groups that this process is in, and
  /// what is left of its own limits (`ulimit -v` and `-d`); nil where nothing is known.
  ///
  /// - Parameter processes: of this machine, which share all but their own limits alike
  package static func available(processes: Int = 1) -> Available? {
    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    var found = [available(text).map { Available(bytes: $0.bytes / processes, limit: $0.limit) }]
    // Pages: all of the process, …, the data and the stack.
    let pages = (text("/proc/self/statm") ?? "").split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }
    if pages.count >= 6 {
      found.append(left(of: RLIMIT_AS, used: pages[0] * Int(getpagesize()), "ulimit -v"))
      found.append(left(of: RLIMIT_DATA, used: pages[5] * Int(getpagesize()), "ulimit -d"))
    }
    return found.compactMap { $0 }.min { $0.bytes < $1.bytes }
  }

  private static func left(of limit: __rlimit_resource, used: Int, _ name: String) -> Available? {
    var values = rlimit()
    guard getrlimit(__rlimit_resource_t(limit.rawValue), &values) == 0, values.rlim_cur < Int.max / 2 else {
      return nil
    }
    return Available(bytes: max(0, Int(values.rlim_cur) - used), limit: name)
  }

  /// The first two of these from the texts of files, of which `read` gives nil where there is none.
  package static func available(_ read: @escaping (String) -> String?) -> Available? {
    let key = "MemAvailable:"
    let line = read("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix(key) }
    let words = line?.dropFirst(key.count).split(separator: " ")
    let free = words?.first.flatMap { Int($0) }.map { Available(bytes: $0 * 1024) }
    let limit = ControlGroups(read).tightest.map {
      Available(bytes: $0.left, limit: "the control group \($0.group)")
    }
    return [free, limit].compactMap { $0 }.min { $0.bytes < $1.bytes }
  }
}

/// An amount of memory in words, rounded up.
package func mebibytes(_ bytes: Int) -> String {
  let full = bytes >> 20
  return "\(bytes & (1 << 20 - 1) == 0 ? full : full + 1) MiB"
}
