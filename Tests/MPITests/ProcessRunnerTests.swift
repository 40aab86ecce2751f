import Foundation
import Support
import Testing

/// The helper that the other tests trust.
struct ProcessRunnerTests {
  @Test("Output, errors, exit code and environment of a program are captured")
  func capture() throws {
    let result = try ProcessRunner.run(
      "/bin/sh", ["-c", "echo \"out $GREETING\"; echo err >&2; exit 7"], environment: ["GREETING": "hello"])
    #expect(result.exitCode == 7 && !result.timedOut)
    #expect(result.output == "out hello\n" && result.errors == "err\n")
  }

  @Test("A program that takes too long is ended, and what it wrote is kept")
  func timeLimit() throws {
    let result = try ProcessRunner.run(
      "/bin/sh", ["-c", "echo started; exec sleep 60"], timeLimitSeconds: 0.3)
    #expect(result.timedOut && result.exitCode == 128 + SIGTERM && result.output == "started\n", "\(result)")
    #expect(result.elapsedSeconds < 5)
  }

  @Test("A temporary directory disappears with its owner")
  func temporaryDirectory() throws {
    var path = ""
    do {
      let folder = try TemporaryDirectory()
      path = folder.url.path
      try "text".write(toFile: folder.path("note"), atomically: true, encoding: .utf8)
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("A program that is missing is named together with the places that were searched")
  func missingProgram() throws {
    let error = #expect(throws: ProgramNotFound.self) { try ProcessRunner.built("no-such-program") }
    #expect(error?.name == "no-such-program" && error?.folders.isEmpty == false)
  }
}
