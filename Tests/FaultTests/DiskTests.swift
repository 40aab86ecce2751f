import Foundation
import Support
import Testing

extension FaultTests {
  /// Disks that are full, fail or may not be written to.
  @Suite(.serialized) struct DiskTests {
    @Test("a failing file operation of a checkpoint is a warning; the run goes on to the same files")
    func failingCheckpoint() throws {
      let errors = ["enospc", "edquot", "eio", "erofs"]
      for operation in 1...13 {
        let run = try FaultRun()
        let error = errors[operation % errors.count]
        let result = try run.start(
          ranks: operation % 2 + 1, fault: "\(error):rank=0:at=checkpoint:generation=3:operation=\(operation)"
        )
        #expect(result.exitCode == 0, "\(error) \(operation): \(result)")
        let warned = result.errors.contains("warning: no checkpoint at")
        // The second operation removes what an earlier attempt may have left: it may fail.
        #expect(warned || operation == 2, "\(error) \(operation): \(result)")
        #expect(try run.results() == FaultRun.undisturbed)
        #expect(run.generations.count == 2)
      }
    }

    @Test("no checkpoint can be written at all: warnings, and the run's files at its end")
    func noCheckpoint() throws {
      let run = try FaultRun()
      let result = try run.start(fault: "erofs:always=1:at=checkpoint")
      #expect(result.exitCode == 0 && run.generations.isEmpty, "\(result)")
      #expect(try run.results() == FaultRun.undisturbed)
    }

    @Test("a file system without locks: a warning, and a run that was killed there goes on to the same files")
    func noLocks() throws {
      let run = try FaultRun()
      let killed = try run.start(
        fault: "enolck:rank=0:at=lock,kill:rank=0:at=step:stage=dbc:epoch=2:step=2")
      #expect(killed.exitCode == 137 && run.has(".lock"), "\(killed)")
      let result = try run.start(fault: "enolck:rank=0:at=lock:always=1")
      #expect(result.exitCode == 0 && !run.has(".lock"), "\(result)")
      #expect(result.errors.contains("has no locks (No locks available)"), "\(result)")
      #expect(try run.results() == FaultRun.undisturbed)
    }

    @Test(
      "a directory that cannot be written to half-way: training goes on, and says at its end what is lost")
    func unwritable() async throws {
      let run = try FaultRun()
      let running = endlessRun(run.path)
      try await firstCheckpoints(run.path)
      // Permissions do not stop root; a file in the place of the directory stops everybody.
      let (folder, aside) = ("\(run.path)/checkpoints", run.folder.path("aside"))
      try FileManager.default.moveItem(atPath: folder, toPath: aside)
      try Data().write(to: URL(fileURLWithPath: folder))
      try await Task.sleep(for: .seconds(1))
      try stop(run.path)
      let result = try await running.value
      #expect(result.exitCode == 74 && result.errors.contains("no checkpoint could be written"), "\(result)")
      #expect(result.errors.contains("warning: no checkpoint at"))
      try FileManager.default.removeItem(atPath: folder)
      try FileManager.default.moveItem(atPath: aside, toPath: folder)
      let resumed = try run.start(["--pretrain-epochs", "100000", "--resume", "--max-time", "1s"])
      FaultRun.expectDiagnosis(resumed, 75, ["--resume continues"])
    }

    @Test(
      "the disk fails while the results are written: exit code 74, nothing half-written, and --resume mends it"
    )
    func failingResults() throws {
      let stopped = try FaultRun.stopped()
      for operation in [1, 2, 3, 4, 6, 11, 15] {
        let run = try stopped.copy()
        let result = try run.start(fault: "enospc:rank=0:at=results:operation=\(operation)")
        FaultRun.expectDiagnosis(result, 74, ["cannot be written", "free some space"])
        let names = try FileManager.default.contentsOfDirectory(atPath: run.path)
        #expect(names.allSatisfy { !$0.hasSuffix(".tmp") }, "\(names)")
        #expect(!run.has("model.safetensors"))
        try run.expectRecovery("operation \(operation)")
      }
    }

    @Test("the features by epoch cannot be written: a warning, and the run's files at its end")
    func failingHistory() throws {
      for operation in 1...4 {
        let run = try FaultRun()
        let result = try run.start(fault: "enospc:rank=0:at=history:operation=\(operation)")
        #expect(result.exitCode == 0, "\(result)")
        #expect(result.errors.contains("features-by-epoch.safetensors: cannot be written"), "\(result)")
        #expect(result.errors.contains("the epoch is kept and written later"), "\(result)")
        #expect(try run.results() == FaultRun.undisturbed)
      }
    }

    @Test("a small file system that is full: refused before a run, a warning while it runs")
    func fullDisk() async throws {
      let folder = try TemporaryDirectory()
      let mounted = try ProcessRunner.run(
        try ProcessRunner.tool("mount"), ["-t", "tmpfs", "-o", "size=8m", "none", folder.url.path])
      guard mounted.exitCode == 0 else {
        print("skipped: a full disk, as this user may not mount a tmpfs")
        return
      }
      defer { _ = try? ProcessRunner.run(ProcessRunner.tool("umount"), ["-l", folder.url.path]) }
      let ballast = folder.path("ballast")
      let path = folder.path("run")
      try Data(count: 6 << 20).write(to: URL(fileURLWithPath: ballast))
      FaultRun.expectDiagnosis(
        try FaultRun.launch(ranks: 2, ["--output", path]), 73, ["of free space", "need"])
      try FileManager.default.removeItem(atPath: ballast)

      let running = endlessRun(path)
      try await firstCheckpoints(path)
      // More than there is room for: the disk is full to the last byte.
      _ = try ProcessRunner.run(try ProcessRunner.tool("dd"), ["if=/dev/zero", "of=\(ballast)", "bs=4096"])
      try await Task.sleep(for: .seconds(1))
      try FileManager.default.removeItem(atPath: ballast)
      try await Task.sleep(for: .seconds(1))
      try stop(path)
      let result = try await running.value
      #expect(result.exitCode == 75, "\(result)")
      for text in ["warning: no checkpoint at", "No space left", "the run goes on"] {
        #expect(result.errors.contains(text), "\(text)")
      }
      // No line of the metrics was lost.
      let lines = try String(contentsOfFile: "\(path)/metrics.jsonl", encoding: .utf8).split(separator: "\n")
      for (number, line) in lines.dropFirst().enumerated() {
        #expect(line.hasPrefix("{\"stage\":\"fcae\",\"epoch\":\(number + 1),"))
      }
    }

    /// A run that goes on until it is stopped, however long a busy machine takes to get there.
    private func endlessRun(_ path: String) -> Background<ProcessResult> {
      Background {
        try FaultRun.launch(
          ranks: 1, ["--output", path, "--pretrain-epochs", "100000", "--max-time", "90s"])
      }
    }

    /// Sends SIGUSR1 to rank 0 of a run, which its lock names.
    private func stop(_ path: String) throws {
      let lock = try String(contentsOfFile: "\(path)/.lock", encoding: .utf8)
      let process = try #require(lock.split { !$0.isNumber }.first.flatMap { Int32($0) }, "\(lock)")
      #expect(kill(process, SIGUSR1) == 0)
    }

    private func firstCheckpoints(_ path: String) async throws {
      let folder = "\(path)/checkpoints"
      for _ in 0..<1000 {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        if (names ?? []).contains(where: { !$0.hasSuffix(".tmp") && $0 >= "generation-000002" }) { return }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }
}
