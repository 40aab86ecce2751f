import Foundation
import Report
import Support
import Testing

/// Wrong options and files: one message, the documented exit code, nothing lost.
@Suite(.serialized) struct BadInputTests {
  /// Expects `arguments` to end with `code` and one line on standard error that holds every text of `mentions`.
  private func expectFailure(
    _ code: Int32, _ mentions: [String], ranks: [Int] = [2], _ arguments: [String]
  ) throws {
    for count in ranks {
      let directory = try TemporaryDirectory()
      let result = try TrainRun.launch(
        ranks: count, arguments + (arguments.contains("--output") ? [] : ["--output", directory.path("run")]))
      #expect(result.exitCode == code, "\(arguments) \(result)")
      #expect(!result.timedOut && result.elapsedSeconds < 20, "\(result)")
      let reports = result.errors.split(separator: "\n").filter { $0.contains("rror: ") }
      #expect(reports.count == 1, "\(result)")
      for text in mentions { #expect(result.errors.contains(text), "\(text): \(result)") }
      for text in ["Fatal error", "Illegal instruction", "signal"] { #expect(!result.errors.contains(text)) }
      for file in ["metrics.jsonl", "model.safetensors"] {
        #expect(!FileManager.default.fileExists(atPath: directory.path("run/\(file)")) || code == 76)
      }
    }
  }

  @Test("options that make no sense")
  func options() throws {
    let glyphs = ["--recipe", "paper", "--built-in-images", "100"]
    let graph = ["--built-in-images", "100"]
    try expectFailure(64, ["--no-such-option"], ranks: [1, 3], ["--no-such-option"])
    try expectFailure(64, ["--clusters", "at least 2"], ranks: [1, 4], glyphs + ["--clusters", "1"])
    try expectFailure(
      64, ["--init", "--members 2"], graph + ["--init", "none.safetensors", "--members", "2"])
    try expectFailure(64, ["--clusters 101", "100 images"], glyphs + ["--clusters", "101"])
    try expectFailure(64, ["--batch-size", "multiple of 16", "100"], glyphs + ["--batch-size", "100"])
    try expectFailure(64, ["--boost"], glyphs + ["--boost", "1"])
    for count in [-1, Int.min] {
      try expectFailure(64, ["--chain-epochs"], graph + ["--chain-epochs=\(count)"])
      try expectFailure(64, ["--refresh-epochs"], graph + ["--refresh-epochs=\(count)"])
    }
    for option in ["--batch-size", "--iterations", "--members", "--refinement-factor", "--built-in-images"] {
      try expectFailure(64, [option, "at most"], ranks: [1], graph + [option, "\(Int.max - 15)"])
    }
    for value in ["1e-46", "1e39", "0"] {
      try expectFailure(64, ["--degrees-of-freedom"], ranks: [1], glyphs + ["--degrees-of-freedom", value])
    }
    try expectFailure(
      64, ["--clusters 1000", "--initial-partition kmeans"], ranks: [1],
      ["--built-in-images", "4500", "--clusters", "1000"])
    try expectFailure(64, ["--graph-images", "at least 16"], graph + ["--graph-images", "15"])
    try expectFailure(
      64, ["--graph-images 50", "36 images", "10 clusters"], graph + ["--graph-images", "50"])
    try expectFailure(64, ["--limit"], glyphs + ["--limit", "0"])
    try expectFailure(64, ["--learning-rate"], glyphs + ["--learning-rate", "0"])
    for interval in ["0", "-1", "5x", "m", "0s"] {
      try expectFailure(64, ["--checkpoint-every"], ranks: [1], glyphs + ["--checkpoint-every=\(interval)"])
    }
    for time in ["soon", "3s2", "1h30"] {
      try expectFailure(64, ["--max-time"], ranks: [1], glyphs + ["--max-time", time])
    }
    try expectFailure(64, ["mnist", "32"], try imageOptions(size: 32) + ["--architecture", "mnist"])
    try expectFailure(64, ["resnet", "auto"], glyphs + ["--architecture", "resnet"])
  }

  private static let folder = FileManager.default.temporaryDirectory.appending(
    path: "dbc-bad-\(UUID().uuidString)")

  private func imageOptions(size: Int) throws -> [String] {
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    let path = Self.folder.appending(path: "size-\(size)").path
    try writeImages(path, count: 64, size: size)
    return ["--images", path]
  }

  @Test("files that are not what they should be")
  func files() throws {
    let folder = try TemporaryDirectory()
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
      try Data(bytes).write(to: URL(fileURLWithPath: folder.path(name)))
      return folder.path(name)
    }
    try expectFailure(66, ["missing-file"], ranks: [1, 4], ["--images", folder.path("missing-file")])
    try expectFailure(65, ["a.gz", "not gzip"], ["--images", try write("a.gz", [0, 0, 8, 3, 0, 0, 0, 1])])
    try expectFailure(
      65, ["is nothing that can be read", "68 65 6c 6c"],
      ["--images", try write("text", Array("hello, world".utf8))])
    try writeImages(folder.path("short"), count: 64, size: 12, promised: 65)
    try expectFailure(65, ["short", "9360", "9216"], ranks: [1, 3], ["--images", folder.path("short")])
    try expectFailure(
      65, ["impossible"], ["--images", try write("huge", [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12))])
    try writeImages(folder.path("good"), count: 64, size: 12)
    try writeImages(folder.path("larger"), count: 64, size: 13)
    try writeLabels(folder.path("labels"), count: 63)
    let good = ["--images", folder.path("good"), "--clusters", "3"]
    try expectFailure(65, ["63 labels for 64 images"], good + ["--labels", folder.path("labels")])
    try expectFailure(
      65, ["--size keep", "13×13", "12×12"], good + ["--images", folder.path("larger"), "--size", "keep"])
    try FileManager.default.createDirectory(atPath: folder.path("empty"), withIntermediateDirectories: true)
    try expectFailure(66, ["empty", "holds no still image"], ["--images", folder.path("empty")])
    try expectFailure(65, ["good", "safetensors"], good + ["--init", folder.path("good")])
    try expectFailure(66, ["no-model"], good + ["--init", folder.path("no-model")])
  }

  @Test("a gzip file that ends early is found by the rank that reads it, and told once")
  func truncatedGzip() throws {
    let folder = try TemporaryDirectory()
    try writeImages(folder.path("images"), count: 200, size: 12)
    let gzip = try ProcessRunner.run(try ProcessRunner.tool("gzip"), ["-k", folder.path("images")])
    #expect(gzip.exitCode == 0)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path("images.gz")))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: folder.path("cut.gz")))
    try expectFailure(
      65, ["cut.gz", "truncated"], ranks: [1, 2, 4],
      ["--images", folder.path("cut.gz"), "--batch-size", "64"])
  }

  @Test("results that are there stay untouched")
  func existingResults() throws {
    let run = try TrainRun()
    let before = try run.results()
    try expectFailure(
      73, ["holds a run already", "--overwrite"], ranks: [1, 3],
      TrainRun.small + ["--output", run.directory.path("run")])
    // A mistake that is found only after the output directory was checked must not cost the old run either.
    try expectFailure(
      66, ["nothing"],
      TrainRun.small + ["--output", run.directory.path("run"), "--overwrite", "--init", "nothing"])
    #expect(try run.results() == before)
    #expect(try run.metrics().count == 5)
    try expectFailure(
      73, ["is a file"], TrainRun.small + ["--output", run.directory.path("run/scores.npy")])
    try expectFailure(
      73, ["cannot be created"], TrainRun.small + ["--output", run.directory.path("run/scores.npy/run")])
    try expectFailure(73, ["cannot be"], TrainRun.small + ["--output", "/proc/dbc-run"])
  }

  @Test("a model of another architecture is refused")
  func otherModel() throws {
    let run = try TrainRun()
    try expectFailure(
      65, ["another architecture"],
      TrainRun.small + ["--init", run.directory.path("run/model.safetensors"), "--architecture", "mnist"])
  }

  @Test("a loss that is not finite stops the run with its place and learning rate", arguments: [1, 3])
  func divergence(ranks: Int) throws {
    try expectFailure(
      76, ["stage I", "epoch 1", "step 2", "1e+30", "--pretrain-learning-rate"], ranks: [ranks],
      TrainRun.small + ["--quiet", "--optimizer", "sgd", "--pretrain-learning-rate", "1e30"])
    try expectFailure(
      76, ["stage II", "--learning-rate"], ranks: [ranks],
      TrainRun.small + ["--quiet", "--chain-optimizer", "sgd", "--learning-rate", "1e38"])
  }

  @Test("features whose squares are not finite stop the run before the neighbour graph", arguments: [1, 3])
  func largeFeatures(ranks: Int) throws {
    let run = try TrainRun(TrainRun.small + ["--chain-epochs", "0"])
    var model = try SafeTensors.read(run.directory.path("run/model.safetensors"))
    let last = try #require(
      model.tensors.lastIndex { $0.name.hasPrefix("encoder.") && $0.name.hasSuffix("bn.weight") })
    let tensor = model.tensors[last]
    model.tensors[last] = .init(
      name: tensor.name, shape: tensor.shape, values: tensor.values.map { $0 * 1e20 })
    let path = run.directory.path("large.safetensors")
    try model.write(to: path)
    try expectFailure(
      76, ["too large"], ranks: [ranks],
      TrainRun.small + ["--quiet", "--initial-partition", "graph", "--pretrain-epochs", "0", "--init", path])
  }

