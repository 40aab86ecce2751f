import Foundation
import Support
import Testing

extension FaultTests {
  /// Errors that nobody would see, and jobs that do not belong together.
  @Suite(.serialized) struct SilentErrorTests {
    @Test("a rank whose parameters drift is named; without it the run resumes")
    func drift() throws {
      let run = try FaultRun()
      for (stage, place) in [("fcae", "stage I, epoch"), ("dbc", "stage II, epoch 2, step 4")] {
        let result = try run.start(ranks: 3, fault: "drift:rank=1:at=step:stage=\(stage):epoch=2:step=2")
        FaultRun.expectDiagnosis(
          result, 79, ["rank 1 (", "of 3", "the same parameters", stage == "dbc" ? place : "at"])
      }
      try run.expectRecovery()
    }

    @Test(
      "a loss that becomes NaN stops the run with its place and the losses before",
      arguments: ["fcae", "dbc"])
    func notANumber(stage: String) throws {
      let run = try FaultRun()
      let result = try run.start(fault: "nan:rank=1:at=step:stage=\(stage):epoch=2:step=2")
      FaultRun.expectDiagnosis(
        result, 76,
        [
          "nan", "epoch 2, step 3", "losses before",
          stage == "dbc" ? " --learning-rate" : "--pretrain-learning-rate",
        ])
      try run.expectRecovery()
    }

    @Test("a second run on the same directory is refused while the first one is there")
    func twoAtOnce() throws {
      let run = try FaultRun()
      let path = run.path
      let first = Background {
        try FaultRun.launch(ranks: 1, ["--output", path, "--pretrain-epochs", "100000", "--max-time", "5s"])
      }
      while !FileManager.default.fileExists(atPath: "\(path)/.lock") { usleep(10000) }
      usleep(200_000)
      for options in [["--resume"], ["--overwrite"], []] {
        FaultRun.expectDiagnosis(try run.start(options), 73, ["in use by another run (process "])
      }
      _ = first
    }

    @Test("ranks with other options are named")
    func otherOptions() throws {
      let folder = try TemporaryDirectory()
      let program = try ProcessRunner.built("dbc-train")
      let options = FaultRun.options + ["--output", folder.path("run")]
      let result = try ProcessRunner.mpirun(
        ranks: 1, program: "dbc-train",
        arguments: options + [":", "-np", "1", program] + options + ["--seed", "7"])
      FaultRun.expectDiagnosis(result, 71, ["rank 1 of 2", "the options", "--seed 7"])
    }
  }
}
