import Foundation
import Report
import Support
import Testing

/// What a run shows on its way: reconstructions, scores and features by epoch.
@Suite(.serialized) struct OnTheWayTests {
  /// Two networks, a refinement, and a chain that trains the decoder, too.
  private static let options = [
    "--built-in-images", "203", "--batch-size", "64", "--augment", "affine", "--pretrain-epochs", "2",
    "--refinement-epochs", "1", "--chain-epochs", "4", "--refresh-epochs", "2", "--partition-epochs", "1",
    "--reconstruction-weight", "0.1",
  ]

  /// The PNG files within the curves of a run, in their order.
  private func pictures(_ run: borrowing TrainRun) throws -> [Data] {
    let folder = run.directory.path("run/tensorboard")
    var found: [Data] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      var rest = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))[...]
      while let start = rest.range(of: Data([0x89] + Array("PNG\r\n".utf8))),
        let end = rest[start.lowerBound...].range(of: Data("IEND".utf8))
      {
        found.append(Data(rest[start.lowerBound..<(end.upperBound + 4)]))
        rest = rest[(end.upperBound + 4)...]
      }
    }
    return found
  }

  /// metrics.jsonl without times.
  private func records(_ run: borrowing TrainRun) throws -> [NSDictionary] {
    try run.metrics().map { line in
      NSDictionary(
        dictionary: line.filter { !["seconds", "elapsed_seconds", "images_per_s"].contains($0.key) })
    }
  }

  @Test(
    "--tensorboard changes no bit, and pictures, features and records are the same on any number of ranks")
  func sameBits() throws {
    let without = try TrainRun(ranks: 1, Self.options)
    #expect(without.result.exitCode == 0, "\(without.result)")
    let one = try TrainRun(ranks: 1, Self.options + ["--tensorboard"])
    let three = try TrainRun(ranks: 3, Self.options + ["--tensorboard"])
    #expect(one.result.exitCode == 0 && three.result.exitCode == 0, "\(one.result) \(three.result)")
    let expected = try without.results() + [without.data(EpochFeatures.fileName)]
    #expect(try one.results() + [one.data(EpochFeatures.fileName)] == expected)
    #expect(try three.results() + [three.data(EpochFeatures.fileName)] == expected)
    #expect(try records(one) == records(without) && records(three) == records(without))
    let shown = try pictures(one)
    // Two epochs of stage I and one of refinement of each network, and those of stage II.
    let chain = try one.metrics().count { $0["stage"] as? String == "dbc" } - 1
    #expect(chain >= 1 && shown.count == 2 * 3 + chain && Set(shown).count == shown.count)
    #expect(try pictures(three) == shown)
    #expect(!FileManager.default.fileExists(atPath: without.directory.path("run/tensorboard")))
  }

  @Test("the histograms of the scores count all images, and the last one is that of scores.npy")
  func histograms() throws {
    let run = try TrainRun()
    let lines = try run.metrics().filter { $0["stage"] as? String == "dbc" }
    let histograms = lines.compactMap { $0["score_histogram"] as? [Int] }
    #expect(histograms.count == 3 && histograms.allSatisfy { $0.count == 20 && $0.reduce(0, +) == 203 })
    var expected = [Int](repeating: 0, count: 20)
    for row in try run.rows("scores.npy") { expected[min(19, Int(row.max()! * 20))] += 1 }
    #expect(histograms.last == expected)
    #expect(
      try run.metrics().filter { $0["stage"] as? String == "fcae" }.allSatisfy {
        $0["score_histogram"] == nil
      })
  }

  @Test("the features after epochs 0, 1 and 3 are kept, and those of the last epoch are the results")
  func features() throws {
    let run = try TrainRun(TrainRun.small + ["--chain-epochs", "3", "--learning-rate", "0.001"])
    let kept = try EpochFeatures(run.directory.path("run/\(EpochFeatures.fileName)"))
    #expect(kept.images == 203 && kept.rows == 203 && kept.epochs.map(\.number) == [0, 1, 3])
    #expect(try kept.epochs.last?.values == Array(run.rows("embeddings.npy").joined()))
    #expect(kept.epochs[0].values != kept.epochs[1].values)
  }

  @Test("of many images an even sample of at most 1000 is kept, the same on any number of ranks")
  func sample() throws {
    let options = [
      "--recipe", "paper", "--built-in-images", "4100", "--pretrain-epochs", "0", "--chain-epochs", "0",
      "--kmeans-restarts", "1", "--no-report",
    ]
    let run = try TrainRun(ranks: 1, options)
    #expect(run.result.exitCode == 0, "\(run.result)")
    let kept = try EpochFeatures(run.directory.path("run/\(EpochFeatures.fileName)"))
    // 62 lane groups, of which the last has 4 images.
    #expect(kept.images == 4100 && kept.rows == 980 && kept.epochs.map(\.number) == [0])
    let all = try run.rows("embeddings.npy")
    // Of 257 groups number 4 is the first of the sample.
    #expect(kept.epochs[0].values.prefix(kept.columns).elementsEqual(all[64]))
    #expect(kept.epochs[0].values.suffix(kept.columns).elementsEqual(all[4099]))
    let three = try TrainRun(ranks: 3, options)
    #expect(try three.data(EpochFeatures.fileName) == run.data(EpochFeatures.fileName))
  }

  @Test("a damaged file of features is a warning where a run goes on, which has the later epochs")
  func damaged() throws {
    let run = try TrainRun(TrainRun.small + ["--learning-rate", "0.001"])
    let path = run.directory.path("run/\(EpochFeatures.fileName)")
    try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
    let more = try TrainRun.launch(
      ranks: 2, ["--resume", "--chain-epochs", "4", "--quiet", "--output", run.directory.path("run")])
    #expect(
      more.exitCode == 0 && more.errors.contains("the report shows no features of epochs before"), "\(more)")
    #expect(try EpochFeatures(path).epochs.map(\.number) == [3])
  }
}
