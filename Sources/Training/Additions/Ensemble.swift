import Clustering
import MPI

/// What the networks of a run have found, one after another: the nearest neighbours of all images by their features.
final class Ensemble: Checkpointed {
  /// The neighbours by the features of the networks so far, and by the pixels.
  private(set) var tables = NeighbourTables()
  private let context: RunContext
  private unowned let progress: RunProgress
  private let partitioner: GraphPartitioner

  init(_ context: RunContext, _ progress: RunProgress, _ partitioner: GraphPartitioner) {
    (self.context, self.progress, self.partitioner) = (context, progress, partitioner)
  }

  /// Adds the neighbours by the features of the network as it is. **Collective.**
  func search() throws {
    if tables.pixels == nil { tables.pixels = try partitioner.neighboursByPixels() }
    tables.features.append(try partitioner.neighboursByFeatures())
  }

  /// The neighbours by the features of the network as it is take the place of all others. **Collective.**
  func searchAnew() throws {
    tables.features = []
    try search()
  }

  func save(to snapshot: inout Snapshot) { tables.save(to: &snapshot) }

  func restore(from snapshot: SnapshotReader) throws {
    let (images, state) = (context.graphSample.images, progress.state)
    var features = context.plan.featureTables(before: state.place)
    if state.place.part == .chain, context.options.hasSearchedAnew(beforeEpoch: state.epoch) { features = 1 }
    tables = try NeighbourTables(
      from: snapshot, features: features,
      images: images, neighbours: context.options.graphNeighbours(images: images))
  }
}
