import Foundation
import Support
import Testing

/// Runs of dbc-train that something happens to.
enum WatchedRun {
  /// Two epochs of four steps, k-means, three chain epochs of four steps.
  static let options = [
    "--recipe", "paper", "--built-in-images", "203", "--batch-size", "64", "--pretrain-epochs", "2",
    "--chain-epochs", "3",
    "--kmeans-restarts", "3", "--pixel-kmeans", "--quiet",
  ]

  static func start(
    ranks: Int = 3, fault: String = "", hangTimeout: String, options: [String] = options,
    launch: [String] = [],
    environment: [String: String] = [:]
  ) throws -> ProcessResult {
    let folder = try TemporaryDirectory()
    return try ProcessRunner.mpirun(
      ranks: ranks, program: "dbc-train",
      arguments: options + ["--hang-timeout", hangTimeout, "--output", folder.path("run")],
      environment: ["DBC_FAULT": fault, "OMPI_MCA_odls_base_sigkill_timeout": "0"].merging(environment) {
        $1
      },
      options: launch, timeLimitSeconds: 90)
  }

  /// The lines of the watchdog on standard error.
  static func alarms(_ result: ProcessResult) -> [Substring] {
    result.errors.split(separator: "\n").filter { $0.contains("exit code 80") }
  }

  /// For how long a rank was silent, as the watchdog says, in full seconds: no less than the limit, and more where the
  /// machine is so busy that the judge comes late.
  static func silentSeconds(_ result: ProcessResult) -> Int? {
    result.errors.firstMatch(of: /no heartbeat for (\d+) s of rank/).flatMap { Int($0.1) }
  }

  /// Expects the exit code 80 within `seconds`, and one message with all of `mentions`.
  static func expectAlarm(_ result: ProcessResult, within seconds: Double, _ mentions: [String]) {
    #expect(result.exitCode == 80 && !result.timedOut, "\(result)")
    #expect(result.elapsedSeconds < seconds, "\(result)")
    #expect(alarms(result).count == 1, "\(result)")
    for text in mentions { #expect(result.errors.contains(text), "\(text): \(result)") }
  }
}
