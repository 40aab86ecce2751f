import Foundation
import Support
import Testing

extension FaultTests {
  /// Runs that are asked to stop, and resumed.
  @Suite(.serialized) struct StopTests {
    @Test(
      "stopped at every step of both stages and after every run of k-means, resumed on 1, 2, 3 ranks in turn")
    func everyStep() throws {
      let run = try FaultRun()
      var stops = 0
      while true {
        let result = try run.start(
          ranks: stops % 3 + 1, fault: "usr1:rank=0:at=step,usr1:rank=0:at=kmeans")
        if result.exitCode == 0 { break }
        FaultRun.expectDiagnosis(result, 75, ["stopped at", "SIGUSR1", "--resume"])
        stops += 1
        try #require(result.exitCode == 75 && stops < 40)
      }
      // 2 × 4 steps, 2 × 3 runs of k-means, 3 × 4 steps; but in the last mini-batch of a pass, of one lane group, the
      // first of several ranks has nothing to do, and its wish is heard a step later.
      #expect((20...26).contains(stops))
      #expect(try run.results() == FaultRun.undisturbed)
      #expect(run.generations.count == 2)
    }

    @Test(
      "the default recipe, too: in every network's stages, within refinement and guided epochs, around partitions",
      arguments: [[], ["--refinement-epochs", "0", "--reconstruction-weight", "0.1"]])
    func everyStepOfDefaults(_ more: [String]) throws {
      let recipe =
        [
          "--recipe", "graph", "--batch-size", "128", "--pretrain-epochs", "1", "--refinement-epochs", "2",
          "--chain-epochs", "4", "--refresh-epochs", "2", "--partition-epochs", "1", "--graph-images", "64",
          "--kmeans-restarts", "2",
        ] + more
      let undisturbed = try FaultRun()
      let whole = try undisturbed.start(ranks: 1, recipe)
      #expect(whole.exitCode == 0, "\(whole)")
      let run = try FaultRun()
      var stops = 0
      while true {
        let result = try run.start(
          ranks: stops % 2 + 1, fault: "usr1:rank=0:at=step,usr1:rank=0:at=kmeans", recipe + ["--resume"])
        if result.exitCode == 0 { break }
        FaultRun.expectDiagnosis(result, 75, ["stopped at", "SIGUSR1", "--resume"])
        stops += 1
        try #require(result.exitCode == 75 && stops < 60)
      }
      #expect(stops > 15, "\(stops)")
      #expect(try run.results() == undisturbed.results())
    }

    @Test("SIGUSR1 to mpirun at random times, resumed on 1, 2, 3 ranks in turn", arguments: [UInt64(1), 2])
    func signalToLauncher(seed: UInt64) throws {
      var random = SplitMix(state: seed)
      let run = try FaultRun()
      for attempt in 0..<4 {
        let delay = Double.random(in: 0.3...0.6, using: &random)
        let result = try run.start(ranks: attempt % 3 + 1, signal: (SIGUSR1, delay))
        // Before main, a signal ends the program; afterwards it stops the run.
        #expect([0, 75, 138].contains(result.exitCode), "\(result)")
        if result.exitCode == 75 { FaultRun.expectDiagnosis(result, 75, ["SIGUSR1"]) }
      }
      try run.expectRecovery(ranks: 3)
    }

    @Test("SIGTERM to mpirun leaves a checkpoint where Open MPI waits before it kills")
    func terminationOfLauncher() throws {
      let run = try FaultRun()
      let result = try run.start(
        ["--pretrain-epochs", "2000", "--checkpoint-every", "never"], signal: (SIGTERM, 1.5),
        killDelaySeconds: 5)
      #expect(result.exitCode != 0)
      #expect(result.errors.contains("stopped at stage I") && run.generations.count == 1, "\(result)")
    }

    @Test("a signal of one rank stops all", arguments: ["term", "usr1", "usr2"])
    func signalOfOneRank(signal: String) throws {
      let run = try FaultRun()
      let result = try run.start(ranks: 3, fault: "\(signal):rank=2:at=step:stage=fcae:epoch=2:step=3")
      FaultRun.expectDiagnosis(result, 75, ["stage I, epoch 2, step 3", "a signal to another rank"])
      try run.expectRecovery(ranks: 1)
    }

