import Foundation
import Support
import Testing
import Training

@Suite(.serialized) struct RecipeTests {
  @Test(
    "five degrees of freedom where the graph's partition guides the chain, one where the chain is left to itself"
  )
  func degreesOfFreedom() {
    var options = TrainingOptions(.graph, images: 70000)
    #expect(options.degreesOfFreedom == 5 && options.refreshes == 3)
    options.refreshes = 2
    #expect(options.guidedDegreesOfFreedom == 1)
    options.chainEpochs = 36
    #expect(options.guidedDegreesOfFreedom == 5 && options.refreshesToTheEnd == 2)
    options.initialPartition = .kmeans
    #expect(options.guidedDegreesOfFreedom == 1)
    let paper = TrainingOptions(.paper, images: 70000)
    #expect(paper.degreesOfFreedom == 1 && paper.refreshes == 0)
  }

  @Test("the chain may end after an epoch on R with no new partition to come, and not before")
  func end() {
    var options = TrainingOptions(.graph, images: 70000)
    func ends() -> [Int] { (1...options.chainEpochs).filter { options.mayEnd(afterEpoch: $0) } }
    #expect(ends() == [47, 48])
    options.refreshes = 0
    #expect(ends() == Array(11...48))
    (options.refreshes, options.partitionEpochs) = (1, 0)
    #expect(ends() == Array(13...48))
    (options.refreshes, options.refreshEpochs, options.partitionEpochs) = (3, 12, 12)
    #expect(ends() == [])
    options.initialPartition = .kmeans
    #expect(ends() == Array(1...48))
    (options.initialPartition, options.chainEpochs, options.refreshes) = (.graph, Int.max, 0)
    #expect(options.mayEnd(afterEpoch: 13) && !options.mayEnd(afterEpoch: 1))
  }

  @Test("a guided chain does not end before its last epochs, which are on R")
  func guidedChainGoesOn() throws {
    let run = try TrainRun(
      ranks: 1,
      [
        "--built-in-images", "203", "--augment", "none", "--members", "1", "--pretrain-epochs", "2",
        "--refinement-epochs", "0", "--no-pixel-graph", "--chain-epochs", "30", "--partition-epochs", "13",
        "--refresh-epochs", "15",
      ])
    let chain = try run.metrics().filter { $0["stage"] as? String == "dbc" }
    let quiet = chain.filter { $0["changed"] as? Int == 0 }.compactMap { $0["epoch"] as? Int }
    // Without the rule it would end at the first quiet epoch behind the first partition's.
    #expect(quiet.contains { (13..<28).contains($0) }, "\(quiet)")
    let last = try #require(chain.last?["epoch"] as? Int)
    #expect(last == 30 || (last > 28 && quiet.last == last), "\(quiet), \(last)")
    #expect(try run.metrics().count { $0["stage"] as? String == "graph" } == 2)
  }

  @Test("which epochs are guided, and how many they are")
  func guidance() {
    var options = TrainingOptions(.graph, images: 70000)
    func guided() -> [Int] { (0..<options.chainEpochs).filter { options.isGuided(afterEpoch: $0) } }
    #expect(guided() == [0..<10, 12..<22, 24..<34, 36..<46].flatMap { Array($0) })
    options.chainEpochs = 0
    #expect(options.refreshes(afterEpoch: 0))
    options.chainEpochs = 48
    // No longer than asked for, where there is no other partition.
    (options.refreshes, options.partitionEpochs) = (0, 13)
    #expect(guided() == Array(0..<13))
    #expect((0..<48).filter { options.refreshes(afterEpoch: $0) } == [0])
    for (chain, refresh, times, partition) in [
      (48, 12, 0, 12), (48, 12, 0, 36), (16, 12, 1, 6), (28, 12, 2, 7), (28, 12, 2, 9), (12, 12, 0, 9),
      (1, 5, 9, 0),
      (50, 7, 3, 9),
    ] {
      options.chainEpochs = chain
      (options.refreshEpochs, options.refreshes, options.partitionEpochs) = (refresh, times, partition)
      #expect(options.guidedDegreesOfFreedom == (4 * guided().count >= 3 * chain ? 5 : 1), "\(options)")
    }
  }

  @Test(
    "the command follows: a longer chain is guided to its end, k-means is not",
    arguments: [
      (["--chain-epochs", "100"], 5.0, 8), (["--refreshes", "0"], 1, 0),
      (["--initial-partition", "kmeans"], 1, 3),
      (["--recipe", "paper"], 1, 0), (["--refreshes", "0", "--degrees-of-freedom", "2"], 2, 0),
      (["--recipe", "paper", "--initial-partition", "graph", "--partition-epochs", "50"], 1, 0),
      (["--chain-epochs", "\(Int.max)", "--refresh-epochs", "\(Int.max)"], 1, 0),
    ])
  func command(_ options: [String], degreesOfFreedom: Double, refreshes: Int) throws {
    let run = try TrainRun(ranks: 1, ["--built-in-images", "32", "--max-time", "1s"] + options)
    #expect([0, 75].contains(run.result.exitCode), "\(run.result)")
    let config = try JSONSerialization.jsonObject(with: run.data("config.json")) as? [String: Any]
    let found = try #require(config?["options"] as? [String: Any])
    #expect(found["degrees_of_freedom"] as? Double == degreesOfFreedom)
    #expect(found["refreshes"] as? Int == refreshes)
  }

  @Test(
    "a partition is the one of the highest modularity, of every network's graph and of their means with the pixels'"
  )
  func candidates() throws {
    let run = try TrainRun(
      ranks: 2,
      [
        "--built-in-images", "203", "--augment", "none", "--pretrain-epochs", "1", "--refinement-epochs", "1",
        "--chain-epochs", "3", "--refresh-epochs", "2", "--partition-epochs", "2",
      ])
    #expect(run.result.exitCode == 0, "\(run.result)")
    let lines = try run.metrics().filter { $0["stage"] as? String == "graph" }
    let sources = [
      ["features", "features+pixels", "network1", "network2"], ["features", "features+pixels"],
    ]
    #expect(lines.count == sources.count)
    for (line, sources) in zip(lines, sources) {
      let candidates = try #require(line["candidates"] as? [[String: Any]])
      #expect(Set(candidates.compactMap { $0["graph"] as? String }) == Set(sources))
      let modularities = candidates.compactMap { $0["modularity"] as? Double }
      #expect(modularities.count == 15 * sources.count && modularities.max() == line["modularity"] as? Double)
      let chosen = try #require(modularities.firstIndex(of: modularities.max()!))
      #expect(candidates[chosen]["graph"] as? String == line["graph"] as? String)
    }
  }
}
