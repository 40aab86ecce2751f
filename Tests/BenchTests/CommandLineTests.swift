import Support
import Testing

/// Command lines that differ between ranks, and help.
@Suite(.serialized) struct CommandLineTests {
  /// Runs one rank of `program` with each of `lines`.
  private func launch(_ program: String, _ lines: [[String]]) throws -> ProcessResult {
    let path = try ProcessRunner.built(program)
    let rest = lines.dropFirst().flatMap { [":", "-np", "1", path] + $0 }
    return try ProcessRunner.mpirun(
      ranks: 1, program: program, arguments: lines[0] + rest,
      environment: ["OMPI_MCA_odls_base_sigkill_timeout": "0"], timeLimitSeconds: 20)
  }

  @Test(
    "options that only some ranks cannot read end the job with 64 and one message that names the lowest of them",
    arguments: [
      ("dbc-train", ["--clusters", "5"], ["--nonsense"]), ("dbc-train", ["--help"], ["--nonsense"]),
      ("dbc-bench", ["step"], ["step", "--nonsense"]), ("dbc-bench", ["kernels"], ["--nonsense"]),
    ])
  func oneRankCannotRead(program: String, good: [String], bad: [String]) throws {
    for (lines, rank) in [([good, bad], 1), ([bad, good], 0), ([good, good, bad, bad], 2)] {
      let result = try launch(program, lines)
      #expect(result.exitCode == 64 && !result.timedOut && result.output.isEmpty, "\(lines) \(result)")
      #expect(result.errors.hasPrefix("[rank \(rank) of \(lines.count), "), "\(lines) \(result)")
      #expect(result.errors.components(separatedBy: "Error: ").count == 2, "\(lines) \(result)")
      #expect(result.errors.contains("--nonsense"), "\(lines) \(result)")
    }
  }

  @Test("all ranks' options are wrong in ways of their own: rank 0's are told")
  func allCannotRead() throws {
    let result = try launch("dbc-train", [["--nonsense"], ["--absurd"]])
    #expect(result.exitCode == 64 && !result.timedOut, "\(result)")
    #expect(result.errors.contains("--nonsense") && !result.errors.contains("--absurd"), "\(result)")
  }

  @Test("help for some ranks and work for others is a mistake", arguments: ["--help", "--version"])
  func helpForOne(option: String) throws {
    let result = try launch("dbc-train", [["--clusters", "5"], [option]])
    #expect(result.exitCode == 64 && !result.timedOut && result.output.isEmpty, "\(result)")
    #expect(result.errors.hasPrefix("[rank 1 of 2, "), "\(result)")
    #expect(result.errors.contains("same options") && result.errors.split(separator: "\n").count == 1)
  }

  @Test("ranks with different options that can be read are named")
  func differentOptions() throws {
    let train = try launch("dbc-train", [["--clusters", "5"], ["--clusters", "6"]])
    #expect(train.exitCode == 71 && !train.timedOut, "\(train)")
    let bench = try launch("dbc-bench", [["kernels"], ["step"]])
    #expect(bench.exitCode == 64 && !bench.timedOut, "\(bench)")
    for result in [train, bench] {
      #expect(result.errors.contains("[rank 1 of 2, ") && result.errors.contains("on rank 0"), "\(result)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    }
  }

  @Test("--help of a subcommand is its own", arguments: smallRuns.map { $0[0] })
  func subcommandHelp(name: String) throws {
    let help = try bench([name, "--help"], ranks: 2)
    #expect(help.exitCode == 0 && help.errors.isEmpty, "\(help)")
    #expect(help.output.components(separatedBy: "OVERVIEW").count == 2, "\(help)")
    #expect(help.output.contains("USAGE: dbc-bench \(name)") && help.output.contains("--repeat"), "\(help)")
    #expect(!help.output.contains("SUBCOMMANDS"), "\(help)")
    #expect(try bench(["help", name], ranks: 1).output == help.output)
  }

  @Test("--help and no subcommand at all print the general help", arguments: [["--help"], ["help"], []])
  func generalHelp(arguments: [String]) throws {
    let help = try bench(arguments, ranks: 2)
    #expect(help.exitCode == 0 && help.errors.isEmpty, "\(help)")
    #expect(help.output.components(separatedBy: "OVERVIEW").count == 2, "\(help)")
    #expect(help.output.contains("SUBCOMMANDS") && help.output.contains("collectives"), "\(help)")
  }
}
