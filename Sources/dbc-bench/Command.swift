import ArgumentParser
import Basics
import Lanes
import MPI
import Report
import Training

/// The command line of dbc-bench.
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dbc-bench",
    abstract: "Measures dbc and the machine it runs on.",
    usage: "mpirun -np N dbc-bench <subcommand> [options]",
    discussion: """
      Every subcommand repeats each measurement and reports minimum, median and maximum. Rates are of the median. \
      Start with `machine`: its peak and bandwidth are what the other figures are compared with.

      Examples:
        dbc-bench kernels --architecture mnist
        mpirun -np 2 dbc-bench step --architecture mnist --batch-size 256
        mpirun -np 2 dbc-bench collectives --format json
      """,
    version: BuildInformation.version,
    subcommands: [
      MachineBenchmark.self, KernelBenchmark.self, StepBenchmark.self, EncodeBenchmark.self,
      KMeansBenchmark.self, ChainBenchmark.self, CollectivesBenchmark.self, MapBenchmark.self,
    ])

  /// The subcommand that was asked for; throws what is to be printed instead, such as its help.
  static func benchmark() throws(EarlyExit) -> any Benchmark {
    do {
      var command = try parseAsRoot()
      if let benchmark = command as? any Benchmark { return benchmark }
      // Help of the whole or of a subcommand: it throws its text.
      try command.run()
    } catch {
      throw EarlyExit(code: exitCode(for: error).rawValue, text: fullMessage(for: error))
    }
    throw EarlyExit(code: 0, text: helpMessage())
  }
}

/// A subcommand: runs on all ranks, prints on rank 0.
protocol Benchmark: ParsableCommand {
  var common: CommonOptions { get }
  /// Throws `OptionError` where the options make no sense.
  func check(ranks: Int) throws
  /// **Collective.**
  func measure(_ world: borrowing Communicator) throws
}

extension Benchmark {
  func check(ranks: Int) throws { try common.check() }
}

/// What all subcommands take.
struct CommonOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

  @Option(help: "A table, or one JSON object per line.")
  var format = Format.table

  @Option(
    name: .customLong("repeat"), help: ArgumentHelp("Repetitions of every measurement.", valueName: "times"))
  var repetitions = 5

  func check() throws {
    try OptionError.require("repeat", repetitions)
  }
}

/// Ends the job where a rank runs another benchmark, or other options, than rank 0. **Collective.**
func requireOneCommand(_ world: borrowing Communicator) throws {
  let own = FileName.arguments.joined(separator: " ")
  let first = try world.broadcast(own)
  try world.together {
    guard own == first else { throw OptionError("the options: \(own) here, but \(first) on rank 0") }
  }
}

/// An option with a value that makes no sense.
struct OptionError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Throws where an option's value is smaller than it may be, or too large to count with.
  static func require(_ name: String, _ value: Int, atLeast least: Int = 1) throws {
    guard value >= least else { throw OptionError("--\(name) must be at least \(least), found \(value)") }
    guard value <= Int(Int32.max) else {
      throw OptionError("--\(name) must be at most \(Int32.max), found \(value)")
    }
  }
}

/// The exit code for an error, those of sysexits.h.
func exitCode(_ error: any Error) -> Int32 {
  switch error {
  case is OptionError: return 64
  case TrainingError.options: return 64
  case let error as ReportError: return error.exitCode
  case is MPIError, is SharedMemoryError, is MemoryShortage: return 71
  default: return 70
  }
}
