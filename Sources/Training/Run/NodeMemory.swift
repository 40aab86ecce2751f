import FCAE
import Foundation
import MPI

/// The memory of the machine that this rank runs on.
package enum NodeMemory {
  /// Bytes that can be taken: what the system says, or what is left of the control group's limit, if that is less; nil
  /// where neither is known.
  package static var available: Int? {
    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    let group = "/sys/fs/cgroup/memory"
    return available(
      meminfo: text("/proc/meminfo"), limit: text("\(group).max"), current: text("\(group).current"),
      statistics: text("\(group).stat"))
  }

  /// The same from the contents of the files.
  package static func available(meminfo: String?, limit: String?, current: String?, statistics: String?)
    -> Int?
  {
    func number(after key: String, in text: String?) -> Int? {
      text?.split(separator: "\n").first { $0.hasPrefix(key) }?.split(separator: " ").dropFirst().first
        .flatMap { Int($0) }
    }
    func number(_ text: String?) -> Int? {
      text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    var found = number(after: "MemAvailable:", in: meminfo).map { $0 * 1024 }
    if let limit = number(limit), let current = number(current) {
      // Pages of files that nobody has asked for lately are given up.
      let left = max(0, limit - current + (number(after: "inactive_file", in: statistics) ?? 0))
      found = min(found ?? left, left)
    }
    return found
  }

  /// Throws on all ranks where the activations of a node's ranks do not fit into its memory. **Collective** over `world`.
  ///
  /// - Parameter ranks: on this rank's node
  package static func require(
    _ options: TrainingOptions, _ architecture: Architecture, images: Int, ranks: Int,
    _ world: borrowing Communicator
  ) throws {
    let bytes = AutoEncoder.activationBytes(
      architecture, capacity: options.laneGroupsPerRank(images: images, ranks: world.size))
    let host = world.host
    // All have looked before the first goes on and takes any.
    try world.together {
      guard let available, bytes > available / ranks else { return }
      func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
      throw TrainingError.options(
        "images of \(architecture.columns)×\(architecture.rows) pixels take \(mebibytes(bytes)) of memory per rank; "
          + "\(host) has \(mebibytes(available)) left for \(ranks == 1 ? "one" : "\(ranks)"); make the images smaller, or "
          + "use fewer ranks per node or a smaller --batch-size")
    }
  }
}
