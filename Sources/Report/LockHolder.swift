import Basics
import FoundationEssentials
import Glibc

/// The process that a run's lock belongs to, as the lock's file tells it: one line for people, then what tells this
/// process from a later one of the same number.
struct LockHolder: Equatable {
  /// Whether the process is there.
  enum State { case running, gone, unknown }

  let process: Int32
  let host: String
  /// Whether the file itself is the lock, as the file system has none.
  let isByFile: Bool
  /// The system's start, the process's start in it, and whose process numbers these are; empty where unknown.
  private let boot: String
  private let start: String
  private let space: String

  /// This process.
  init(isByFile: Bool) {
    process = getpid()
    host = Self.thisHost
    self.isByFile = isByFile
    boot = Self.thisBoot
    start = Self.start(of: "self")
    space = Self.thisSpace
  }

  /// What the file at `path` says; nil where it does not say it.
  init?(_ path: String) {
    let descriptor = Files.open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    self.init(readFrom: descriptor)
  }

  /// What an open file says; nil where it does not say it, or not yet.
  init?(readFrom descriptor: Int32) {
    var bytes = [UInt8](repeating: 0, count: 1000)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    self.init(text: String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self))
  }

  /// Reads `text`; a first line alone is what earlier versions wrote.
  init?(text: String) {
    let lines = text.split(separator: "\n")
    let words = lines.first?.split(separator: " ", maxSplits: 3) ?? []
    guard words.count == 4, words[0] == "process", words[2] == "on", let process = Int32(words[1]),
      process > 0
    else { return nil }
    self.process = process
    host = String(words[3])
    func value(_ key: String) -> String {
      lines.first { $0.hasPrefix("\(key) ") }.map { String($0.dropFirst(key.count + 1)) } ?? ""
    }
    isByFile = value("lock") == "file"
    boot = value("boot")
    start = value("start")
    space = value("processes")
  }

  /// The process, in words.
  var name: String { "process \(process) on \(host)" }

  /// What is written into the file.
  var text: String {
    """
    \(name)
    lock \(isByFile ? "file" : "system")
    boot \(boot)
    start \(start)
    processes \(space)

    """
  }

  /// Whether the process is still there, as far as this one can see.
  var state: State {
    guard host == Self.thisHost else { return .unknown }
    // A system that was started anew has none of its processes of before.
    if !boot.isEmpty, !Self.thisBoot.isEmpty, boot != Self.thisBoot { return .gone }
    // Another container counts its processes on its own.
    guard space == Self.thisSpace else { return .unknown }
    guard kill(process, 0) == 0 || errno != ESRCH else { return .gone }
    let now = Self.start(of: "\(process)")
    return !start.isEmpty && !now.isEmpty && start != now ? .gone : .running
  }

  /// The name of this machine.
  static var thisHost: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static var thisBoot: String { line(of: "/proc/sys/kernel/random/boot_id") }

  private static var thisSpace: String {
    Files.target(ofLink: "/proc/self/ns/pid") ?? ""
  }

  /// When a process was started, in ticks since the system was.
  private static func start(of process: String) -> String {
    // The name, in brackets, may hold anything; the start is the 20th word after it.
    let words = line(of: "/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    return words.count > 19 ? String(words[19]) : ""
  }

  private static func line(of path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmed ?? ""
  }
}
