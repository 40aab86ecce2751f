import Clustering
import MPI

/// The clusters of all images by the model that a run starts from, where the run's clusters are to keep their numbers:
/// k-means starts from them, and the neighbour graph's first partition is numbered by them.
final class KeptNumbers: Checkpointed {
  /// Of all images, on rank 0; empty on the other ranks, and where the run numbers its clusters itself.
  private(set) var assignments: [Int32] = []
  /// Of this rank's images.
  private var own: [Int32] = []
  /// The model's centres, `[clusters][features]`; empty where the run numbers its clusters itself.
  private var centres: [Float] = []
  private let context: RunContext
  private unowned let model: Model

  /// The run numbers its clusters itself until `take`, or a checkpoint, says otherwise.
  init(_ context: RunContext, _ model: Model) { (self.context, self.model) = (context, model) }

  /// Finds the clusters of all images by the network as it is and by `centres`. **Collective.** It leaves the model no centres.
  ///
  /// - Parameters:
  ///   - centres: `[clusters][features]`
  ///   - degreesOfFreedom: ν of the scores around them
  /// - Returns: the number of images in each cluster.
  func take(_ centres: [Float], degreesOfFreedom: Double) throws -> [Int] {
    self.centres = centres
    model.setCentres(centres)
    try model.encode()
    let rule = SoftScores(
      clusters: model.clusters, features: model.network.features, degreesOfFreedom: Float(degreesOfFreedom))
    let sheet = ScoreSheet(
      rule, images: context.images.count, plan: context.dataPlan, context.reduction)
    let scores = try context.clock.during(.target) {
      try sheet.score(model.features, centres: model.centres)
    }
    (assignments, own) = (sheet.assignments, sheet.own)
    model.setCentres([])
    return scores.sizes
  }

  /// Where k-means of `data` starts: at the means of the model's clusters there; nil where numbers are not kept. A cluster
  /// without images starts at the model's centre. **Collective.**
  func start(of data: FeatureSlice) throws -> [Float]? {
    guard !centres.isEmpty else { return nil }
    return try context.clock.during(.kmeans) {
      try classMeans(
        data, own, clusters: context.options.clusters, keeping: centres, context.reduction
      ).means
    }
  }

  /// What the run has made of the numbers, where a cluster of the model has lost most of its images; nil elsewhere, and where the run
  /// numbers its clusters itself.
  ///
  /// - Parameter found: the clusters of all images, on rank 0
  func loss(_ found: [Int32]) -> String? {
    guard !assignments.isEmpty, found.count == assignments.count else { return nil }
    var (kept, all) = (
      [Int](repeating: 0, count: model.clusters), [Int](repeating: 0, count: model.clusters)
    )
    for (old, new) in zip(assignments, found) {
      all[Int(old)] += 1
      if old == new { kept[Int(old)] += 1 }
    }
    let lost = all.indices.filter { 2 * kept[$0] < all[$0] }
    guard !lost.isEmpty else { return nil }
    let shown = lost.prefix(30).map(String.init).joined(separator: ", ") + (lost.count > 30 ? ", …" : "")
    return
      "\(kept.reduce(0, +)) of \(found.count) images have the number that the model of --init gives them; "
      + "most of the images of its cluster\(lost.count == 1 ? "" : "s") \(shown) have another one: names of theirs may not fit"
  }

  func save(to snapshot: inout Snapshot) {
    guard !centres.isEmpty else { return }
    snapshot.add("kept_centres", centres)
    snapshot.add("kept_assignments", assignments)
  }

  func restore(from snapshot: SnapshotReader) throws {
    guard try snapshot.has("kept_centres") else { return }
    let clusters = context.options.clusters
    centres = try snapshot.values("kept_centres", count: clusters * model.network.features)
    let all = try snapshot.numbers("kept_assignments", count: context.images.count, below: clusters)
    if context.reduction.communicator.isRoot { assignments = all }
    own = Array(all[model.features.ownImages])
  }

  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) { centres.withUnsafeBufferPointer(visit) }
}
