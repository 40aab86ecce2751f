import Clustering
import Faults
import Lanes
import MPI

/// Between the stages: k-means, which may be stopped and resumed between its runs.
extension Trainer {
  /// k-means of the features: sets the centres. **Collective.**
  package mutating func clusterFeatures() throws {
    guard progress.part == .kmeans else { return }
    if progress.step == 0 { epochStarted = monotonicSeconds() }
    try encodeAll()
    clock.start(.kmeans)
    let data = features
    let result = try bestPartition(of: data)
    clock.stop()
    guard result.inertia.isFinite else { throw try notFiniteFeatures() }
    centres.update(from: result.centres, count: result.centres.count)
    try report(result, of: options.refinementEpochs > 0 ? .refinedFeatures : .features)
    optimizer = makeChainOptimizer()
    begin(Progress(.chain))
    try endEpoch(0, last: true)
  }

  /// Throws on all ranks where a feature is NaN, or so large that squared distances would not be finite. **Collective.**
  func requireFiniteFeatures() throws {
    let finite = features.lanes.all.floats.allSatisfy { abs($0) < 1e17 }
    guard try reduction.communicator.allReduce(finite ? 1 : 0 as Int32, .min) == 1 else {
      throw try notFiniteFeatures()
    }
  }

  /// **Collective.**
  func notFiniteFeatures() throws -> CollectiveFailure {
    let isRefined = options.refinementEpochs > 0 && [.graph, .kmeans, .chain].contains(progress.part)
    let error: TrainingError =
      if progress.part == .chain, progress.epoch > 0 {
        .notFinite(stage: .chain, epoch: progress.epoch, learningRate: optimizer.learningRate)
      } else if isRefined {
        .notFinite(
          stage: .refinement, epoch: options.refinementEpochs, learningRate: options.refinementLearningRate)
      } else {
        .notFinite(
          stage: .pretraining, epoch: options.pretrainEpochs, learningRate: options.pretrainLearningRate)
      }
    return try agreed(error)
  }

  /// k-means of the raw pixels, for comparison only. **Collective.**
  package mutating func clusterPixels() throws {
    guard progress.part == .pixelKMeans else { return }
    if progress.step == 0 { epochStarted = monotonicSeconds() }
    let slice = imageSlice(values: images.grid.count)
    for group in 0..<slice.share.count {
      imageNumbers(group).withUnsafeBufferPointer { images.gather($0, to: slice.group(group)) }
    }
    try report(try bestPartition(of: slice), of: .pixels)
    begin(Progress(.pretraining, epoch: 1))
  }

  /// The pixels of this rank's thumbnails, like features.
  func thumbnails() -> FeatureSlice {
    let slice = imageSlice(values: images.grid.thumbnail.count)
    let group = AlignedBuffer<LaneVector>(count: images.grid.count)
    for number in 0..<slice.share.count {
      imageNumbers(number).withUnsafeBufferPointer { images.gather($0, to: group.base) }
      images.grid.makeThumbnails(group.base, to: slice.group(number))
    }
    return slice
  }

  private func imageSlice(values: Int) -> FeatureSlice {
    FeatureSlice(
      images: images.count, features: values, plan: features.plan, rank: reduction.communicator.rank)
  }

  /// The best of several runs of k-means, from the one that is next. **Collective.**
  private mutating func bestPartition(of data: borrowing FeatureSlice) throws -> KMeansResult {
    let kmeans = KMeansOptions(
      clusters: options.clusters, restarts: options.kmeansRestarts, seed: options.seed)
    var search = try KMeansSearch(
      data, kmeans, reduction, done: progress.step, best: try restoredPartition(data))
    while !search.isFinished {
      FaultHook.pass("kmeans", ["restart": search.done + 1])
      try search.runOnce(data)
      progress.step = search.done
      progress.inertia = search.best?.inertia
      progress.iterations = search.best?.iterations ?? 0
      let asked = control.request
      let all = try reduction.communicator.allReduce(
        [asked.stop ? 1 : 0, asked.save ? 1 : 0] as [Int32], .max)
      try serve(RunRequest(stop: all[0] > 0, save: all[1] > 0), best: search.best)
    }
    return search.best!
  }

  /// The best partition that a checkpoint within k-means holds. **Collective.**
  private mutating func restoredPartition(_ data: borrowing FeatureSlice) throws -> KMeansResult? {
    guard progress.step > 0, let inertia = progress.inertia else { return nil }
    var centres: [Float] = []
    var assignments: [Float] = []
    let width = options.clusters * data.features
    try reduction.communicator.onRoot {
      guard let restored else { return }
      centres = try restored.values("kmeans_centres", count: width)
      assignments = try restored.values("kmeans_assignments", count: images.count)
    }
    restored = nil
    let all = try reduction.communicator.broadcast(assignments)
    return KMeansResult(
      centres: try reduction.communicator.broadcast(centres), inertia: inertia,
      assignments: all[data.ownImages].map { Int32($0) }, iterations: progress.iterations)
  }

  private func report(_ result: KMeansResult, of source: KMeansSource) throws {
    let all = try reduction.communicator.gather(result.assignments).flatMap { $0 }
    var sizes = Array(repeating: 0, count: options.clusters)
    for cluster in all { sizes[Int(cluster)] += 1 }
    try observer.record(
      .kmeans(
        KMeansRecord(
          source: source, origin: source == .pixels ? nil : origin, inertia: result.inertia,
          iterations: result.iterations, restarts: options.kmeansRestarts,
          seconds: monotonicSeconds() - epochStarted, sizes: sizes, metrics: metrics(of: all))))
  }
}
