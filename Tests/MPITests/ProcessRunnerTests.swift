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

  @Test("A program sees what is set for tests and what the test adds, and nothing else of the outer shell")
  func cleanEnvironment() throws {
    let outer = [
      "PATH": "/bin", "HOME": "/home/somebody", "OMP_NUM_THREADS": "7",
      "OMPI_MCA_btl": "self", "SLURM_JOB_END_TIME": "1", "LC_ALL": "tr_TR.UTF-8", "TMPDIR": "/nowhere",
      "DBC_FAULT": "kill",
    ]
    let clean = CleanEnvironment.variables(of: outer)
    #expect(clean["PATH"] == "/bin" && clean["HOME"] == "/home/somebody")
    #expect(clean["LANG"] == "C.UTF-8" && clean["TMPDIR"] != "/nowhere")
    for name in ["OMP_NUM_THREADS", "OMPI_MCA_btl", "SLURM_JOB_END_TIME", "LC_ALL", "DBC_FAULT"] {
      #expect(clean[name] == nil)
    }
    let result = try ProcessRunner.run(
      try ProcessRunner.tool("env"), environment: ["ADDED": "yes", "HOME": ""])
    let names = Set(
      result.output.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) })
    #expect(names == Set(CleanEnvironment.variables.keys).union(["ADDED"]).subtracting(["HOME"]), "\(result)")
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
