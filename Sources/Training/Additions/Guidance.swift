import Basics
import Clustering
import Lanes
import MPI

/// What neighbour graphs say in stage II. The first partition moves the centres to its class means, and is the target in place
/// of R for some epochs. Then R is made of scores that are averaged over every image's neighbours, by a graph that is made anew
/// every `refreshEpochs` epochs.
final class Guidance: Checkpointed {
  /// The partition that is the target of the next epoch in place of R: the clusters of this rank's images. nil: there is none.
  private(set) var guide: [Int32]?
  /// What averages the scores that R is made of; nil where they are left as they are.
  private(set) var average: NeighbourAverage?
  private let context: RunContext
  private let model: Model
  private let progress: RunProgress
  private let ensemble: Ensemble
  private let partitioner: GraphPartitioner
  private let kept: KeptNumbers

  init(
    _ context: RunContext, _ model: Model, _ progress: RunProgress, _ ensemble: Ensemble,
    _ partitioner: GraphPartitioner, _ kept: KeptNumbers
  ) {
    (self.context, self.model, self.progress) = (context, model, progress)
    (self.ensemble, self.partitioner, self.kept) = (ensemble, partitioner, kept)
  }

  /// What is due at the end of epoch `epoch`, 0 being before the first: the partition, or a new graph. **Collective.**
  func refresh(afterEpoch epoch: Int) throws {
    let options = context.options
    if epoch == 0 { guide = try firstPartition() }
    if !options.isGuided(afterEpoch: epoch) { guide = nil }
    guard options.searchesAnew(afterEpoch: epoch) else { return }
    // The scores before have encoded all images, but not before the first epoch.
    try ensemble.searchAnew()
    makeAverage()
  }

  /// The average over the neighbours that have been found last.
  private func makeAverage() {
    let isRoot = context.reduction.communicator.isRoot
    average = NeighbourAverage(
      graph: isRoot ? Whereabouts.working("graphs") { ensemble.tables.graph } : nil,
      sample: context.graphSample, plan: context.dataPlan, weight: Float(context.options.graphWeight),
      context.reduction)
  }

  /// The partition of the graphs of all networks; the centres are its class means. **Collective.**
  private func firstPartition() throws -> [Int32] {
    let started = monotonicSeconds()
    try model.encode()
    let (found, record) = try partitioner.partition(
      ensemble.tables, searchSeconds: monotonicSeconds() - started)
    try context.observer.record(.graph(record))
    ensemble.forget()
    return try context.clock.during(.graph) {
      let names = try names(of: found)
      let partition = found.map { names[Int($0)] }
      let (means, _) = try classMeans(
        model.features, partition, clusters: context.options.clusters, keeping: model.centreValues,
        context.reduction)
      model.setCentres(means)
      return partition
    }
  }

  /// The chain's number of every cluster of `found`: where numbers are kept, those that agree with them for as many images as
  /// possible. **Collective.**
  private func names(of found: [Int32]) throws -> [Int32] {
    let clusters = context.options.clusters
    let all = try context.reduction.communicator.gatherJoined(found)
    var names = (0..<clusters).map { Int32($0) }
    if !kept.assignments.isEmpty {
      var table = Array(repeating: Array(repeating: 0, count: clusters), count: clusters)
      for (new, old) in zip(all, kept.assignments) { table[Int(new)][Int(old)] += 1 }
      names = Whereabouts.working("numbers of clusters") { maximumAssignment(table).map { Int32($0) } }
    }
    return try context.reduction.communicator.broadcast(names)
  }

  func save(to snapshot: inout Snapshot) throws {
    guard let guide else { return }
    let all = try context.reduction.communicator.gatherJoined(guide)
    snapshot.add("guide", all)
  }

  func restore(from snapshot: SnapshotReader) throws {
    (guide, average) = (nil, nil)
    if try snapshot.has("guide") {
      let all = try snapshot.numbers(
        "guide", count: context.images.count, below: context.options.clusters)
      guide = Array(all[model.features.ownImages])
    }
    // The networks' neighbours have been restored before.
    if context.options.hasSearched(beforeEpoch: progress.state.epoch) { makeAverage() }
  }
}