    @Test("--max-time, and the end of a Slurm job, stop the run")
    func time() throws {
      let run = try FaultRun()
      let endless = ["--pretrain-epochs", "100000"]
      let result = try run.start(endless + ["--max-time", "4s"])
      FaultRun.expectDiagnosis(result, 75, ["stage I", "--max-time"])
      let job = try ProcessRunner.mpirun(
        ranks: 2, program: "dbc-train",
        arguments: FaultRun.options + endless + ["--output", run.path, "--resume"],
        environment: ["SLURM_JOB_END_TIME": "\(Int(Date().timeIntervalSince1970) + 4)"])
      FaultRun.expectDiagnosis(job, 75, ["stage I", "the end of the Slurm job"])
      let pbs = try ProcessRunner.mpirun(
        ranks: 2, program: "dbc-train",
        arguments: FaultRun.options + endless + ["--output", run.path, "--resume"],
        environment: ["PBS_WALLTIME": "5", "DBC_JOB_START": "\(Int(Date().timeIntervalSince1970) - 1)"])
      FaultRun.expectDiagnosis(pbs, 75, ["stage I", "the end of the PBS job"])
    }

    @Test(
      "launch/pbs.pbs asks PBS for its limit, stops before it, and queues the job again with the same options"
    )
    func pbsScript() throws {
      let folder = try TemporaryDirectory()
      for (name, text) in [
        ("qstat", "echo '    Resource_List.walltime = 00:00:10'"), ("qsub", "echo \"$* [$DBC_OPTIONS]\""),
      ] {
        let script = URL(fileURLWithPath: folder.path(name))
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: script)
        chmod(script.path, 0o755)
      }
      // As many ranks as the machine has cores.
      let options =
        "--recipe paper --built-in-images 4000 --batch-size 4096 --augment rotation=10,shift=0.07 "
        + "--pretrain-epochs 100000 --quiet --output \(folder.path("run"))"
      let top = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let result = try ProcessRunner.run(
        try ProcessRunner.tool("bash"), [top.appending(path: "launch/pbs.pbs").path],
        environment: [
          "PATH": "\(folder.url.path):\(path)", "PBS_JOBID": "1", "PBS_O_WORKDIR": top.path,
          "DBC_OPTIONS": options,
        ])
      #expect(result.exitCode == 75 && result.errors.contains("the end of the PBS job"), "\(result)")
      #expect(result.output.contains("-v DBC_OPTIONS launch/pbs.pbs [\(options)]"), "\(result)")
    }

    @Test("checkpoints by time, and none but when stopped")
    func intervals() throws {
      let often = try FaultRun()
      #expect(try often.start(["--checkpoint-every", "0.001s"]).exitCode == 0)
      #expect(often.generations.last?.hasSuffix("26") == true, "\(often.generations)")
      #expect(try often.results() == FaultRun.undisturbed)
      let never = try FaultRun()
      let result = try never.start(
        fault: "usr1:rank=0:at=step:stage=dbc:epoch=1:step=1", ["--checkpoint-every", "never"])
      #expect(result.exitCode == 75 && never.generations.count == 1, "\(result)")
      try never.expectRecovery()
    }

    @Test("targets formed on every rank and SGD resume to the same bits, too")
    func otherOptions() throws {
      let options = [
        "--optimizer", "sgd", "--pretrain-learning-rate", "1e-5", "--chain-optimizer", "sgd",
        "--iterations", "6",
      ]
      let whole = try FaultRun()
      #expect(try whole.start(options).exitCode == 0)
      let run = try FaultRun()
      let stop = "usr1:rank=0:at=step:stage=dbc:epoch=2:step=5"
      #expect(try run.start(ranks: 3, fault: stop, options + ["--target", "distributed"]).exitCode == 75)
      #expect(try run.start(ranks: 2, options + ["--resume", "--target", "distributed"]).exitCode == 0)
      #expect(try run.results() == whole.results())
    }

    @Test("a run whose network is as it was drawn resumes to the same bits")
    func untrainedNetwork() throws {
      let options = ["--pretrain-epochs", "0"]
      let whole = try FaultRun()
      #expect(try whole.start(options).exitCode == 0)
      let run = try FaultRun()
      let result = try run.start(fault: "usr1:rank=0:at=kmeans:restart=2", options)
      FaultRun.expectDiagnosis(result, 75, ["k-means", "SIGUSR1"])
      #expect(try run.start(ranks: 3, options + ["--resume"]).exitCode == 0)
      #expect(try run.results() == whole.results())
    }

