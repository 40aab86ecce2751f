import Foundation
import Support
import Testing
import Training

@Suite(.serialized) struct RecipeTests {
  @Test("five degrees of freedom where neighbours have a say in R, one where the chain is left to itself")
  func degreesOfFreedom() {
    let options = TrainingOptions(.graph, images: 70000)
    #expect(options.degreesOfFreedom == 5 && options.graphWeight == 0.9)
    var given = GivenOptions()
    given[\.graphWeight] = 0
    #expect(TrainingOptions(.graph, images: 70000, given: given).degreesOfFreedom == 1)
    given = GivenOptions()
    given[\.initialPartition] = .kmeans
    #expect(TrainingOptions(.graph, images: 70000, given: given).degreesOfFreedom == 1)
    let paper = TrainingOptions(.paper, images: 70000)
    #expect(paper.degreesOfFreedom == 1 && paper.graphWeight == 0)
  }

  @Test("which epochs have the partition for their target, and when the neighbours are searched anew")
  func guidance() {
    var options = TrainingOptions(.graph, images: 70000)
    func guided() -> [Int] { (0..<options.chainEpochs).filter { options.isGuided(afterEpoch: $0) } }
    func searched() -> [Int] { (0...options.chainEpochs).filter { options.searchesAnew(afterEpoch: $0) } }
    #expect(guided() == [0, 1, 2, 3, 4] && searched() == [5, 17, 29, 41])
    for epoch in 0...options.chainEpochs {
      #expect(options.hasSearched(beforeEpoch: epoch) == searched().contains { $0 < epoch }, "\(epoch)")
    }
    (options.partitionEpochs, options.refreshEpochs, options.chainEpochs) = (0, 20, 40)
    #expect(guided() == [] && searched() == [0, 20])
    (options.partitionEpochs, options.chainEpochs) = (50, 40)
    #expect(guided() == Array(0..<40) && searched() == [] && !options.hasSearched(beforeEpoch: 41))
    options.partitionEpochs = 5
    options.graphWeight = 0
    #expect(guided() == Array(0..<5) && searched() == [])
    options.initialPartition = .kmeans
    #expect(guided() == [] && searched() == [])
  }

  @Test("the chain may end after an epoch on R, and not before")
  func end() {
    var options = TrainingOptions(.graph, images: 70000)
    func ends() -> [Int] { (1...options.chainEpochs).filter { options.mayEnd(afterEpoch: $0) } }
    #expect(ends() == Array(6...48))
    options.partitionEpochs = 0
    #expect(ends() == Array(1...48))
    options.partitionEpochs = 50
    #expect(ends() == [])
    options.initialPartition = .kmeans
    #expect(ends() == Array(1...48))
  }

  @Test("a chain ends with the first epoch on R in which no image changes its cluster, and not before")
  func chainEnds() throws {
    let run = try TrainRun(
      ranks: 1,
      [
        "--built-in-images", "203", "--augment", "none", "--members", "1", "--pretrain-epochs", "2",
        "--refinement-epochs", "0", "--chain-epochs", "60", "--partition-epochs", "13", "--refresh-epochs",
        "15",
      ])
    let chain = try run.metrics().filter { $0["stage"] as? String == "dbc" }
    let quiet = chain.filter { $0["changed"] as? Int == 0 }.compactMap { $0["epoch"] as? Int }
    let last = try #require(chain.last?["epoch"] as? Int)
    #expect(last > 13 && last < 60 && quiet.filter { $0 > 13 } == [last], "\(quiet), \(last)")
    #expect(try run.metrics().count { $0["stage"] as? String == "graph" } == 1)
    // There is a modularity from the first graph of the chain on.
    let judged = chain.filter { $0["modularity"] is Double }.compactMap { $0["epoch"] as? Int }
    #expect(judged == Array(13...last))
  }

  @Test("the partition is, of those that cut about as little as possible, the one of the highest modularity")
  func candidates() throws {
    let run = try TrainRun(
      ranks: 2,
      [
        "--built-in-images", "203", "--pretrain-epochs", "1", "--refinement-epochs", "1", "--chain-epochs",
        "1",
      ])
    #expect(run.result.exitCode == 0, "\(run.result)")
    let lines = try run.metrics().filter { $0["stage"] as? String == "graph" }
    let line = try #require(lines.first)
    #expect(lines.count == 1)
    let candidates = try #require(line["candidates"] as? [[String: Any]])
    func numbers(_ key: String) -> [Double] { candidates.compactMap { $0[key] as? Double } }
    let (cuts, modularities) = (numbers("cut"), numbers("modularity"))
    #expect(candidates.count == 30 && cuts.count == 30 && modularities.count == 30)
    #expect(Set(numbers("parts")) == [1.5, 2, 3] && Set(numbers("eigenvectors")) == [10, 12, 15, 18, 22])
    let limit = 1.25 * cuts.min()! + 0.02
    let best = zip(cuts, modularities).filter { $0.0 <= limit }.map(\.1).max()
    #expect(line["modularity"] as? Double == best)
    let agreement = try #require(line["agreement"] as? Double)
    #expect(agreement > 0.3 && agreement <= 1)
    #expect((line["cluster_sizes"] as? [Int])?.reduce(0, +) == 203)
  }
}
