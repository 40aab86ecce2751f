import Clustering
import Faults
import MPI

/// k-means with restarts as a part of a run, which may be stopped and resumed between its runs. The clusters are numbered as
/// k-means found them.
final class KMeansStage: Checkpointed {
  private let context: RunContext
  private let progress: RunProgress
  private let source: KMeansSource
  /// What is clustered, of this rank's images.
  private let data: FeatureSlice
  /// Where the only run starts, `[clusters][features]`; nil: several runs start from images that are drawn.
  private let start: [Float]?
  /// The best partition so far.
  private var best: KMeansResult?

  /// k-means of `data`, which is `source`.
  ///
  /// - Parameter start: where one run starts, `[clusters][features]`; nil: several runs start from images that are drawn
  init(
    _ source: KMeansSource, of data: FeatureSlice, start: [Float]? = nil, _ context: RunContext,
    _ progress: RunProgress
  ) {
    (self.source, self.data, self.start) = (source, data, start)
    (self.context, self.progress) = (context, progress)
  }

  /// All runs; says on rank 0 what came of them. **Collective.**
  ///
  /// - Returns: the partition of the lowest inertia.
  func run() throws -> KMeansResult {
    let options = context.options
    try progress.enter(self, steps: restarts)
    context.clock.start(.kmeans)
    var kmeans = KMeansOptions(clusters: options.clusters, restarts: restarts, seed: options.seed)
    kmeans.start = start
    var search = try KMeansSearch(data, kmeans, context.reduction, done: progress.state.step, best: best)
    while !search.isFinished {
      FaultHook.pass("kmeans", ["restart": search.done + 1])
      try search.runOnce(data)
      best = search.best
      progress.state.step = search.done
      try progress.serve(try context.agreedRequest(), self)
    }
    context.clock.stop()
    let result = search.best!
    guard result.inertia.isFinite else { throw try progress.notFiniteFeatures() }
    try report(result)
    return result
  }

  private var restarts: Int { start == nil ? context.options.kmeansRestarts : 1 }

  private func report(_ result: KMeansResult) throws {
    let all = try context.reduction.communicator.gatherJoined(result.assignments)
    var sizes = Array(repeating: 0, count: context.options.clusters)
    for cluster in all { sizes[Int(cluster)] += 1 }
    try context.observer.record(
      .kmeans(
        KMeansRecord(
          source: source, origin: source == .pixels ? nil : progress.origin, inertia: result.inertia,
          iterations: result.iterations, restarts: restarts,
          seconds: progress.elapsedSeconds, sizes: sizes, metrics: context.metrics(of: all))))
  }

  func save(to snapshot: inout Snapshot) throws {
    guard let best else { return }
    let assignments = try context.reduction.communicator.gatherJoined(best.assignments)
    snapshot.add("kmeans_centres", best.centres)
    snapshot.add("kmeans_assignments", assignments)
    snapshot.add("kmeans_inertia", scalar: best.inertia)
    snapshot.add("kmeans_iterations", scalar: Double(best.iterations))
  }

  func restore(from snapshot: SnapshotReader) throws {
    let clusters = context.options.clusters
    let centres = try snapshot.values("kmeans_centres", count: clusters * data.features)
    let all = try snapshot.numbers("kmeans_assignments", count: context.images.count, below: clusters)
    best = KMeansResult(
      centres: centres, inertia: try snapshot.scalar("kmeans_inertia"),
      assignments: Array(all[data.ownImages]),
      iterations: try snapshot.counter("kmeans_iterations"))
  }
}
