import Foundation
import Support
import Testing
import Training

/// The number of clusters where it is not given.
@Suite(.serialized) struct ClusterCountTests {
  @Test(
    "a number or a range is read, and nothing else",
    arguments: [
      ("10", 10, 10), ("2...20", 2, 20), ("5...5", 5, 5), ("7...3", 7, 3), ("2-20", 2, 20), ("2..20", 2, 20),
      ("2…20", 2, 20),
    ])
  func text(_ text: String, least: Int, most: Int) {
    let count = ClusterCount(text)
    #expect(count?.least == least && count?.most == most)
  }

  @Test(
    "other text is refused",
    arguments: ["", "ten", "2-", "-", "2--20", "2-20-30", "...", "2...", "...9", "1...2...3", "2.5"])
  func wrongText(_ text: String) { #expect(ClusterCount(text) == nil) }

  @Test("until it is found, the middle of the range stands in for it")
  func typical() {
    var options = TrainingOptions()
    options.clusterCount = ClusterCount(least: 2, most: 18)
    #expect(options.clusters == 10)
    options.clusters = 7
    #expect(options.clusterCount == ClusterCount(7) && options.clusters == 7)
  }

  @Test("the score is the square of stability times modularity; of equal scores the smallest number is taken")
  func score() {
    func row(_ clusters: Int, _ stability: Double, _ modularity: Double) -> ClusterCountRecord.Row {
      ClusterCountRecord.Row(clusters: clusters, stability: stability, modularity: modularity, eigengap: 0)
    }
    let rows = [row(2, 1, 0.25), row(3, 0.5, 1), row(4, 0.5, 0.5)]
    #expect(rows.map(\.score) == [0.25, 0.25, 0.125])
    let record = ClusterCountRecord(rows: rows, seconds: 1)
    #expect(record.clusters == 2 && !record.isAtEnd)
    #expect(record.nearby.map(\.clusters) == [3])
    #expect(ClusterCountRecord(rows: [row(2, 0, 0), row(3, 1, 1)], seconds: 0).isAtEnd)
  }

  @Test("a line of metrics.jsonl is read back as it was written")
  func record() throws {
    let row = ClusterCountRecord.Row(
      clusters: 2, stability: 0.5, modularity: 0.25, eigengap: 0.125)
    let record = MetricsRecord.clusterCount(ClusterCountRecord(rows: [row], seconds: 3))
    let data = try JSONEncoder().encode(record)
    #expect(try JSONDecoder().decode(MetricsRecord.self, from: data) == record)
    let line = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    #expect(line?["stage"] as? String == "cluster_count" && line?["clusters"] as? Int == 2)
  }

  /// Small, with two networks.
  private static let options = [
    "--built-in-images", "400", "--batch-size", "64", "--pretrain-epochs", "2", "--refinement-epochs", "1",
    "--chain-epochs", "2", "--augment", "none", "--seed", "3", "--clusters", "2...6",
  ]

  @Test("the run finds a number in the range and goes on with it: the same bits on 1, 2 and 3 ranks")
  func found() throws {
    let run = try TrainRun(Self.options)
    #expect(run.result.exitCode == 0, "\(run.result)")
    let lines = try run.metrics()
    let line = try #require(lines.first { $0["stage"] as? String == "cluster_count" })
    let clusters = try #require(line["clusters"] as? Int)
    let tried = try #require(line["candidates"] as? [[String: Any]])
    #expect(tried.compactMap { $0["clusters"] as? Int } == Array(2...6))
    let scores = tried.compactMap { $0["score"] as? Double }
    #expect(scores.count == 5 && scores[clusters - 2] == scores.max())
    #expect(try run.rows("scores.npy")[0].count == clusters)
    // Of stage I's features alone there is no k-means, as K is not known then.
    #expect(
      lines.compactMap { $0["stage"] as? String }.filter { $0.contains("kmeans") } == ["refined-kmeans"])
    let config = try JSONSerialization.jsonObject(with: run.data("config.json")) as? [String: Any]
    #expect((config?["options"] as? [String: Any])?["clusters"] as? String == "2...6")
    for ranks in [1, 3] {
      let other = try TrainRun(ranks: ranks, Self.options)
      #expect(try other.results() == run.results(), "\(ranks) ranks")
    }
  }

  @Test("--suggest-only ends with 0 and a checkpoint; --resume comes to the bits of a run that went through")
  func suggestOnly() throws {
    let whole = try TrainRun(Self.options)
    let directory = try TemporaryDirectory()
    let output = ["--output", directory.path("run")]
    let suggested = try TrainRun.launch(ranks: 2, Self.options + ["--suggest-only"] + output)
    #expect(suggested.exitCode == 0, "\(suggested)")
    #expect(
      (suggested.output + suggested.errors).contains("clusters are suggested; --resume goes on with them"))
    #expect(!FileManager.default.fileExists(atPath: directory.path("run/assignments.csv")))
    let again = try TrainRun.launch(ranks: 1, ["--resume", "--suggest-only"] + output)
    #expect(again.exitCode == 0 && (again.output + again.errors).contains("are suggested"), "\(again)")
    let resumed = try TrainRun.launch(ranks: 1, ["--resume", "--quiet"] + output)
    #expect(resumed.exitCode == 0, "\(resumed)")
    for file in TrainRun.files {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: directory.path("run/\(file)"))) == whole.data(file),
        "\(file)")
    }
  }

  @Test("of a user's own images the number is found unless it is given, and the header says so")
  func ownImages() throws {
    let folder = try TemporaryDirectory()
    try writeImages(folder.path("images"), count: 64, size: 12)
    let options = [
      "--images", folder.path("images"), "--batch-size", "32", "--pretrain-epochs", "1",
      "--refinement-epochs", "1", "--chain-epochs", "1", "--members", "1", "--no-report",
    ]
    let run = try TrainRun.launch(ranks: 2, options + ["--output", folder.path("run")])
    #expect(run.exitCode == 0, "\(run)")
    #expect(run.output.contains("2...8: the number is found once the networks are trained"), "\(run)")
    #expect(run.output.contains(" clusters: suggested among 2 to 8"))
  }

  @Test(
    "ranges that make no sense, and ways that cannot find a number, are refused",
    arguments: [
      (["--clusters", "1...4"], "--clusters must be at least 2, found 1...4"),
      (["--clusters", "9...4"], "must be a number, or a range from a smaller to a larger one, found 9...4"),
      (["--clusters", "2...102"], "must be a range of at most 100 numbers, found 2...102"),
      (["--clusters", "2...80"], "--clusters 2...80 is more than the 64 images; choose at most 64"),
      (["--clusters", "2.8"], "2.8"),
      (["--clusters", "2...8", "--pixel-kmeans"], "--pixel-kmeans needs the number of clusters"),
      (["--clusters", "2...8", "--initial-partition", "kmeans"], "needs --initial-partition graph"),
      (["--recipe", "paper"], "how many clusters are there? Give --clusters K"),
      (["--suggest-only", "--clusters", "4"], "--suggest-only suggests a number of clusters in a range"),
    ])
  func refused(_ options: [String], text: String) throws {
    let folder = try TemporaryDirectory()
    try writeImages(folder.path("images"), count: 64, size: 12)
    let result = try TrainRun.launch(
      ranks: 2, ["--images", folder.path("images"), "--output", folder.path("run")] + options)
    #expect(result.exitCode == 64, "\(result)")
    #expect(result.errors.components(separatedBy: text).count == 2, "\(result)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("run/metrics.jsonl")))
  }
}
