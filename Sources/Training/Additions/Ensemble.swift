import Clustering
import Lanes
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

  /// Adds the neighbours by the features of the network as it is. A network that was trained on moved images has averages of features
  /// over images that are moved as far as they were there: how an object is turned or slanted then counts for less. **Collective.**
  func search() throws {
    if tables.pixels == nil { tables.pixels = try partitioner.neighboursByPixels() }
    try add(moved: progress.augmentation.extremes(context.images.grid))
  }

  /// The neighbours by the features of the network as it is, of the images as they are, take the place of all others. **Collective.**
  func searchAnew() throws {
    tables.features = []
    try add(moved: [])
  }

  private func add(moved maps: [AffineMap]) throws {
    tables.features.append(try partitioner.neighboursByFeatures(moved: maps))
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
