import Foundation
import Support
import Testing

/// Runs dbc-bench under a real mpirun.
func bench(_ arguments: [String], ranks: Int) throws -> ProcessResult {
  // mpirun kills what is left of a job that failed at once, instead of a second later.
  try ProcessRunner.mpirun(
    ranks: ranks, program: "dbc-bench", arguments: arguments,
    environment: ["OMPI_MCA_odls_base_sigkill_timeout": "0"])
}

/// Every subcommand with the least work that shows that it works.
let smallRuns: [[String]] = [
  ["machine"],
  ["kernels", "--architecture", "usps"],
  ["step", "--architecture", "usps", "--steps", "2", "--batch-size", "48"],
  ["encode", "--architecture", "mnist", "--images", "100"],
  ["kmeans", "--images", "300", "--features", "7", "--clusters", "3", "--restarts", "2"],
  ["chain", "--images", "300", "--features", "7", "--clusters", "3"],
  ["collectives", "--largest", "256"],
]

/// Writes a NumPy file with the header `header`, which has no more than 117 characters.
func writeNPY(_ path: String, _ header: String, _ values: [Float]) throws {
  let padded = header.padding(toLength: 117, withPad: " ", startingAt: 0) + "\n"
  var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8))
  values.withUnsafeBytes { data.append(contentsOf: $0) }
  try data.write(to: URL(fileURLWithPath: path))
}

/// The JSON lines that a benchmark printed.
func lines(_ result: ProcessResult) throws -> [[String: Any]] {
  try result.output.split(separator: "\n").map {
    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
  }
}

extension [String: Any] {
  /// The number `key`, which must be there.
  func number(_ key: String) throws -> Double { try #require(self[key] as? Double, "\(key) of \(self)") }
}
