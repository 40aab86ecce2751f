import Foundation

/// How a program ended and what it wrote.
package struct ProcessResult: Sendable, CustomStringConvertible {
  /// The exit code; for a program that a signal ended, 128 + the signal's number.
  package let exitCode: Int32
  /// Whether the program was ended because its time was over.
  package let timedOut: Bool
  /// Standard output.
  package let output: String
  /// Standard error.
  package let errors: String
  /// The time from start to end.
  package let elapsedSeconds: Double

  package var description: String {
    let end = timedOut ? "timed out" : "exit code \(exitCode)"
    return "\(end) after \(elapsedSeconds) s\n--- standard output\n\(output)\n--- standard error\n\(errors)"
  }
}

/// Runs programs for tests.
package enum ProcessRunner {
  /// Runs `program` (a path) to its end.
  ///
  /// After `timeLimitSeconds` the program, and no other, is asked to end and five seconds later killed.
  /// - Parameters:
  ///   - environment: added to `CleanEnvironment`; an empty value removes the variable
  ///   - signal: sent to the program after so many seconds, where it still runs
  package static func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
    directory: URL? = nil, timeLimitSeconds: Double = 60,
    signal: (number: Int32, afterSeconds: Double)? = nil
  ) throws -> ProcessResult {
    // Files, not pipes: a grandchild that outlives the program would keep a pipe open.
    let folder = try TemporaryDirectory()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = CleanEnvironment.variables.merging(environment) { $1 }.filter { !$0.value.isEmpty }
    process.currentDirectoryURL = directory
    process.standardInput = FileHandle.nullDevice
    let (output, errors) = (try file(folder.path("output")), try file(folder.path("errors")))
    // Hundreds of programs are run: none may leave a descriptor open.
    defer { for handle in [output, errors] { try? handle.close() } }
    process.standardOutput = output
    process.standardError = errors
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }

    let start = ContinuousClock.now
    try withoutBlockedSignals { try process.run() }
    if let signal, ended.wait(timeout: .now() + signal.afterSeconds) == .timedOut {
      kill(process.processIdentifier, signal.number)
    } else if signal != nil {
      ended.signal()
    }
    let timedOut = ended.wait(timeout: .now() + timeLimitSeconds) == .timedOut
    if timedOut {
      process.terminate()
      if ended.wait(timeout: .now() + 5) == .timedOut {
        kill(process.processIdentifier, SIGKILL)
        ended.wait()
      }
    }
    let elapsed = ContinuousClock.now - start
    let signalled = process.terminationReason == .uncaughtSignal
    return ProcessResult(
      exitCode: signalled ? 128 + process.terminationStatus : process.terminationStatus, timedOut: timedOut,
      output: try text(folder.path("output")), errors: try text(folder.path("errors")),
      elapsedSeconds: elapsed / .seconds(1))
  }

  // The threads that tests run on block most signals, and a child inherits that: it would not hear SIGTERM.
  private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  private static func file(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }
}
