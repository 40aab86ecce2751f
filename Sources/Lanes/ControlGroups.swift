import Basics

/// The control groups that limit this process's memory: its own, and all that this one lies in.
///
/// Batch systems, containers and systemd set limits this way. (Linux: Documentation/admin-guide/cgroup-v2.rst and
/// cgroup-v1/memory.rst.)
struct ControlGroups {
  /// A group with a limit.
  struct Limit: Equatable {
    /// The group's directory.
    let group: String
    /// Bytes that may still be taken.
    let left: Int
  }

  /// How a version calls its files.
  private struct Version {
    let limit: String
    let current: String
    /// Bytes of files that nobody has asked for lately, which are given up: lines of `memory.stat`, the first one counts.
    let inactive: [String]

    static let two = Version(
      limit: "memory.max", current: "memory.current", inactive: ["inactive_file "])
    static let one = Version(
      limit: "memory.limit_in_bytes", current: "memory.usage_in_bytes",
      inactive: ["total_inactive_file ", "inactive_file "])
  }

  /// Where a version's groups are found.
  private struct Mount {
    let version: Version
    /// The group that is at `point`.
    let root: String
    let point: String
  }

  private let read: (String) -> String?

  /// - Parameter read: the text of a file; nil where there is none
  init(_ read: @escaping (String) -> String?) { self.read = read }

  /// The group with the least memory left; nil where there is no limit.
  var tightest: Limit? {
    let mounts = self.mounts
    var found: [Limit] = []
    for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let version: Version
      if fields[1].isEmpty {
        version = .two
      } else if fields[1].split(separator: ",").contains("memory") {
        version = .one
      } else {
        continue
      }
      for mount in mounts where mount.version.limit == version.limit {
        found += directories(of: String(fields[2]), in: mount).compactMap { limit($0, version) }
      }
    }
    return found.min { $0.left < $1.left }
  }

  /// What the mount table says, or else where they usually are.
  private var mounts: [Mount] {
    var mounts: [Mount] = []
    for line in (read("/proc/self/mountinfo") ?? "").split(separator: "\n") {
      // Number, parent, device, root, mount point, options, any more fields; dash, type, source, options of the type.
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { continue }
      let version: Version
      if fields[dash + 1] == "cgroup2" {
        version = .two
      } else if fields[dash + 1] == "cgroup", fields[dash + 3].split(separator: ",").contains("memory") {
        version = .one
      } else {
        continue
      }
      mounts.append(
        Mount(version: version, root: Self.unescaped(fields[3]), point: Self.unescaped(fields[4])))
    }
    guard mounts.isEmpty else { return mounts }
    return [
      Mount(version: .two, root: "/", point: "/sys/fs/cgroup"),
      Mount(version: .one, root: "/", point: "/sys/fs/cgroup/memory"),
    ]
  }

  /// The directory of a group and of all that it lies in, as far as they can be seen.
  private func directories(of group: String, in mount: Mount) -> [String] {
    var path = Substring(group)
    if mount.root != "/" {
      // A container without a name space of its own sees a part of the tree, under the names of the whole.
      let isInside = group == mount.root || group.hasPrefix(mount.root + "/")
      path = isInside ? group.dropFirst(mount.root.count) : ""
    }
    var names = path.split(separator: "/")
    // Outside of this name space's part.
    if names.first == ".." { names = [] }
    return (0...names.count).reversed().map { count in
      ([mount.point] + names.prefix(count).map(String.init)).joined(separator: "/")
    }
  }

  /// What a group says of itself; nil where it has no limit.
  private func limit(_ group: String, _ version: Version) -> Limit? {
    func number(_ text: (some StringProtocol)?) -> Int? {
      text.flatMap { Int($0.trimmed) }
    }
    // "max" of version 2 is no number; version 1 says nearly the largest one.
    guard let limit = number(read("\(group)/\(version.limit)")), limit < Int.max / 2 else { return nil }
    let current = number(read("\(group)/\(version.current)")) ?? 0
    let lines = (read("\(group)/memory.stat") ?? "").split(separator: "\n")
    let inactive = version.inactive.lazy.compactMap { key in
      lines.first { $0.hasPrefix(key) }.flatMap { number($0.dropFirst(key.count)) }
    }.first
    return Limit(group: group, left: max(0, limit - max(0, current - (inactive ?? 0))))
  }

  /// The mount table writes blanks and the like as a backslash and three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"),
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
