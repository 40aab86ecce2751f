import Lanes
import Testing

/// How much memory a node has left: the least of what the system and the control groups say, from made files.
struct SystemMemoryTests {
  private static let meminfo = [
    "/proc/meminfo": "MemTotal:  16000000 kB\nMemFree:  1000 kB\nMemAvailable:    8000000 kB\n"
  ]
  /// Version 2 alone, as current systems have it.
  private static let unified =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    + "31 23 0:27 / /tmp rw - tmpfs tmpfs rw\n"
  /// Version 1 with a hierarchy for memory, and version 2 without memory beside it.
  private static let legacy =
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    + "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"

  private func available(_ files: [String: String], _ more: [String: String] = [:]) -> SystemMemory.Available?
  {
    let all = Self.meminfo.merging(files) { $1 }.merging(more) { $1 }
    return SystemMemory.available { all[$0] }
  }

  private let system = SystemMemory.Available(bytes: 8_192_000_000)

  @Test("without control groups or limits it is what the system says")
  func noLimit() {
    #expect(available([:]) == system)
    #expect(SystemMemory.available { _ in nil } == nil)
    let files = ["/proc/self/cgroup": "0::/user.slice/run\n", "/proc/self/mountinfo": Self.unified]
    #expect(available(files) == system)
    #expect(
      available(
        files,
        [
          "/sys/fs/cgroup/user.slice/memory.max": "max\n",
          "/sys/fs/cgroup/user.slice/memory.current": "100\n",
        ])
        == system)
    #expect(
      available([
        "/proc/self/cgroup": "4:memory:/a\n", "/proc/self/mountinfo": Self.legacy,
        "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/a/memory.usage_in_bytes": "100\n",
      ]) == system)
  }

  @Test("a job of Slurm under version 2: the tightest of the task's group and all above it counts")
  func unifiedAncestors() {
    let slurm = "/sys/fs/cgroup/system.slice/slurmstepd.scope"
    let files = [
      "/proc/self/cgroup": "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_1\n",
      "/proc/self/mountinfo": Self.unified,
      "\(slurm)/job_7/step_0/user/task_1/memory.max": "max\n",
      "\(slurm)/job_7/step_0/memory.max": "5000\n", "\(slurm)/job_7/step_0/memory.current": "1000\n",
      "\(slurm)/job_7/memory.max": "4000\n", "\(slurm)/job_7/memory.current": "3000\n",
      "\(slurm)/job_7/memory.stat": "anon 7\ninactive_file 500\nactive_file 9\n",
    ]
    #expect(available(files) == .init(bytes: 1500, limit: "the control group \(slurm)/job_7"))
    // A neighbour of the job is none of its business.
    #expect(
      available(files, ["\(slurm)/job_8/memory.max": "10\n"])
        == .init(bytes: 1500, limit: "the control group \(slurm)/job_7"))
    // What is above the limit, or said to be given up beyond what is taken, is nothing to hope for.
    #expect(available(files, ["\(slurm)/job_7/memory.current": "9000\n"])?.bytes == 0)
    #expect(available(files, ["\(slurm)/job_7/memory.current": "300\n"])?.bytes == 4000)
  }

  @Test("a job of Slurm or PBS under version 1, whose files have other names")
  func legacyAncestors() {
    let groups = "/sys/fs/cgroup/memory/slurm/uid_1000/job_7"
    let files = [
      "/proc/self/cgroup":
        "5:cpuset:/x\n4:memory:/slurm/uid_1000/job_7/step_0\n1:name=systemd:/\n0::/elsewhere\n",
      "/proc/self/mountinfo": Self.legacy,
      "\(groups)/step_0/memory.limit_in_bytes": "6000\n", "\(groups)/step_0/memory.usage_in_bytes": "100\n",
      "\(groups)/memory.limit_in_bytes": "4000\n", "\(groups)/memory.usage_in_bytes": "3000\n",
      "\(groups)/memory.stat": "inactive_file 1\ntotal_inactive_file 700\n",
    ]
    #expect(available(files) == .init(bytes: 1700, limit: "the control group \(groups)"))
    // The controllers of one hierarchy may be several.
    #expect(
      available(
        files,
        [
          "/proc/self/cgroup": "4:cpu,memory:/slurm/uid_1000/job_7\n",
          "/proc/self/mountinfo": "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,cpu,memory\n",
        ]) == .init(bytes: 1700, limit: "the control group \(groups)"))
    // Without a mount table the usual places are looked into.
    #expect(
      available(files.filter { $0.key != "/proc/self/mountinfo" })
        == .init(bytes: 1700, limit: "the control group \(groups)"))
  }

  @Test("a container: the limit is at the mount point, whatever the group is called outside")
  func containers() {
    let limit = ["/sys/fs/cgroup/memory.max": "4000\n", "/sys/fs/cgroup/memory.current": "3000\n"]
    let expected = SystemMemory.Available(bytes: 1000, limit: "the control group /sys/fs/cgroup")
    let own = ["/proc/self/mountinfo": Self.unified]
    #expect(available(limit, own.merging(["/proc/self/cgroup": "0::/\n"]) { $1 }) == expected)
    #expect(available(limit, own.merging(["/proc/self/cgroup": "0::/../../other\n"]) { $1 }) == expected)
    let shared =
      "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
    for group in ["/docker/abc", "/docker/abc/inner", "/docker/abcd"] {
      #expect(
        available(limit, ["/proc/self/mountinfo": shared, "/proc/self/cgroup": "0::\(group)\n"]) == expected)
    }
    let inner = [
      "/sys/fs/cgroup/inner/memory.max": "500\n", "/proc/self/mountinfo": shared,
      "/proc/self/cgroup": "0::/docker/abc/inner\n",
    ]
    #expect(available(limit, inner) == .init(bytes: 500, limit: "the control group /sys/fs/cgroup/inner"))
  }

  @Test("a mount point with a blank in its name, and lines that are nonsense")
  func oddTables() {
    let files = [
      "/proc/self/cgroup": "nonsense\n0::/job\n", "/groups of mine/job/memory.max": "123\n",
      "/proc/self/mountinfo":
        "- - -\n30\n30 23 0:26 / /groups\\040of\\040mine rw - cgroup2 cgroup2 rw\n",
    ]
    #expect(available(files) == .init(bytes: 123, limit: "the control group /groups of mine/job"))
  }
}
