import Foundation

/// A program that a test needs is not there.
package struct ProgramNotFound: Error, CustomStringConvertible {
  /// The program's name.
  package let name: String
  /// The folders that were looked into.
  package let folders: [String]

  package var description: String {
    "\(name) was not found in \(folders.joined(separator: ", ")); build the package or extend PATH"
  }
}

extension ProcessRunner {
  /// Runs the package's own executable `program` on `ranks` ranks under mpirun, more than the cores if need be.
  ///
  /// mpirun keeps its own remarks about a job that failed to itself, so that `errors` is what the program wrote.
  package static func mpirun(
    ranks: Int, program: String, arguments: [String] = [], environment: [String: String] = [:],
    options: [String] = [], directory: URL? = nil, timeLimitSeconds: Double = 60,
    signal: (number: Int32, afterSeconds: Double)? = nil
  ) throws -> ProcessResult {
    // What is left of a job that has failed is killed after a second, whatever launch/env.sh says.
    let defaults = ["OMPI_MCA_odls_base_sigkill_timeout": "1"]
    let launch = ["--quiet", "--oversubscribe", "-np", "\(ranks)"] + options
    return try run(
      try tool("mpirun"), launch + [try built(program)] + arguments,
      environment: defaults.merging(environment) { $1 }, directory: directory,
      timeLimitSeconds: timeLimitSeconds, signal: signal)
  }

  /// The path of an executable of this package: beside the running tests, or in the package's build folder.
  package static func built(_ name: String) throws -> String {
    var folders: [String] = []
    if let tests = Bundle.main.executableURL { folders.append(tests.deletingLastPathComponent().path) }
    var package = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { package.deleteLastPathComponent() }
    for configuration in ["release", "debug"] {
      folders.append(package.appending(path: ".build/\(configuration)").path)
    }
    return try find(name, in: folders)
  }

  /// The path of a program that the system provides.
  package static func tool(_ name: String) throws -> String {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return try find(name, in: path.split(separator: ":").map(String.init))
  }

  private static func find(_ name: String, in folders: [String]) throws -> String {
    let candidates = folders.map { URL(fileURLWithPath: $0).appending(path: name).path }
    guard let path = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
      throw ProgramNotFound(name: name, folders: folders)
    }
    return path
  }
}
