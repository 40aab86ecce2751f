import Clustering
import MPI

/// The learning chain for finer clusters than are asked for, between the stages: it makes the features tell parts of clusters
/// apart without deciding yet which parts belong together.
struct Refinement {
  let context: RunContext
  let model: Model
  let progress: RunProgress

  /// Refines the model's features. **Collective.** It leaves no centres.
  func run() throws {
    let settings = ChainSettings.refinement(context.options, context)
    if !progress.state.isBegun { try findCentres(settings.clusters) }
    let chain = try LearningChain(settings, model, context, progress)
    try chain.run()
    model.setCentres([])
  }

  /// One run of k-means of the features for the first centres. **Collective.**
  private func findCentres(_ clusters: Int) throws {
    try model.encode()
    context.clock.start(.kmeans)
    let result = try kMeans(
      model.features, KMeansOptions(clusters: clusters, restarts: 1, seed: progress.seed), context.reduction)
    context.clock.stop()
    guard result.inertia.isFinite else { throw try progress.notFiniteFeatures() }
    model.setCentres(result.centres)
  }
}
