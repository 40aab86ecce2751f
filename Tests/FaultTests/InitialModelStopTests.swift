import Foundation
import Support
import Testing

extension FaultTests {
  /// Runs that start from a model, and are stopped and resumed without it.
  @Suite(.serialized) struct InitialModelStopTests {
    @Test(
      "stopped at every step and resumed, on 1 and 2 ranks in turn, with the model gone: the same bits",
      arguments: [
        [],
        [
          "--recipe", "graph", "--batch-size", "128", "--pretrain-epochs", "1", "--refinement-epochs", "1",
          "--chain-epochs", "2", "--refresh-epochs", "1", "--partition-epochs", "1",
        ],
      ])
    func withoutModel(recipe: [String]) throws {
      let model = try FaultRun()
      #expect(try model.start(["--clusters", "7"]).exitCode == 0)
      let options = recipe + ["--no-report", "--init", model.path]
      let whole = try FaultRun()
      let result = try whole.start(ranks: 1, options)
      #expect(result.exitCode == 0, "\(result)")
      let run = try FaultRun()
      let first = try run.start(fault: "usr1:rank=0:at=step", options)
      FaultRun.expectDiagnosis(first, 75, ["stopped at", "SIGUSR1"])
      try FileManager.default.removeItem(atPath: model.path)
      var stops = 1
      while true {
        // The first session's options come from its config.json, too.
        let result = try run.start(
          ranks: stops % 2 + 1, fault: "usr1:rank=0:at=step,usr1:rank=0:at=kmeans",
          (stops % 2 == 0 ? options : recipe) + ["--resume"])
        if result.exitCode == 0 { break }
        FaultRun.expectDiagnosis(result, 75, ["stopped at", "SIGUSR1"])
        stops += 1
        try #require(result.exitCode == 75 && stops < 40)
      }
      #expect(stops > 8, "\(stops)")
      #expect(try run.results() == whole.results())
    }

    @Test("whether numbers are kept is part of what a run is; before its first checkpoint it needs the model")
    func identity() throws {
      let model = try FaultRun()
      #expect(try model.start().exitCode == 0)
      let options = ["--no-report", "--init", model.path]
      let run = try FaultRun()
      let stopped = try run.start(fault: "usr1:rank=0:at=step:stage=dbc", options)
      FaultRun.expectDiagnosis(stopped, 75, ["stopped at"])
      FaultRun.expectDiagnosis(
        try run.start(options + ["--resume", "--fresh-centres"]), 65,
        ["--init was CRC-32", "numbers of clusters kept"])
      // Another model in the same place is none of the run's business, unless it is named.
      try FileManager.default.removeItem(atPath: model.path)
      #expect(try model.start(["--seed", "3"]).exitCode == 0)
      FaultRun.expectDiagnosis(try run.start(options + ["--resume"]), 65, ["--init was CRC-32"])
      #expect(try run.start(["--resume"]).exitCode == 0)
      let other = try FaultRun()
      FaultRun.expectDiagnosis(
        try other.start(["--resume", "--init", other.folder.path("none")]), 66, ["none"])
    }
  }
}
