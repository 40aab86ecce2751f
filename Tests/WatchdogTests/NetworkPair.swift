import Foundation
import Support

/// Two hosts on one machine: network namespaces with a cable between them, and names of their own.
///
/// Open MPI starts its daemon on the second one through a script instead of ssh. Whoever makes
/// a pair removes it.
final class NetworkPair: Sendable {
  /// The host names; the number keeps tests that run at the same time apart.
  let names: [String]
  private let cable: [String]
  private let folder: TemporaryDirectory
  private let network = "10.231.7"

  private init() throws {
    let number = ProcessInfo.processInfo.processIdentifier % 100000
    names = ["dbc\(number)a", "dbc\(number)b"]
    cable = ["dbcw\(number)a", "dbcw\(number)b"]
    folder = try TemporaryDirectory()
    let script = """
      #!/bin/sh
      shift
      exec ip netns exec \(names[1]) unshare --uts sh -c "hostname \(names[1]); $*"

      """
    try script.write(toFile: folder.path("agent"), atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("agent"))
  }

  /// A new pair; nil where the system does not let this user make network namespaces.
  static func make() throws -> NetworkPair? {
    let pair = try NetworkPair()
    if (try? ProcessRunner.tool("unshare")) != nil, try pair.connect() { return pair }
    pair.remove()
    return nil
  }

  private func connect() throws -> Bool {
    for name in names {
      guard try Self.ip("netns", "add", name), try Self.ip("-n", name, "link", "set", "lo", "up") else {
        return false
      }
    }
    let ends = ["netns", names[0], "type", "veth", "peer", "name", cable[1], "netns", names[1]]
    guard try Self.ip(["link", "add", cable[0]] + ends) else { return false }
    for (index, name) in names.enumerated() {
      guard try Self.ip("-n", name, "addr", "add", "\(network).\(index + 1)/24", "dev", cable[index]),
        try Self.ip("-n", name, "link", "set", cable[index], "up")
      else { return false }
    }
    return true
  }

  /// Ends what runs there, and takes both hosts away.
  func remove() {
    for name in names {
      for process in processes(on: name) { kill(process, SIGKILL) }
      _ = try? Self.ip("netns", "del", name)
    }
  }

  /// Cuts the cable, or mends it.
  func setLink(up: Bool) throws {
    _ = try Self.ip("-n", names[1], "link", "set", cable[1], up ? "up" : "down")
  }

  /// Runs dbc-train with two ranks on the first host, where mpirun is, and one on the second.
  ///
  /// - Parameter wrapper: what starts it on every rank, such as `setpriv` with its options
  func train(_ arguments: [String], wrapper: [String] = []) throws -> ProcessResult {
    let launch =
      [
        try ProcessRunner.tool("mpirun"), "--quiet", "--oversubscribe", "-np", "3",
        "--host", "\(network).1:2,\(network).2:1", "--mca", "plm_rsh_agent", folder.path("agent"),
        "--mca", "oob_tcp_if_include", "\(network).0/24", "--mca", "btl_tcp_if_include", "\(network).0/24",
      ] + wrapper + [try ProcessRunner.built("dbc-train")] + arguments
    let command = "hostname \(names[0]); exec " + launch.joined(separator: " ")
    return try ProcessRunner.run(
      try ProcessRunner.tool("ip"), ["netns", "exec", names[0], "unshare", "--uts", "sh", "-c", command],
      environment: ["OMPI_MCA_odls_base_sigkill_timeout": "1"], timeLimitSeconds: 90)
  }

  /// What runs on a host.
  func processes(on name: String) -> [Int32] {
    var host = stat()
    guard stat("/run/netns/\(name)", &host) == 0 else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { process in
      var own = stat()
      return stat("/proc/\(process)/ns/net", &own) == 0 && own.st_ino == host.st_ino
        && own.st_dev == host.st_dev
    }
  }

  private static func ip(_ arguments: String...) throws -> Bool { try ip(arguments) }

  private static func ip(_ arguments: [String]) throws -> Bool {
    guard let ip = try? ProcessRunner.tool("ip") else { return false }
    return try ProcessRunner.run(ip, arguments).exitCode == 0
  }
}
