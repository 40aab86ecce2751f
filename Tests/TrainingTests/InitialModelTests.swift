import Clustering
import Foundation
import Support
import Testing

/// Runs that start from the model of another run, whose clusters keep their numbers.
@Suite(.serialized) struct InitialModelTests {
  /// A short run of the default recipe.
  private static let graph = [
    "--batch-size", "32", "--refinement-epochs", "3", "--chain-epochs", "4", "--refresh-epochs", "2",
    "--partition-epochs", "1", "--members", "1", "--augment", "affine", "--no-report",
  ]
  private static let recipes = [
    graph + ["--pretrain-epochs", "4"], graph + ["--pretrain-epochs", "4", "--refinement-epochs", "0"],
    [
      "--recipe", "paper", "--batch-size", "64", "--pretrain-epochs", "2", "--chain-epochs", "3",
      "--no-report",
    ],
  ]

  private static func glyphs(_ count: Int) -> [String] { ["--built-in-images", "\(count)"] }

  private static func model(_ run: borrowing TrainRun) -> [String] { ["--init", run.directory.path("run")] }

  private static func clusters(_ run: borrowing TrainRun) throws -> [Int32] {
    try run.text("assignments.csv").split(separator: "\n").dropFirst().map {
      try #require(Int32($0.split(separator: ",")[2]))
    }
  }

  @Test(
    "trained on a part and then on all, most images of the part have the same cluster's number, on any number of ranks",
    arguments: recipes)
  func numbersStay(recipe: [String]) throws {
    let part = try TrainRun(recipe + ["--pretrain-epochs", "16"] + Self.glyphs(400))
    #expect(part.result.exitCode == 0, "\(part.result)")
    let whole = try TrainRun(ranks: 1, recipe + Self.glyphs(700) + Self.model(part))
    #expect(whole.result.exitCode == 0, "\(whole.result)")
    let (before, now) = (try Self.clusters(part), try Self.clusters(whole))
    #expect(before.count == 400 && now.count == 700)
    let same = zip(before, now).count { $0 == $1 }
    // No other numbers of the new clusters agree with the old ones for many more images.
    let best = PartitionMetrics(assignments: before, labels: Array(now.prefix(400))).accuracy * 400
    #expect(same >= 240 && Double(same) >= best - 20, "\(same) of 400, with the best numbers \(best)")
    let two = try TrainRun(ranks: 2, recipe + Self.glyphs(700) + Self.model(part))
    #expect(try two.results() == whole.results())
    // Found anew, they have other numbers: the agreement above is not the seed's.
    let fresh = try TrainRun(ranks: 1, recipe + Self.glyphs(700) + Self.model(part) + ["--fresh-centres"])
    #expect(fresh.result.exitCode == 0, "\(fresh.result)")
    #expect(try fresh.results() != whole.results())
  }

  @Test(
    "K is the model's; the header says which model, and whether numbers are kept; empty clusters are named")
  func header() throws {
    let seven = TrainRun.small + ["--no-report", "--clusters", "7"]
    let model = try TrainRun(seven)
    let arguments = TrainRun.small + ["--no-report"] + Self.model(model)
    let next = model.directory.path("next")
    func launch(_ more: [String]) throws -> ProcessResult {
      try TrainRun.launch(ranks: 2, arguments + ["--output", next, "--overwrite"] + more)
    }
    let kept = try launch([])
    #expect(kept.exitCode == 0 && kept.output.contains("  clusters      7\n"), "\(kept)")
    #expect(kept.output.contains("run: its 7 clusters keep their numbers, as far as"), "\(kept)")
    let fresh = try launch(["--fresh-centres", "--clusters", "5"])
    #expect(fresh.exitCode == 0 && fresh.output.contains("run: its weights; clusters are found"), "\(fresh)")
    // A network that learns something else loses the clusters.
    let lost = try launch(["--pretrain-learning-rate", "1", "--pretrain-epochs", "3"])
    #expect(
      lost.exitCode == 0
        && lost.errors.contains("images have the number that the model of --init gives them"),
      "\(lost)")
    // Not all clusters have one of so few images.
    let few = try launch(["--limit", "17", "--batch-size", "32"])
    #expect(few.exitCode == 0 && few.errors.contains("no image is in the model's cluster"), "\(few)")
  }

  @Test("what does not fit is one error, which says what would")
  func errors() throws {
    let run = try TrainRun()
    let model = run.directory.path("run")
    func expect(_ code: Int32, _ texts: [String], _ arguments: [String], path: String? = nil) throws {
      for ranks in [1, 2] {
        let found = try TrainRun(ranks: ranks, TrainRun.small + ["--init", path ?? model] + arguments).result
        #expect(found.exitCode == code, "\(found)")
        let reports = found.errors.split(separator: "\n").filter { $0.contains("rror: ") }
        #expect(reports.count == 1 && texts.allSatisfy { reports[0].contains($0) }, "\(texts): \(found)")
      }
    }
    try expect(64, ["--clusters 7", "10 clusters", "--fresh-centres"], ["--clusters", "7"])
    try expect(65, ["another architecture", "--architecture auto"], ["--architecture", "mnist"])
    try expect(65, ["relu", "--feature-activation relu"], ["--feature-activation", "linear"])
    let folder = try TemporaryDirectory()
    try writeImages(folder.path("images"), count: 64, size: 12)
    try expect(65, ["12×12×1", "--size"], ["--images", folder.path("images")])
    try FileManager.default.createDirectory(atPath: folder.path("begun"), withIntermediateDirectories: true)
    try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path("begun/config.json")))
    try expect(66, ["begun", "not finished"], [], path: folder.path("begun"))
    let whole = try run.data("model.safetensors")
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: folder.path("cut.safetensors")))
    try expect(65, ["cut.safetensors"], [], path: folder.path("cut.safetensors"))
    let alone = try TrainRun(TrainRun.small + ["--fresh-centres"]).result
    #expect(alone.exitCode == 64 && alone.errors.contains("--init, which is not given"), "\(alone)")
  }
}
