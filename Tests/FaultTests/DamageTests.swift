import Foundation
import Support
import Testing

extension FaultTests {
  /// Checkpoints that are not what was written, and runs that are not what a checkpoint belongs to.
  @Suite(.serialized) struct DamageTests {
    private static let files = ["state.safetensors", "manifest.json"]

    private func damage(_ path: String, _ how: String, _ random: inout SplitMix) throws {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      switch how {
      case "flipped":
        // A flipped letter of a key is as bad as one of a number.
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case "truncated": bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
      case "empty": bytes = Data()
      default: return try FileManager.default.removeItem(atPath: path)
      }
      try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test("a damaged file of the newest generation: the older one is taken, with a warning")
    func newest() throws {
      var random = SplitMix(state: 5)
      let stopped = try FaultRun.stopped()
      for file in Self.files {
        for how in ["flipped", "flipped", "truncated", "empty", "missing"] {
          let run = try stopped.copy()
          let newest = try #require(run.generations.last)
          try damage("\(newest)/\(file)", how, &random)
          try run.expectRecovery("\(file) \(how)", warning: "an older checkpoint is taken")
        }
      }
    }

    @Test("both generations damaged: a clear error, nothing is touched")
    func both() throws {
      var random = SplitMix(state: 6)
      let stopped = try FaultRun.stopped()
      for file in Self.files {
        let run = try stopped.copy()
        try #require(run.generations.count == 2)
        for generation in run.generations { try damage("\(generation)/\(file)", "flipped", &random) }
        FaultRun.expectDiagnosis(
          try run.start(), 65, run.generations + ["no checkpoint can be used", "--overwrite"])
        #expect(run.generations.count == 2 && run.has("metrics.jsonl"))
      }
    }

    @Test("other options that matter, or other data, are refused by name; others pass")
    func otherRun() throws {
      let stopped = try FaultRun.stopped()
      for (options, text) in [
        (["--learning-rate", "2e-4"], "--learning-rate was 0.0001 and is 0.0002"),
        (["--batch-size", "128"], "--batch-size was 64 and is 128"),
        (["--chain-epochs", "4"], "--chain-epochs was 3 and is 4"),
        (["--built-in-images", "204"], "the data were 203 images"),
      ] {
        FaultRun.expectDiagnosis(try stopped.start(["--resume"] + options), 65, ["another run", text])
      }
      FaultRun.expectDiagnosis(try stopped.start([]), 73, ["unfinished run", "--resume"])
      let elsewhere = try FaultRun()
      let result = try elsewhere.start(
        ranks: 3, ["--resume", stopped.path, "--checkpoint-every", "2", "--target", "distributed"])
      #expect(result.exitCode == 0, "\(result)")
      #expect(try elsewhere.results() == FaultRun.undisturbed)
      let one = try FaultRun()
      #expect(try one.start(["--resume", stopped.generations[0]]).exitCode == 0)
      #expect(try one.results() == FaultRun.undisturbed)
      try stopped.expectRecovery()
    }

    @Test("a model that the run started from counts by what is in it, not by its path")
    func otherModel() throws {
      let models = try (0..<2).map { seed in
        let run = try FaultRun()
        #expect(try run.start(["--seed", "\(seed)", "--chain-epochs", "0"]).exitCode == 0)
        return run
      }
      func model(_ run: FaultRun) -> [String] { ["--init", "\(run.path)/model.safetensors"] }
      let run = try FaultRun()
      let stopped = try run.start(fault: "usr1:rank=0:at=step:stage=dbc:epoch=1:step=1", model(models[0]))
      #expect(stopped.exitCode == 75, "\(stopped)")
      FaultRun.expectDiagnosis(
        try run.start(["--resume"] + model(models[1])), 65, ["another run", "--init was CRC-32"])
      FaultRun.expectDiagnosis(try run.start(["--resume"]), 65, ["another run", "and is none"])
      let resumed = try run.start(["--resume"] + model(try models[0].copy()))
      #expect(resumed.exitCode == 0, "\(resumed)")
    }

    @Test("a finished run says so and stays as it is; a directory without a run begins one")
    func finished() throws {
      let run = try FaultRun()
      #expect(try run.start().exitCode == 0)
      func dates() throws -> [Date?] {
        try FaultRun.resultFiles.map {
          try FileManager.default.attributesOfItem(atPath: "\(run.path)/\($0)")[.modificationDate] as? Date
        }
      }
      let before = try dates()
      let again = try run.start(ranks: 3)
      #expect(again.exitCode == 0 && again.output.contains("is finished"), "\(again)")
      #expect(try dates() == before)
      #expect(try run.results() == FaultRun.undisturbed)
    }
  }
}
