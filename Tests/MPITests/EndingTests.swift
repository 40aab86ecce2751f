import Foundation
import Support
import Testing

/// How jobs end: exit codes, one message, nobody left waiting.
@Suite(.serialized) struct EndingTests {
  @Test(
    "A rank that throws takes the waiting job down within a second, with one message",
    arguments: [
      "throw-in-collective", "throw-among-deaf", "throw-with-window", "throw-after-split",
    ], rankCounts)
  func throwingRank(check: String, ranks: Int) throws {
    let result = try launch(check, ranks: ranks)
    let end = Date().timeIntervalSince1970
    #expect(result.exitCode == 42 && !result.timedOut, "\(result)")
    let lines = reports(result)
    try #require(lines.count == 1, "\(result)")
    #expect(lines[0].hasPrefix("[rank \(ranks - 1) of \(ranks), "), "\(result)")
    let thrown = try #require(lines[0].split(separator: " ").last.flatMap { Double($0) })
    #expect(end - thrown < 1, "down after \(end - thrown) s")
  }

  @Test("A failure of the root alone is printed once, and all stop with its code", arguments: rankCounts)
  func rootFailure(ranks: Int) throws {
    let result = try launch("root-failure", ranks: ranks)
    #expect(result.exitCode == 17, "\(result)")
    #expect(result.errors == "mpi-checks: error: no such directory\n")
    #expect(result.output.isEmpty)
  }

  @Test("Of many failures the lowest rank's is printed, with its name", arguments: rankCounts)
  func failureOfMany(ranks: Int) throws {
    let result = try launch("together-failure", ranks: ranks)
    #expect(result.exitCode == 18, "\(result)")
    let start = "mpi-checks: error: [rank \(ranks / 2) of \(ranks), "
    #expect(result.errors.hasPrefix(start) && result.errors.hasSuffix("] slice is damaged\n"), "\(result)")
    #expect(reports(result).count == 1, "\(result)")
  }

  @Test("A failure that all know already is not wrapped again", arguments: rankCounts)
  func nestedFailure(ranks: Int) throws {
    let result = try launch("nested-failure", ranks: ranks)
    #expect(result.exitCode == 19, "\(result)")
    #expect(result.errors == "mpi-checks: error: inner reason\n")
  }

  @Test("A failure that only some ranks know of takes the others down as well", arguments: rankCounts)
  func failureOfSome(ranks: Int) throws {
    let result = try launch("failure-of-some", ranks: ranks)
    #expect(result.exitCode == 21, "\(result)")
    #expect(reports(result) == ["mpi-checks: error: only two know"], "\(result)")
  }

  @Test("A text for all, such as the help, is printed once", arguments: rankCounts)
  func earlyExit(ranks: Int) throws {
    let help = try launch("exit-help", ranks: ranks)
    #expect(help.exitCode == 0 && help.output == "USAGE: so and so\n", "\(help)")
    #expect(help.errors.isEmpty)
    let usage = try launch("exit-usage", ranks: ranks)
    #expect(usage.exitCode == 64 && usage.errors == "unknown option\n", "\(usage)")
    let root = try launch("root-exit", ranks: ranks)
    #expect(root.exitCode == 0 && root.output == "nothing to do\n" && root.errors.isEmpty, "\(root)")
  }

  @Test("An error never ends in exit code zero")
  func zeroCode() throws {
    #expect(try launch("zero-code", ranks: 2).exitCode == 1)
  }

  @Test("A call that MPI refuses is an error in MPI's words", arguments: rankCounts)
  func refusedCall(ranks: Int) throws {
    let result = try launch("mpi-error", ranks: ranks)
    #expect(result.exitCode == 1, "\(result)")
    let lines = reports(result)
    #expect(lines.count == 1 && lines[0].contains("MPI_Bcast failed: MPI_ERR_ROOT"), "\(result)")
  }

  @Test("A window larger than the node's shared memory is refused with one message", arguments: rankCounts)
  func windowTooLarge(ranks: Int) throws {
    let result = try launch("window-too-large", ranks: ranks)
    #expect(result.exitCode == 71, "\(result)")
    #expect(reports(result).count == 1, "\(result)")
    // Alone, a rank gets ordinary memory.
    if ranks > 1 {
      #expect(result.errors.contains("/dev/shm must have room for 536870913 MiB of shared memory for "))
    } else {
      #expect(result.errors.contains("out of memory: 536870912 MiB for "), "\(result)")
    }
  }

  @Test(
    "memory that is not there is told once, with what it was for, and ends with 71", arguments: rankCounts)
  func noMemory(ranks: Int) throws {
    let some = try launch("no-memory", ranks: ranks)
    let rank = ranks == 1 ? 0 : 1
    #expect(some.exitCode == 71 && !some.timedOut, "\(some)")
    #expect(some.errors.hasPrefix("[rank \(rank) of \(ranks), "), "\(some)")
    #expect(some.errors.contains("] out of memory: 268435456 MiB for a test, but "), "\(some)")
    #expect(some.errors.contains(" MiB are left"), "\(some)")
    #expect(some.errors.split(separator: "\n").count == 1, "\(some)")
    let all = try launch("no-memory-anywhere", ranks: ranks)
    #expect(all.exitCode == 71 && !all.timedOut, "\(all)")
    #expect(all.errors.hasPrefix("[rank 0 of \(ranks), "), "\(all)")
    #expect(all.errors.contains("more memory than a machine can have for another test, but "), "\(all)")
    #expect(all.errors.split(separator: "\n").count == 1, "\(all)")
  }

  @Test("so is memory that a limit of the shell ends, piece by piece", arguments: [1, 2])
  func limitedMemory(ranks: Int) throws {
    let launch = ["--quiet", "--oversubscribe", "-np", "\(ranks)", "sh", "-c"]
    let command = "ulimit -v 1000000; exec '\(try ProcessRunner.built("mpi-checks"))' memory-used-up"
    let result = try ProcessRunner.run(
      try ProcessRunner.tool("mpirun"), launch + [command],
      environment: ["OMPI_MCA_odls_base_sigkill_timeout": "0"])
    #expect(result.exitCode == 71 && !result.timedOut, "\(result)")
    #expect(result.errors.contains("] out of memory: 4 MiB for many pieces, but "), "\(result)")
    #expect(result.errors.contains(" are left by the limit of ulimit -v;"), "\(result)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
  }

  @Test("The program also runs without mpirun, as one rank")
  func withoutLauncher() throws {
    let program = try ProcessRunner.built("mpi-checks")
    let passing = try ProcessRunner.run(program, ["all-reduce"])
    #expect(passing.exitCode == 0 && passing.output == "ok all-reduce\n", "\(passing)")
    let unknown = try ProcessRunner.run(program, ["no-such-check"])
    #expect(unknown.exitCode == 2, "\(unknown)")
    #expect(unknown.errors.hasPrefix("no check is called no-such-check"), "\(unknown)")
    let failing = try ProcessRunner.run(program, ["throw-in-collective"])
    #expect(failing.exitCode == 42 && reports(failing).count == 1, "\(failing)")
  }
}
