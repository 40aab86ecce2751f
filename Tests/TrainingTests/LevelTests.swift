import Support
import Testing

/// What the defaults reach, on a small set of built-in images: twenty seconds each on two cores.
@Suite(.serialized) struct LevelTests {
  @Test(
    "the default recipe finds the glyphs' classes, where k-means of the pixels does not, and no cluster is empty; a quarter of the images is enough for the graph",
    arguments: [([], 0.9), (["--graph-images", "500"], 0.85)])
  func glyphs(_ options: [String], partition: Double) throws {
    let run = try TrainRun(
      ranks: 2, ["--built-in-images", "2000", "--pixel-kmeans"] + options, timeLimitSeconds: 240)
    #expect(run.result.exitCode == 0, "\(run.result)")
    let metrics = try run.metrics()
    func accuracy(_ stage: String) throws -> Double {
      try #require(metrics.last { $0["stage"] as? String == stage }?["acc"] as? Double, "no line of \(stage)")
    }
    let (pixels, clustered) = try (accuracy("pixel-kmeans"), accuracy("dbc"))
    #expect(try accuracy("graph") > partition)
    #expect(clustered > pixels + 0.3 && clustered > 0.9, "k-means of pixels \(pixels), DBC \(clustered)")
    for line in metrics where line["stage"] as? String == "dbc" {
      let sizes = try #require(line["cluster_sizes"] as? [Int])
      #expect(sizes.count == 10 && sizes.allSatisfy { $0 > 0 }, "\(sizes)")
    }
  }
}
