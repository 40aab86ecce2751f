import Clustering
import FCAE
import MPI

/// A whole run: what all parts share, the model, and the loop over the parts.
package final class Trainer {
  /// What no part changes.
  package let context: RunContext
  /// The network, the centres and the features.
  package let model: Model
  /// Where the run is.
  let progress: RunProgress
  private let ensemble: Ensemble
  private let partitioner: GraphPartitioner
  private let count: ClusterCountSearch
  private let kept: KeptNumbers
  /// The scores of stage II.
  private var sheet: ScoreSheet?

  /// A run at its beginning, alike on all ranks. The network's parameters are zero until `model.network.initialize` or
  /// `restore` sets them.
  package init(_ context: RunContext, _ architecture: Architecture) {
    self.context = context
    model = Model(architecture, context)
    progress = RunProgress(context)
    partitioner = GraphPartitioner(context: context, model: model, progress: progress)
    ensemble = Ensemble(context, progress, partitioner)
    count = ClusterCountSearch(context, progress, ensemble, partitioner)
    kept = KeptNumbers(context, model)
    progress.always = [count, model, ensemble, kept]
  }

  /// Goes to the place of rank 0's `snapshot`, nil elsewhere. **Collective.**
  ///
  /// Throws on all ranks a `CollectiveFailure` of `TrainingError.snapshot` where it does not fit the run.
  package func restore(_ snapshot: Snapshot?) throws { try progress.restore(snapshot) }

  /// Lets the clusters keep the numbers of the model that the network was loaded from. **Collective.** Before `run`.
  ///
  /// - Parameters:
  ///   - centres: the model's, `[clusters][features]`; as many clusters as the run has
  ///   - degreesOfFreedom: ν of the scores around them
  /// - Returns: the number of images in each of the model's clusters.
  package func keepNumbers(of centres: [Float], degreesOfFreedom: Double) throws -> [Int] {
    try kept.take(centres, degreesOfFreedom: degreesOfFreedom)
  }

  /// All parts from where the run is, as `RunPlan` orders them. **Collective.** Called once.
  ///
  /// - Parameter suggestsOnly: whether the run ends with an `EarlyExit` once K is found
  /// - Returns: the scores that stage II has left; the model's features and centres belong to them.
  package func run(suggestsOnly: Bool = false) throws -> ScoreSheet {
    if progress.kept == nil { progress.startClock() }
    repeat {
      if suggestsOnly, let found = count.found {
        try progress.end("\(found) clusters are suggested; --resume goes on with them")
      }
      try runPart()
    } while try advance()
    return sheet!
  }

  private func runPart() throws {
    switch progress.part {
    case .pixelKMeans: _ = try KMeansStage(.pixels, of: context.pixels(), context, progress).run()
    case .pretraining: try Pretraining(context, model, progress).run()
    case .neighbours, .refinedNeighbours: try ensemble.search()
    case .kmeans: try clusterFeatures(.features)
    case .refinement: try Refinement(context: context, model: model, progress: progress).run()
    case .clusterCount: try count.run()
    case .refinedKMeans: try clusterFeatures(.refinedFeatures)
    case .chain: try runChain()
    }
  }

  /// Goes on to the next part, with a checkpoint where these come by epochs. **Collective.**
  ///
  /// - Returns: whether there is one.
  private func advance() throws -> Bool {
    let member = progress.state.place.member
    guard progress.advance() else { return false }
    if progress.part == .pretraining, progress.state.place.member != member {
      model.network.initialize(seed: progress.seed)
    }
    try progress.endPart()
    progress.startClock()
    return true
  }

  /// k-means of the features: sets the centres. **Collective.**
  private func clusterFeatures(_ source: KMeansSource) throws {
    try model.encode()
    let start = try kept.start(of: model.features)
    let result = try KMeansStage(source, of: model.features, start: start, context, progress).run()
    model.setCentres(result.centres)
  }

  /// Stage II. **Collective.**
  private func runChain() throws {
    let guidance =
      context.options.initialPartition == .graph
      ? Guidance(context, model, ensemble, partitioner, kept) : nil
    let chain = try LearningChain(
      ChainSettings.stageTwo(context.options, context), guidance: guidance, model, context, progress)
    try chain.run()
    sheet = chain.sheet
    if let loss = kept.loss(chain.sheet.assignments) { context.observer.warn(loss) }
  }
}
