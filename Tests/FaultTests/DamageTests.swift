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

    @Test("a folder that cannot be listed for a moment: 66, all checkpoints stay, the same files afterwards")
    func unlisted() throws {
      let stopped = try FaultRun.stopped()
      for (error, reason) in [
        ("estale", "Stale file handle"), ("eio", "Input/output error"), ("enfile", "Too many open files"),
        ("eacces", "Permission denied"),
      ] {
        // The six files of a run are looked for first; then the checkpoints.
        for (operation, path) in [(1, "config.json"), (7, "checkpoints")] {
          let before = stopped.generations
          let result = try stopped.start(fault: "\(error):rank=0:at=listing:operation=\(operation)")
          FaultRun.expectDiagnosis(result, 66, ["\(stopped.path)/\(path)", reason, "mounted"])
          #expect(stopped.generations == before && before.count == 2 && stopped.has("metrics.jsonl"))
        }
      }
      try stopped.expectRecovery()
    }

    @Test("other options that matter, or other data, are refused by name; others pass")
    func otherRun() throws {
      let stopped = try FaultRun.stopped()
      for (options, text) in [
        (["--learning-rate", "2e-4"], "--learning-rate was 0.0001 and is 0.0002"),
        (["--batch-size", "128"], "--batch-size was 64 and is 128"),
        (["--chain-epochs", "2"], "--chain-epochs was 3 and is 2"),
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

    @Test(
      "--resume PATH may name the run itself; an older generation of it wants --overwrite, and goes back to it"
    )
    func ownPath() throws {
      let stopped = try FaultRun.stopped()
      for path in [stopped.path, stopped.generations[1]] {
        let run = try stopped.copy()
        let own = path.replacingOccurrences(of: stopped.path, with: run.path + "/.")
        let result = try run.start(["--resume", own])
        #expect(result.exitCode == 0, "\(result)")
        #expect(try run.results() == FaultRun.undisturbed)
      }
      let older = ["--resume", stopped.generations[0]]
      FaultRun.expectDiagnosis(try stopped.start(older), 73, ["older than the newest", "--overwrite"])
      FaultRun.expectDiagnosis(try stopped.start(older + ["--overwrite", "--seed", "5"]), 65, ["--seed was"])
      #expect(stopped.generations.count == 2)
      // Killed while it goes back, it has not gone yet.
      let newest = String(stopped.generations[1].suffix(6))
      let killed = try stopped.start(
        fault: "kill:rank=0:at=checkpoint:generation=\(Int(newest)!):operation=1", older + ["--overwrite"])
      #expect(killed.exitCode == 137 && stopped.generations.count == 2, "\(killed)")
      let untouched = try stopped.copy()
      try untouched.expectRecovery()
      let back = try stopped.start(older + ["--overwrite"])
      #expect(back.exitCode == 0, "\(back)")
      #expect(try stopped.results() == FaultRun.undisturbed)
      let finished = try stopped.start(["--resume", stopped.generations[1]])
      #expect(finished.exitCode == 0 && finished.output.contains("is finished"), "\(finished)")
      let again = try stopped.start(["--resume", stopped.generations[0], "--overwrite"])
      #expect(again.exitCode == 0 && !again.output.contains("is finished"), "\(again)")
      #expect(try stopped.results() == FaultRun.undisturbed)
      // A finished run that is made to go on is not finished until it is.
      let last = try stopped.start(
        fault: "kill:rank=0:at=results:operation=1", ["--resume", "--overwrite"])
      #expect(last.exitCode == 137 && !stopped.has("model.safetensors"), "\(last)")
      try stopped.expectRecovery()
    }

    @Test("a finished run is not taken for another one")
    func finishedOther() throws {
      let run = try FaultRun()
      #expect(try run.start(["--checkpoint-every", "never"]).exitCode == 0)
      let same = try run.start(["--resume", "--checkpoint-every", "never"])
      #expect(same.exitCode == 0 && same.output.contains("is finished"), "\(same)")
      FaultRun.expectDiagnosis(
        try run.start(["--resume", "--seed", "5"]), 65, ["another run", "--seed was 0"])
      #expect(try run.results() == FaultRun.undisturbed)
      // Continued from another run, it is replaced.
      let stopped = try FaultRun.stopped()
      let replaced = try run.start(["--resume", stopped.path, "--overwrite"])
      #expect(replaced.exitCode == 0 && !replaced.output.contains("is finished"), "\(replaced)")
      #expect(!run.generations.isEmpty)
      #expect(try run.results() == FaultRun.undisturbed)
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
      // Of itself the run takes the model that its config.json names.
      let same = try run.copy()
      #expect(try same.start(["--resume"]).exitCode == 0)
      let moved = try models[0].copy()
      let resumed = try run.start(["--resume"] + model(moved))
      #expect(resumed.exitCode == 0, "\(resumed)")
      #expect(try run.results() == same.results())
    }

    @Test("time that is over while images are read stops the run before it has begun")
    func timeWhileReading() throws {
      let early = try FaultRun()
      FaultRun.expectDiagnosis(
        try early.start(["--max-time", "0.001s"]), 75,
        ["at the reading of the images by --max-time", "--resume begins the run"])
      #expect(early.generations.isEmpty && !early.has("config.json"))
    }

    @Test("what cannot be resumed leaves no folder behind")
    func nothingToResume() throws {
      let run = try FaultRun()
      FaultRun.expectDiagnosis(
        try run.start(["--resume", run.folder.path("nope")]), 66, ["nope", "holds no checkpoint"])
      #expect(!FileManager.default.fileExists(atPath: run.path))
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
