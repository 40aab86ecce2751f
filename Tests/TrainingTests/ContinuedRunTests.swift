import Basics
import Foundation
import Support
import Testing
import Training
import dbc_train

/// Options that come from another run's config.json, and runs that become longer.
@Suite(.serialized) struct ContinuedRunTests {
  @Test("--config repeats a run; what is given beside it wins")
  func repeated() throws {
    let options = TrainRun.small + ["--seed", "3", "--graph-weight", "0.25", "--limit", "150"]
    let run = try TrainRun(options)
    let again = try TrainRun(ranks: 1, ["--config", run.directory.path("run/config.json")])
    #expect(again.result.exitCode == 0, "\(again.result)")
    #expect(try again.results() == run.results())
    // A run's directory will do.
    let other = try TrainRun(["--config", run.directory.path("run"), "--seed=4"])
    #expect(try other.data("scores.npy") != run.data("scores.npy"))
    let config = try JSONDecoder().decode(RunConfig.self, from: other.data("config.json"))
    #expect(config.options?["seed"]?.string == "4" && config.options?["limit"]?.int == 150)
    #expect(config.options?["graph_weight"]?.double == 0.25 && config.options?["batch_size"]?.int == 128)
  }

  @Test(
    "--resume takes the options from the run, which may be finished or not; another option is refused by name"
  )
  func resumed() throws {
    let directory = try TemporaryDirectory()
    let output = ["--quiet", "--output", directory.path("run")]
    let whole = try TrainRun(TrainRun.small + ["--seed", "5"])
    let stopped = try ProcessRunner.mpirun(
      ranks: 2, program: "dbc-train", arguments: TrainRun.small + ["--seed", "5"] + output,
      environment: ["DBC_FAULT": "usr1:rank=0:at=step"])
    #expect(stopped.exitCode == 75, "\(stopped)")
    let changed = try TrainRun.launch(ranks: 1, ["--resume", "--batch-size", "64"] + output)
    #expect(changed.exitCode == 65 && changed.errors.contains("--batch-size was 128 and is 64"), "\(changed)")
    let resumed = try TrainRun.launch(ranks: 1, ["--resume"] + output)
    #expect(resumed.exitCode == 0, "\(resumed)")
    for file in TrainRun.files {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: directory.path("run/\(file)"))) == whole.data(file),
        "\(file)")
    }
    let finished = try TrainRun.launch(ranks: 1, ["--resume"] + output)
    #expect(
      finished.exitCode == 0 && finished.output.contains("is finished")
        || finished.errors.contains("is finished"), "\(finished)")
  }

  @Test("a chain that stops early says so, at its end and when more epochs are asked for")
  func stopped() throws {
    let directory = try TemporaryDirectory()
    let output = ["--output", directory.path("run")]
    let run = try TrainRun.launch(
      ranks: 2, TrainRun.small + ["--learning-rate", "1e-9", "--chain-epochs", "90"] + output)
    let first = /Stage II stopped after epoch \d+ of 90: no image changed its cluster\./
    #expect(run.exitCode == 0 && run.output.contains(first), "\(run)")
    let more = try TrainRun.launch(ranks: 1, ["--resume", "--chain-epochs", "95"] + output)
    let second = /Stage II stopped after epoch \d+ of 95: no image changed its cluster\./
    #expect(more.exitCode == 0 && more.output.contains(second), "\(more)")
  }

  @Test("--resume with more chain epochs extends a run, here or elsewhere; fewer are another run")
  func extended() throws {
    let run = try TrainRun(TrainRun.small + ["--learning-rate", "0.001"])
    let before = try run.results()
    let output = ["--quiet", "--output", run.directory.path("run")]
    let elsewhere = try TrainRun(["--resume", run.directory.path("run"), "--chain-epochs", "4"])
    #expect(elsewhere.result.exitCode == 0, "\(elsewhere.result)")
    #expect(try run.results() == before)
    let fewer = try TrainRun.launch(ranks: 1, ["--resume", "--chain-epochs", "1"] + output)
    #expect(fewer.exitCode == 65 && fewer.errors.contains("--chain-epochs was 2 and is 1"), "\(fewer)")
    #expect(try run.results() == before)
    let more = try TrainRun.launch(ranks: 1, ["--resume", "--chain-epochs", "4"] + output)
    #expect(more.exitCode == 0, "\(more)")
    #expect(
      try run.metrics().compactMap { $0["stage"] as? String } == ["fcae", "kmeans"]
        + Array(repeating: "dbc", count: 5))
    #expect(try run.results() == elsewhere.results())
    #expect(try run.data("scores.npy") != before[1])
    // From now on the run has four.
    let config = try JSONDecoder().decode(RunConfig.self, from: run.data("config.json"))
    #expect(config.options?["chain_epochs"]?.int == 4)
    let finished = try TrainRun.launch(ranks: 2, ["--resume"] + output)
    #expect(finished.exitCode == 0, "\(finished)")
  }

  @Test("a config.json that is none is an error that names it, from one rank, and nothing is made")
  func wrongConfig() throws {
    let folder = try TemporaryDirectory()
    try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path("empty.json")))
    for (path, code) in [("nowhere.json", 66), ("empty.json", 65)] as [(String, Int32)] {
      let result = try TrainRun.launch(
        ranks: 2, ["--config", folder.path(path), "--output", folder.path("run")])
      #expect(result.exitCode == code, "\(result)")
      #expect(result.errors.components(separatedBy: path).count == 2, "\(result)")
      #expect(!Files.exists(folder.path("run")))
    }
  }
}
