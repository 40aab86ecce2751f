import Foundation
import Support
import Testing

/// Everything that happens to real jobs; one after another, as each of them wants the cores.
@Suite(.serialized) struct WatchdogTests {
  /// Ranks that stop, hang, or are slow, on one host.
  @Suite(.serialized) struct HangTests {
    /// Stops `rank` before the third step of an epoch, and long enough after a heartbeat of that epoch.
    private static func stop(_ rank: Int, _ epoch: String) -> String {
      "sleep:ms=1500:rank=\(rank):at=step:\(epoch):step=2,stop:rank=\(rank):at=step:\(epoch):step=3"
    }

    @Test("a rank stopped by SIGSTOP is named by rank 0, with host, place and collective", arguments: [1, 2])
    func stopped(rank: Int) throws {
      let result = try WatchedRun.start(
        fault: Self.stop(rank, "stage=dbc:epoch=2"),
        hangTimeout: "3s")
      WatchedRun.expectAlarm(
        result, within: 20,
        [
          "dbc-train: error: no heartbeat for ", " s of rank \(rank) of 3 (",
          "last seen in stage II, epoch 2, after step",
          "its process is stopped", "; waiting: rank 0, stage II, epoch 2, after step 2",
          "inside the sum over ranks",
          ", collective ",
        ])
      #expect(try #require(WatchedRun.silentSeconds(result)) >= 3)
    }

    @Test(
      "rank 0 stopped by SIGSTOP is named by rank 1 alone, also where mpirun wakes rank 0 before it ends it",
      arguments: ["0", "3"])
    func stoppedRoot(killDelaySeconds: String) throws {
      let result = try WatchedRun.start(
        fault: Self.stop(0, "stage=fcae:epoch=2"), hangTimeout: "3s",
        environment: ["OMPI_MCA_odls_base_sigkill_timeout": killDelaySeconds])
      WatchedRun.expectAlarm(
        result, within: 20,
        [
          "no heartbeat for ", " s of rank 0 of 3 (", "last seen in stage I, epoch 2, after step",
          "; waiting: rank 1, stage I, epoch 2, after step 2",
        ])
      #expect(try #require(WatchedRun.silentSeconds(result)) >= 3)
    }

    @Test("a rank that hangs outside of MPI is named, though its heart beats")
    func hanging() throws {
      let result = try WatchedRun.start(
        fault: "sleep:ms=600000:rank=2:at=step:stage=dbc:epoch=1:step=4", hangTimeout: "3s")
      WatchedRun.expectAlarm(
        result, within: 20,
        [
          "no progress for 3 s: the others wait for rank 2 of 3 (",
          "in stage II, epoch 1, after step 3, after collective ", "; waiting: rank 0, ", "; rank 1, ",
        ])
    }

    @Test("a root that hangs in its own work has six times as long")
    func hangingRoot() throws {
      let result = try WatchedRun.start(fault: "sleep:ms=600000:rank=0:at=broadcast", hangTimeout: "1s")
      WatchedRun.expectAlarm(
        result, within: 25,
        [
          "no progress for 6 s: the others wait for rank 0 of 3 (",
          "stage II, epoch 1, phase target, target R",
        ])
    }

    @Test(
      "a rank that never calls MPI: another one says that MPI does not come up, and which interfaces there are",
      arguments: [0, 1])
    func neverStarted(missing: Int) throws {
      let folder = try TemporaryDirectory()
      let program =
        try ["-np", "1", ProcessRunner.built("dbc-train")] + WatchedRun.options
        + ["--output", folder.path("run")]
      let other = ["-np", "1", "sleep", "80"]
      let ranks = missing == 0 ? other + [":"] + program : program + [":"] + other
      let result = try ProcessRunner.run(
        try ProcessRunner.tool("mpirun"), ["--quiet", "--oversubscribe"] + ranks,
        environment: ["DBC_START_TIMEOUT": "2", "OMPI_MCA_odls_base_sigkill_timeout": "0"])
      #expect(result.exitCode == 80 && !result.timedOut && result.elapsedSeconds < 30, "\(result)")
      for text in [
        "dbc-train: error: MPI has not come up within 2 s: rank \(1 - missing) on ", " waits in ",
        "Interfaces here: ", "btl_tcp_if_exclude", "DBC_START_TIMEOUT",
      ] {
        #expect(result.errors.contains(text), "\(text): \(result)")
      }
      #expect(
        result.errors.split(separator: "\n").count { $0.contains("MPI has not come up") } == 1, "\(result)")
    }