  @Test("--help and --version are printed once and end with 0", arguments: [1, 3])
  func help(ranks: Int) throws {
    let help = try TrainRun.launch(ranks: ranks, ["--help-all"])
    #expect(help.exitCode == 0 && help.errors.isEmpty, "\(help)")
    for text in ["IMAGES", "NETWORK", "STAGE I", "STAGE II", "RUN", "EXIT CODES", "default: 36"] {
      #expect(help.output.components(separatedBy: text).count >= 2, "\(text) in \(help)")
    }
    #expect(help.output.components(separatedBy: "OVERVIEW").count == 2)
    let short = try TrainRun.launch(ranks: ranks, ["--help"])
    #expect(short.exitCode == 0 && short.errors.isEmpty, "\(short)")
    #expect(short.output.components(separatedBy: "OVERVIEW").count == 2)
    #expect(short.output.contains("--help-all") && !short.output.contains("--boost"), "\(short)")
    // Few enough to be read.
    let options = short.output.split(separator: "\n").filter { $0.hasPrefix("  -") }
    #expect((10...16).contains(options.count), "\(short)")
    let version = try TrainRun.launch(ranks: ranks, ["--version"])
    #expect(version.exitCode == 0 && version.output.split(separator: "\n").count == 1, "\(version)")
  }
}
