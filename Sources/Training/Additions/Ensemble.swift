import Clustering
import MPI

/// What the networks of a run have found, one after another: their neighbour tables, and the judgements on their
/// augmentations.
final class Ensemble: Checkpointed {
  /// The neighbours by the features of the networks so far, and by the pixels.
  private(set) var tables = NeighbourTables()
  private let context: RunContext
  private unowned let progress: RunProgress
  private let partitioner: GraphPartitioner

  init(_ context: RunContext, _ progress: RunProgress, _ partitioner: GraphPartitioner) {
    (self.context, self.progress, self.partitioner) = (context, progress, partitioner)
  }

  /// After stage I of a candidate: the first of two judgements on its augmentation. **Collective.**
  func judgeStageOne() throws {
    try findPixelNeighbours()
    let record = try judge(try partitioner.neighboursByFeatures(), isRefined: false)
    try context.observer.record(.comparison(record))
  }

  /// At the end of a network's training: its neighbours, and the second judgement where it is a candidate. After the last
  /// candidate the neighbours of the best stay, as if it had been the only one. **Collective.**
  func endNetwork() throws {
    try findPixelNeighbours()
    tables.members.append(try partitioner.neighboursByFeatures())
    guard context.plan.isCandidate(progress.network) else { return }
    var record = try judge(tables.members.last!, isRefined: true)
    if progress.network.candidate + 1 == Augmentation.candidates.count {
      let best = RunPlan.best(progress.network.modularities)
      tables.members = [tables.members[best]]
      record.sums = zip(Augmentation.candidates, RunPlan.sums(progress.network.modularities)).map {
        ComparisonRecord.Sum(augment: $0.name, modularity: $1)
      }
      record.taken = Augmentation.candidates[best].name
    }
    try context.observer.record(.comparison(record))
  }

  /// The neighbours by the features of the model as it is take the place of the networks' at their ends. **Collective.**
  func searchAnew() throws {
    try findPixelNeighbours()
    tables.members = [try partitioner.neighboursByFeatures()]
  }

  /// The networks' neighbours are not needed any more; the pixels' are.
  func forgetMembers() { tables.members = [] }

  /// The neighbours by the thumbnails, where these have a say and have not been found before. **Collective.**
  private func findPixelNeighbours() throws {
    guard context.options.pixelGraph, tables.pixels == nil else { return }
    tables.pixels = try partitioner.neighboursByPixels()
  }

  /// Notes how well the neighbour graph of `table`, with the pixels', falls into clusters. **Collective.**
  private func judge(_ table: NeighbourTable, isRefined: Bool) throws -> ComparisonRecord {
    let graph = try partitioner.describe(
      NeighbourTables(pixels: tables.pixels, members: [table]), searchSeconds: progress.elapsedSeconds)
    progress.network.modularities.append(graph.partition.quality.modularity)
    return ComparisonRecord(
      origin: progress.origin, isRefined: isRefined, partition: graph.partition, seconds: graph.seconds)
  }

  func save(to snapshot: inout Snapshot) { tables.save(to: &snapshot) }

  func restore(from snapshot: SnapshotReader) throws {
    let images = context.graphSample.images
    tables = try NeighbourTables(
      from: snapshot,
      members: context.plan.networksSearched(at: progress.state.place, isBegun: progress.state.isBegun),
      images: images, neighbours: context.options.graphNeighbours(images: images))
  }
}