    @Test(
      "processes that srun or another MPI starts, each alone, say so; one that mpirun starts in a step of Slurm is well"
    )
    func alone() throws {
      let folder = try TemporaryDirectory()
      let arguments = WatchedRun.options + ["--output", folder.path("run")]
      let step = ["SLURM_STEP_NUM_TASKS": "4"]
      let result = try ProcessRunner.run(
        try ProcessRunner.built("dbc-train"), arguments, environment: step)
      #expect(result.exitCode == 71 && result.output.isEmpty, "\(result)")
      #expect(
        result.errors.contains("dbc-train: error: srun has started 4 processes, and each of them is alone"),
        "\(result)")
      #expect(result.errors.contains("srun --mpi=pmix"), "\(result)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("run")))
      let other = try ProcessRunner.run(
        try ProcessRunner.built("dbc-train"), arguments, environment: ["PMI_SIZE": "3"])
      #expect(other.exitCode == 71 && other.output.isEmpty, "\(other)")
      #expect(
        other.errors.contains("3 processes have been started by another MPI's mpirun")
          && other.errors.contains("runs with Open MPI v"),
        "\(other)")
      let started = try ProcessRunner.mpirun(
        ranks: 1, program: "dbc-train", arguments: arguments, environment: step)
      #expect(started.exitCode == 0, "\(started)")
    }

    @Test("a slow rank, and a root that takes longer than the limit for R, raise no alarm")
    func slow() throws {
      let result = try WatchedRun.start(
        fault: "sleep:ms=500:rank=1:at=step:stage=dbc:always=1,sleep:ms=3500:rank=0:at=broadcast",
        hangTimeout: "2s")
      #expect(result.exitCode == 0, "\(result)")
      #expect(result.errors.isEmpty, "\(result)")
      #expect(result.elapsedSeconds > 3.5 + 12 * 0.5)
    }

    @Test("a process that is stopped for less than the limit goes on", arguments: [0, 1])
    func continued(rank: Int) throws {
      let result = try WatchedRun.start(fault: "pause:ms=3000:rank=\(rank):at=kmeans", hangTimeout: "6s")
      #expect(result.elapsedSeconds > 3)
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    }

    @Test("a job that is suspended as a whole, for longer than the limit, goes on")
    func suspended() throws {
      let result = try WatchedRun.start(fault: "pause:ms=6000:at=kmeans:restart=2", hangTimeout: "3s")
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
      #expect(result.elapsedSeconds > 6)
    }

    @Test("an undisturbed run says nothing", arguments: [1, 2, 4], ["2s", "10m", "never", "0"])
    func quiet(ranks: Int, hangTimeout: String) throws {
      let result = try WatchedRun.start(ranks: ranks, hangTimeout: hangTimeout)
      #expect(result.exitCode == 0 && result.errors.isEmpty && result.output.isEmpty, "\(result)")
    }

    @Test("without a limit nobody is judged")
    func never() throws {
      let result = try WatchedRun.start(
        fault: "sleep:ms=5000:rank=1:at=step:stage=fcae:epoch=1:step=1", hangTimeout: "never")
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    }

    @Test("a limit that is no time is refused")
    func badLimit() throws {
      #expect(try WatchedRun.start(hangTimeout: "soon").exitCode == 64)
    }
  }
}