    @Test(
      "the closing table of a resumed run has what came before, and k-means once, whatever was trained before"
    )
    func closingTable() throws {
      let recipe = ["--recipe", "graph", "--refinement-epochs", "1"]
      let run = try FaultRun()
      let stopped = try run.start(fault: "usr1:rank=0:at=step:stage=dbc:epoch=1:step=1", recipe)
      #expect(stopped.exitCode == 75, "\(stopped)")
      let options = FaultRun.options.filter { $0 != "--quiet" } + recipe
      let resumed = try ProcessRunner.mpirun(
        ranks: 2, program: "dbc-train", arguments: options + ["--output", run.path, "--resume"],
        timeLimitSeconds: 120)
      #expect(resumed.exitCode == 0, "\(resumed)")
      for row in ["k-means on pixels  ", "FCAE + k-means  ", "k-means of refined features  ", "DBC  "] {
        let found = resumed.output.split(separator: "\n").filter { $0.hasPrefix(row) }
        #expect(found.count == 1, "\(found)")
      }
      let whole = try ProcessRunner.mpirun(
        ranks: 2, program: "dbc-train", arguments: options + ["--output", run.folder.path("whole")],
        timeLimitSeconds: 120)
      #expect(!Self.results(whole.output).isEmpty)
      #expect(Self.results(resumed.output) == Self.results(whole.output))
    }

    /// The rows of the closing table without their times.
    private static func results(_ output: String) -> [String] {
      let table = output.components(separatedBy: "ACC").last?.components(separatedBy: "\n\n").first ?? ""
      return table.split(separator: "\n").dropFirst().map {
        $0.split(separator: " ").dropLast(2).joined(separator: " ")
      }
    }

    @Test("the closing time of a resumed run is that of all its sessions, and says what this one took")
    func closingTime() throws {
      let run = try FaultRun()
      let stopped = try run.start(
        fault:
          "sleep:ms=2000:rank=0:at=step:stage=fcae:epoch=1:step=1,usr1:rank=0:at=step:stage=dbc:epoch=1:step=1"
      )
      #expect(stopped.exitCode == 75, "\(stopped)")
      let options = FaultRun.options.filter { $0 != "--quiet" }
      let resumed = try ProcessRunner.mpirun(
        ranks: 2, program: "dbc-train", arguments: options + ["--output", run.path, "--resume"],
        timeLimitSeconds: 120)
      let line = try #require(
        resumed.output.split(separator: "\n").first { $0.contains(" in all, ") }, "\(resumed)")
      let seconds = line.split(separator: " ").compactMap { Double($0) }
      try #require(seconds.count >= 2 && line.contains(" s since it was resumed, "), "\(line)")
      #expect(seconds[0] > seconds[1] + 1.8, "\(line)")
    }

    @Test(
      "what depends on the number of ranks resumes to the same bits on as many, and on others not at all",
      arguments: [["--batch-norm", "local"], ["--all-reduce", "native"]], [2, 3])
    func ownBits(options: [String], ranks: Int) throws {
      let whole = try FaultRun()
      #expect(try whole.start(ranks: ranks, options).exitCode == 0)
      let run = try FaultRun()
      let stops = [
        "step:stage=fcae:epoch=2:step=3", "kmeans:restart=2", "step:stage=dbc:epoch=1:step=2",
        "step:stage=dbc:epoch=3:step=1",
      ]
      let fault = stops.map { "usr1:rank=0:at=\($0)" }.joined(separator: ",")
      for _ in stops {
        let result = try run.start(ranks: ranks, fault: fault, options + ["--resume"])
        FaultRun.expectDiagnosis(result, 75, ["stopped at", "SIGUSR1"])
      }
      FaultRun.expectDiagnosis(
        try run.start(ranks: ranks - 1, options + ["--resume"]), 65,
        ["the number of ranks was \(ranks) and is \(ranks - 1)"])
      #expect(try run.start(ranks: ranks, options + ["--resume"]).exitCode == 0)
      #expect(try run.results() == whole.results())
    }
  }
}

/// Everything that may happen to a run: it ends with the undisturbed run's files, or with a named diagnosis.
@Suite(.serialized) struct FaultTests {}
