import Clustering
import Foundation
import Support
import Testing
import Training

@Suite(.serialized) struct RecipeTests {
  @Test("five degrees of freedom where partitions guide the chain, one where it is left to itself")
  func degreesOfFreedom() {
    let options = TrainingOptions(.graph, images: 70000)
    #expect(options.degreesOfFreedom == 5 && options.graphWeight == 0.9)
    var given = GivenOptions()
    given[\.initialPartition] = .kmeans
    #expect(TrainingOptions(.graph, images: 70000, given: given).degreesOfFreedom == 1)
    let paper = TrainingOptions(.paper, images: 70000)
    #expect(paper.degreesOfFreedom == 1 && paper.graphWeight == 0 && paper.refreshEpochs == 0)
  }

  @Test("when the graph is partitioned, and which epochs have a partition for their target")
  func guidance() {
    var options = TrainingOptions(.graph, images: 70000)
    func guided() -> [Int] { (0..<options.chainEpochs).filter { options.isGuided(afterEpoch: $0) } }
    func cut() -> [Int] { (0...options.chainEpochs).filter { options.partitions(afterEpoch: $0) } }
    #expect(options.chainEpochs == 36)
    #expect(guided() == [0..<5, 12..<17, 24..<29].flatMap { Array($0) } && cut() == [0, 12, 24])
    for epoch in 0...options.chainEpochs {
      #expect(options.hasSearchedAnew(beforeEpoch: epoch) == (epoch > 12), "\(epoch)")
    }
    (options.partitionEpochs, options.refreshEpochs, options.chainEpochs) = (0, 20, 40)
    #expect(guided() == [] && cut() == [0, 20])
    (options.partitionEpochs, options.chainEpochs) = (50, 40)
    #expect(guided() == Array(0..<40) && cut() == [0, 20])
    options.refreshEpochs = 40
    #expect(cut() == [0] && !options.hasSearchedAnew(beforeEpoch: 41))
    (options.partitionEpochs, options.refreshEpochs) = (5, 0)
    #expect(guided() == Array(0..<5) && cut() == [0] && !options.hasSearchedAnew(beforeEpoch: 41))
    options.chainEpochs = 0
    #expect(cut() == [0])
    options.initialPartition = .kmeans
    #expect(guided() == [] && cut() == [])
  }

  @Test("the chain may end after an epoch on R, and not before")
  func end() {
    var options = TrainingOptions(.graph, images: 70000)
    func ends() -> [Int] { (1...options.chainEpochs).filter { options.mayEnd(afterEpoch: $0) } }
    #expect(ends() == [6...12, 18...24, 30...36].flatMap { Array($0) })
    options.refreshEpochs = 0
    #expect(ends() == Array(6...36))
    options.partitionEpochs = 50
    #expect(ends() == [])
    options.initialPartition = .kmeans
    #expect(ends() == Array(1...36))
  }

  @Test("a chain ends with the first epoch on R in which no image changes its cluster, and not before")
  func chainEnds() throws {
    let run = try TrainRun(
      ranks: 1,
      [
        "--built-in-images", "203", "--augment", "none", "--members", "1", "--pretrain-epochs", "2",
        "--refinement-epochs", "0", "--chain-epochs", "60", "--partition-epochs", "13", "--refresh-epochs",
        "0",
      ])
    let chain = try run.metrics().filter { $0["stage"] as? String == "dbc" }
    let quiet = chain.filter { $0["changed"] as? Int == 0 }.compactMap { $0["epoch"] as? Int }
    let last = try #require(chain.last?["epoch"] as? Int)
    #expect(last > 13 && last < 60 && quiet.filter { $0 > 13 } == [last], "\(quiet), \(last)")
    #expect(try run.metrics().count { $0["stage"] as? String == "graph" } == 1)
    #expect(chain.allSatisfy { $0["modularity"] is Double })
  }

  @Test(
    "the partitions are looked at that the recipe says, and the one is taken that the choice between them says"
  )
  func candidates() throws {
    let run = try TrainRun(
      ranks: 2,
      [
        "--built-in-images", "203", "--pretrain-epochs", "1", "--refinement-epochs", "1", "--chain-epochs",
        "3", "--refresh-epochs", "2",
      ])
    #expect(run.result.exitCode == 0, "\(run.result)")
    let lines = try run.metrics().filter { $0["stage"] as? String == "graph" }
    #expect(lines.map { $0["epoch"] as? Int } == [0, 2])
    // Behind the first partition one graph is cut instead of two, and the chain's own partition is among them.
    for (line, graphs) in zip(lines, [2, 1]) {
      let candidates = try #require(line["candidates"] as? [[String: Any]])
      func values<Value: Hashable>(_ key: String) -> [Value] { candidates.compactMap { $0[key] as? Value } }
      let merged = 18 * graphs
      #expect(candidates.count == merged + (graphs == 1 ? 1 : 0))
      let parts: [Double] = values("parts")
      let eigenvectors: [Int] = values("eigenvectors")
      let links: [String] = values("link")
      #expect(Set(parts.prefix(merged)) == [2, 3, 4] && Set(eigenvectors.prefix(merged)) == [15, 22, 30])
      #expect(links.count == merged && links.count { $0 == "root" } == merged / 2)
      #expect(eigenvectors.dropFirst(merged).allSatisfy { $0 == 0 })
      let (cuts, entropies, modularities): ([Double], [Double], [Double]) = (
        values("cut"), values("size_entropy"), values("modularity")
      )
      let qualities = candidates.indices.map { number in
        PartitionQuality(cut: cuts[number], entropy: entropies[number], modularity: modularities[number])
      }
      let choice = zip(qualities, candidates).map { ($0, ($1["link"] as? String).flatMap(PartLink.init)) }
      #expect(line["chosen"] as? Int == PartitionChoice.best(choice, clusters: 10))
      let agreement = try #require(line["agreement"] as? Double)
      #expect(agreement > 0.3 && agreement <= 1)
      #expect((line["cluster_sizes"] as? [Int])?.reduce(0, +) == 203)
    }
  }
}
