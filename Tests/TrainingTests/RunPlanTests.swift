import Testing
import Training

/// The parts of a run, one after another, for every option that adds or leaves out a part.
@Suite struct RunPlanTests {
  /// The parts and their networks.
  private func walk(_ options: TrainingOptions) -> [String] {
    let plan = RunPlan(options)
    var found: [String] = []
    var place: RunPlace? = plan.first
    while let here = place, found.count < 100 {
      found.append("\(here.part.rawValue) \(here.member)")
      place = plan.next(after: here)
    }
    return found
  }

  @Test("the paper's recipe: stage I, k-means, stage II; with the pixels first where they are asked for")
  func paper() {
    var options = TrainingOptions()
    #expect(walk(options) == ["fcae 0", "kmeans 0", "dbc 0"])
    options.pixelKMeans = true
    #expect(walk(options) == ["pixel-kmeans 0", "fcae 0", "kmeans 0", "dbc 0"])
    // Stages without epochs are passed through, not left out: what they leave is needed.
    (options.pretrainEpochs, options.chainEpochs, options.pixelKMeans) = (0, 0, false)
    #expect(walk(options) == ["fcae 0", "kmeans 0", "dbc 0"])
  }

  @Test(
    "the refinement comes between the stages, with k-means, and searches for neighbours, before and after it")
  func refinement() {
    var options = TrainingOptions()
    options.refinementEpochs = 2
    #expect(walk(options) == ["fcae 0", "kmeans 0", "refine 0", "refined-kmeans 0", "dbc 0"])
    options.initialPartition = .graph
    #expect(
      walk(options) == [
        "fcae 0", "neighbours 0", "kmeans 0", "refine 0", "refined-neighbours 0", "refined-kmeans 0", "dbc 0",
      ])
    options.refinementEpochs = 0
    #expect(walk(options) == ["fcae 0", "neighbours 0", "kmeans 0", "dbc 0"])
  }

  @Test("members are trained one after another; k-means of stage I's features is that of the last one")
  func members() {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 3, 1)
    func network(_ number: Int) -> [String] {
      ["fcae", "neighbours", "refine", "refined-neighbours"].map { "\($0) \(number)" }
    }
    let last = ["fcae", "neighbours", "kmeans", "refine", "refined-neighbours", "refined-kmeans", "dbc"]
    #expect(walk(options) == network(0) + network(1) + last.map { "\($0) 2" })
    options.refinementEpochs = 0
    #expect(
      walk(options) == [
        "fcae 0", "neighbours 0", "fcae 1", "neighbours 1", "fcae 2", "neighbours 2", "kmeans 2", "dbc 2",
      ])
  }

  @Test("where K is to be found, it is found behind the last network, and there is no k-means before")
  func range() {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 2, 1)
    options.clusterCount = ClusterCount(least: 2, most: 9)
    let networks = (0...1).flatMap { number in
      ["fcae", "neighbours", "refine", "refined-neighbours"].map { "\($0) \(number)" }
    }
    #expect(walk(options) == networks + ["clusters 1", "refined-kmeans 1", "dbc 1"])
    options.refinementEpochs = 0
    #expect(walk(options).suffix(3) == ["clusters 1", "kmeans 1", "dbc 1"])
  }

  @Test("only places that a run comes to are in its plan")
  func places() {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 2, 1)
    let plan = RunPlan(options)
    func contains(_ part: RunPart, _ member: Int) -> Bool { plan.contains(RunPlace(part, member: member)) }
    #expect(
      contains(.pretraining, 0) && contains(.refinement, 0) && contains(.kmeans, 1) && contains(.chain, 1))
    #expect(!contains(.kmeans, 0) && !contains(.chain, 0) && !contains(.refinedKMeans, 0))
    #expect(!contains(.pixelKMeans, 0) && !contains(.chain, 2) && !contains(.chain, -1))
  }
}
