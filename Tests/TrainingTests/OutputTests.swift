import Foundation
import Report
import Support
import Testing
import Training

@Suite(.serialized) struct OutputTests {
  @Test("a run leaves its six files, and they belong together")
  func files() throws {
    let run = try TrainRun()
    #expect(run.result.exitCode == 0 && run.result.output.isEmpty, "\(run.result)")
    let config = try JSONSerialization.jsonObject(with: run.data("config.json")) as? [String: Any]
    #expect(config?["ranks"] as? Int == 2)
    let options = config?["options"] as? [String: Any]
    #expect(options?["batch_size"] as? Int == 128 && options?["seed"] as? String == "0")

    let scores = try run.rows("scores.npy")
    #expect(scores.count == 203 && scores[0].count == 10)
    for row in scores { #expect(abs(row.reduce(0, +) - 1) < 1e-5) }
    #expect(try run.rows("embeddings.npy").map(\.count) == Array(repeating: 160, count: 203))
    let lines = try run.text("assignments.csv").split(separator: "\n")
    #expect(lines.count == 204 && lines[0] == "index,source,cluster,score,label")
    var sizes = Array(repeating: 0, count: 10)
    for (image, line) in lines.dropFirst().enumerated() {
      let fields = line.split(separator: ",")
      let best = scores[image].max()!
      #expect(fields[0] == "\(image)" && fields[1] == "glyphs#\(image)")
      #expect(Int(fields[2]) == scores[image].firstIndex(of: best) && Float(fields[3]) == best)
      sizes[try #require(Int(fields[2]))] += 1
    }
    // Nothing but a word about clusters that so short a training leaves empty.
    let warning =
      "dbc-train: warning: \(sizes.count { $0 == 0 }) of the 10 clusters are empty (images in each: "
      + "\(sizes.map(String.init).joined(separator: ", "))); ask for fewer --clusters if the images do not have so many\n"
    #expect(run.result.errors == (sizes.contains(0) ? warning : ""), "\(run.result)")
  }

  @Test("metrics.jsonl has a line per epoch, with the losses and metrics of its stage")
  func metrics() throws {
    let run = try TrainRun(TrainRun.small + ["--pixel-kmeans"])
    let lines = try run.metrics()
    #expect(
      lines.compactMap { $0["stage"] as? String } == ["pixel-kmeans", "fcae", "kmeans", "dbc", "dbc", "dbc"])
    for line in lines.dropFirst(3) {
      for key in ["acc", "nmi", "nmi_mean", "ari", "mean_max_score"] {
        let value = line[key] as? Double ?? -9
        #expect((-0.5...1).contains(value), "\(key) \(value)")
      }
      #expect((line["cluster_sizes"] as? [Int])?.reduce(0, +) == 203)
    }
    #expect(lines[3]["changed"] as? Int == 203 && lines[3]["loss"] == nil)
    for line in lines.dropFirst(4) { #expect(line["loss"] as? Double ?? -1 >= 0) }
    let seconds = lines[1]["seconds"] as? [String: Double] ?? [:]
    #expect(seconds["forward"] ?? 0 > 0 && seconds["backward"] ?? 0 > 0)
  }

  @Test("everything works without labels, on images of any size from a file")
  func unlabelled() throws {
    let folder = try TemporaryDirectory()
    try writeImages(folder.path("images"), count: 70, size: 13)
    let run = try TrainRun([
      "--recipe", "paper", "--images", folder.path("images"), "--clusters", "3", "--batch-size", "32",
      "--pretrain-epochs", "1",
      "--chain-epochs", "1", "--limit", "67",
    ])
    #expect(run.result.exitCode == 0, "\(run.result)")
    #expect(try run.text("assignments.csv").hasPrefix("index,source,cluster,score\n0,images#0,"))
    #expect(try run.rows("scores.npy").count == 67)
    #expect(try run.metrics().allSatisfy { $0["acc"] == nil })
  }

  @Test("labels change no bit of the result")
  func labelsAreNotUsed() throws {
    let folder = try TemporaryDirectory()
    try writeImages(folder.path("images"), count: 70, size: 12)
    try writeLabels(folder.path("labels"), count: 70)
    let options = [
      "--refinement-epochs", "2", "--images", folder.path("images"), "--clusters", "3", "--batch-size", "32",
      "--pretrain-epochs", "1",
      "--chain-epochs", "1",
    ]
    let without = try TrainRun(options)
    let with = try TrainRun(options + ["--labels", folder.path("labels")])
    #expect(with.result.exitCode == 0, "\(with.result)")
    for file in ["model.safetensors", "scores.npy", "embeddings.npy"] {
      #expect(try with.data(file) == without.data(file))
    }
    #expect(try with.metrics().last?["acc"] != nil)
  }

  @Test("--init with --fresh-centres continues from a model's weights: the chain begins where that run ended")
  func initialModel() throws {
    let first = try TrainRun(TrainRun.small + ["--chain-epochs", "0"])
    let second = try TrainRun(
      ranks: 3,
      TrainRun.small + [
        "--pretrain-epochs", "0", "--fresh-centres", "--init", first.directory.path("run/model.safetensors"),
      ])
    #expect(second.result.exitCode == 0, "\(second.result)")
    let a = try first.metrics().last { $0["stage"] as? String == "dbc" }
    let b = try second.metrics().first { $0["stage"] as? String == "dbc" }
    #expect(a?["mean_max_score"] as? Double != nil)
    #expect(a?["mean_max_score"] as? Double == b?["mean_max_score"] as? Double)
    #expect(a?["acc"] as? Double == b?["acc"] as? Double)
  }

  @Test(
    "an encoder that is not trained still has running statistics of its own, the same on any number of ranks")
  func untrained() throws {
    let options = TrainRun.small + ["--augment", "affine", "--pretrain-epochs", "0", "--chain-epochs", "0"]
    let run = try TrainRun(ranks: 1, options)
    #expect(run.result.exitCode == 0, "\(run.result)")
    #expect(try TrainRun(ranks: 3, options).results() == run.results())
    // Of normalised features with ReLU the mean square is about a half.
    let features = try run.rows("embeddings.npy").joined()
    let square = features.reduce(0) { $0 + $1 * $1 } / Float(features.count)
    #expect((0.3...0.7).contains(square), "\(square)")
  }

  @Test("the chain stops when no assignment changes")
  func stopping() throws {
    // Nothing moves but the running statistics, which come to rest.
    let run = try TrainRun(TrainRun.small + ["--chain-epochs", "60", "--learning-rate", "1e-12"])
    let changed = try run.metrics().filter { $0["stage"] as? String == "dbc" }.map { $0["changed"] as? Int }
    #expect(changed.count > 1 && changed.count < 61)
    #expect(changed.firstIndex(of: 0) == changed.count - 1)
  }

  @Test("--overwrite replaces a run")
  func overwrite() throws {
    let run = try TrainRun()
    let again = try TrainRun.launch(
      ranks: 1,
      TrainRun.small + ["--quiet", "--seed", "5", "--output", run.directory.path("run"), "--overwrite"])
    #expect(again.exitCode == 0, "\(again)")
    let config = try JSONSerialization.jsonObject(with: run.data("config.json")) as? [String: Any]
    #expect((config?["options"] as? [String: Any])?["seed"] as? String == "5")
    #expect(try run.metrics().count == 5)
  }

  @Test("without --quiet the run shows header, epochs and closing table once")
  func console() throws {
    let directory = try TemporaryDirectory()
    let result = try TrainRun.launch(ranks: 3, TrainRun.small + ["--output", directory.path("run")])
    #expect(result.exitCode == 0, "\(result)")
    for text in [
      "ranks         3 on ", "Open MPI", "203 images 28×28×1", "parameters", "FCAE + k-means",
      "DBC",
    ] {
      #expect(result.output.contains(text), "\(text) in \(result)")
    }
    #expect(result.output.components(separatedBy: "dbc-train 0").count == 2)
    #expect(result.errors.components(separatedBy: "stage I · epoch 1 of 1").count == 2, "\(result)")
    #expect(!result.errors.contains("network "), "\(result)")
  }

  @Test(
    "where there are several networks, lines and records name them, and the sums say which maps are taken")
  func networks() throws {
    let directory = try TemporaryDirectory()
    let result = try TrainRun.launch(
      ranks: 2,
      [
        "--built-in-images", "203", "--batch-size", "64", "--pretrain-epochs", "1", "--refinement-epochs",
        "1",
        "--chain-epochs", "1", "--output", directory.path("run"),
      ])
    #expect(result.exitCode == 0, "\(result)")
    let lines = try String(contentsOfFile: directory.path("run/metrics.jsonl"), encoding: .utf8)
    let records = MetricsLog.records(
      MetricsRecord.self, in: lines.split(separator: "\n").map { Data($0.utf8) })
    #expect(records.count == lines.split(separator: "\n").count)
    var first: [RecordOrigin] = []
    for record in records {
      if case .epoch(let epoch) = record, epoch.stage == .pretraining, let origin = epoch.origin {
        first.append(origin)
      }
    }
    #expect(first.map(\.member) == [1, 2] && first.map(\.members) == [2, 2])
    #expect(first.map(\.augment) == ["none", "affine"])
    for number in 1...first.count {
      let name = "network \(number) of 2 · stage I · epoch 1 of 1 · loss"
      #expect(result.errors.components(separatedBy: name).count == 2, "\(name) in \(result)")
    }
  }
}
