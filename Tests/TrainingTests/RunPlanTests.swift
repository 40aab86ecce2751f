import Testing
import Training

/// The parts of a run, one after another, for every option that adds or leaves out a part.
@Suite struct RunPlanTests {
  /// The parts in short: a letter each, and the network where it changes.
  ///
  /// - Parameter modularities: what the judgements find, in order
  private func walk(_ options: TrainingOptions, _ modularities: [Double] = []) -> [String] {
    let plan = RunPlan(options)
    var found: [String] = []
    var judgements = modularities[...]
    var place: RunPlace? = plan.first
    while var here = place, found.count < 100 {
      found.append("\(here.part.rawValue) \(here.network.member).\(here.network.candidate)")
      let isJudged =
        here.part == .comparison
        || (here.part == .neighbours && here.network.member == 0 && options.augmentation == .compared)
      if isJudged, let next = judgements.popFirst() { here.network.modularities.append(next) }
      place = plan.next(after: here)
    }
    return found
  }

  @Test("the paper's recipe: stage I, k-means, stage II; with the pixels first where they are asked for")
  func paper() {
    var options = TrainingOptions()
    #expect(walk(options) == ["fcae 0.0", "kmeans 0.0", "dbc 0.0"])
    options.pixelKMeans = true
    #expect(walk(options) == ["pixel-kmeans 0.0", "fcae 0.0", "kmeans 0.0", "dbc 0.0"])
    // Stages without epochs are passed through, not left out: what they leave is needed.
    (options.pretrainEpochs, options.chainEpochs, options.pixelKMeans) = (0, 0, false)
    #expect(walk(options) == ["fcae 0.0", "kmeans 0.0", "dbc 0.0"])
  }

  @Test("the refinement comes between the stages, with k-means before and after it")
  func refinement() {
    var options = TrainingOptions()
    options.refinementEpochs = 2
    #expect(
      walk(options) == ["fcae 0.0", "kmeans 0.0", "refine 0.0", "refined-kmeans 0.0", "dbc 0.0"])
    options.initialPartition = .graph
    #expect(
      walk(options)
        == ["fcae 0.0", "kmeans 0.0", "refine 0.0", "neighbours 0.0", "refined-kmeans 0.0", "dbc 0.0"])
    options.refinementEpochs = 0
    #expect(walk(options) == ["fcae 0.0", "neighbours 0.0", "kmeans 0.0", "dbc 0.0"])
  }

  @Test("members are trained one after another; k-means of stage I's features is that of the last one")
  func members() {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 3, 1)
    #expect(
      walk(options) == [
        "fcae 0.0", "refine 0.0", "neighbours 0.0", "fcae 1.0", "refine 1.0", "neighbours 1.0", "fcae 2.0",
        "kmeans 2.0",
        "refine 2.0", "neighbours 2.0", "refined-kmeans 2.0", "dbc 2.0",
      ])
    options.refinementEpochs = 0
    #expect(
      walk(options) == [
        "fcae 0.0", "neighbours 0.0", "fcae 1.0", "neighbours 1.0", "fcae 2.0", "neighbours 2.0",
        "kmeans 2.0", "dbc 2.0",
      ])
  }

  @Test("where K is to be found, it is found behind the last network, and there is no k-means before")
  func range() {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 2, 1)
    options.clusterCount = ClusterCount(least: 2, most: 9)
    #expect(
      walk(options) == [
        "fcae 0.0", "refine 0.0", "neighbours 0.0", "fcae 1.0", "refine 1.0", "neighbours 1.0",
        "clusters 1.0", "refined-kmeans 1.0", "dbc 1.0",
      ])
    options.refinementEpochs = 0
    #expect(walk(options).suffix(3) == ["clusters 1.0", "kmeans 1.0", "dbc 1.0"])
  }

  @Test(
    "the first member is trained with every augmentation and judged twice; the others with the one of the largest sum",
    arguments: [([0.5, 0.6, 0.4, 0.8], 1), ([0.5, 0.6, 0.4, 0.6], 0), ([0.6, 0.5, 0.5, 0.6], 0)])
  func comparison(_ modularities: [Double], best: Int) {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 2, 1)
    options.augmentation = .compared
    let first = (0...1).flatMap {
      ["fcae 0.\($0)", "augment 0.\($0)", "refine 0.\($0)", "neighbours 0.\($0)"]
    }
    let last = ["fcae", "kmeans", "refine", "neighbours", "refined-kmeans", "dbc"].map { "\($0) 1.\(best)" }
    #expect(walk(options, modularities) == first + last)
    options.refinementEpochs = 0
    let short = (0...1).flatMap { ["fcae 0.\($0)", "augment 0.\($0)", "neighbours 0.\($0)"] }
    #expect(
      walk(options, modularities) == short
        + ["fcae", "neighbours", "kmeans", "dbc"].map { "\($0) 1.\(best)" })
  }

  @Test("only places that a run comes to are in its plan")
  func places() {
    var options = TrainingOptions()
    (options.initialPartition, options.members, options.refinementEpochs) = (.graph, 2, 1)
    options.augmentation = .compared
    let plan = RunPlan(options)
    func contains(_ part: RunPart, _ member: Int, _ candidate: Int, _ modularities: [Double]) -> Bool {
      var network = NetworkNumber()
      (network.member, network.candidate, network.modularities) = (member, candidate, modularities)
      return plan.contains(RunPlace(part, network))
    }
    #expect(contains(.pretraining, 0, 0, []) && contains(.refinement, 0, 0, [0.5]))
    #expect(contains(.neighbours, 0, 1, [0.5, 0.6, 0.4]) && contains(.chain, 1, 1, [0.5, 0.6, 0.4, 0.8]))
    #expect(!contains(.chain, 1, 0, [0.5, 0.6, 0.4, 0.8]), "the candidate is not the best")
    #expect(!contains(.refinement, 0, 0, []) && !contains(.pretraining, 0, 1, [0.5]))
    #expect(!contains(.pixelKMeans, 0, 0, []) && !contains(.chain, 2, 1, [0.5, 0.6, 0.4, 0.8]))
    #expect(!contains(.refinement, 0, 0, [.nan]) && !contains(.chain, -1, 0, []))
  }
}
