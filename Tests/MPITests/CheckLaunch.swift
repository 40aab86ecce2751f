import Foundation
import Support
import Testing

/// The numbers of ranks that every check runs on.
let rankCounts = [1, 2, 3, 4]

/// Runs the check or group `name` on `ranks` ranks.
func launch(_ name: String, ranks: Int) throws -> ProcessResult {
  // mpirun kills what is left of a job that failed at once, instead of a second later.
  try ProcessRunner.mpirun(
    ranks: ranks, program: "mpi-checks", arguments: [name],
    environment: ["OMPI_MCA_odls_base_sigkill_timeout": "0"])
}

/// Expects that all of `checks`, the members of `group`, pass on `ranks` ranks.
func expectPasses(_ group: String, _ checks: [String], ranks: Int) throws {
  let result = try launch(group, ranks: ranks)
  #expect(result.exitCode == 0, "\(result)")
  #expect(result.errors.isEmpty, "\(result)")
  #expect(result.output.split(separator: "\n") == checks.map { "ok \($0)" }, "\(result)")
}

/// The lines on standard error that are the program's: reports of a rank, or of the program as a whole.
func reports(_ result: ProcessResult) -> [Substring] {
  result.errors.split(separator: "\n").filter { $0.hasPrefix("[rank ") || $0.hasPrefix("mpi-checks: ") }
}
