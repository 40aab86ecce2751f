import Basics
import Clustering
import Lanes
import MPI

/// What neighbour graphs say in stage II: a partition before it and every `refreshEpochs` epochs, each of which moves the
/// centres to its class means and is the target in place of R for some epochs; and averages over neighbours, of which R is made.
final class Guidance: Checkpointed {
  /// The partition that is the target of the next epoch in place of R: the clusters of this rank's images. nil: there is none.
  private(set) var guide: [Int32]?
  /// Images per cluster of the last partition, which R is to keep to; nil where it is not.
  private(set) var sizes: [Int]?
  /// What averages the scores that R is made of; nil where they are left as they are.
  private(set) var average: NeighbourAverage?
  private let context: RunContext
  private let model: Model
  private let ensemble: Ensemble
  private let partitioner: GraphPartitioner
  private let kept: KeptNumbers

  init(
    _ context: RunContext, _ model: Model, _ ensemble: Ensemble, _ partitioner: GraphPartitioner,
    _ kept: KeptNumbers
  ) {
    (self.context, self.model, self.ensemble, self.partitioner) = (context, model, ensemble, partitioner)
    self.kept = kept
  }

  /// At the end of epoch `epoch`, 0 being before the first: a new partition, where it is due; none any more, where R is to be
  /// the next epoch's target. **Collective.**
  ///
  /// - Parameter sheet: the assignments so far, by which the new clusters are numbered
  func refresh(afterEpoch epoch: Int, _ sheet: ScoreSheet) throws {
    if context.options.partitions(afterEpoch: epoch) {
      guide = try newPartition(afterEpoch: epoch, sheet)
    }
    if !context.options.isGuided(afterEpoch: epoch) { guide = nil }
  }

  /// From now on averages are taken over the neighbours in `graph`, which is on rank 0.
  private func setAverage(_ graph: NeighbourGraph?) {
    guard context.options.graphWeight > 0 else { return }
    average = NeighbourAverage(
      graph: graph, sample: context.graphSample, plan: context.dataPlan,
      weight: Float(context.options.graphWeight),
      context.reduction)
  }

  /// The graph's partition: of the networks at their ends, before the chain, and later of the current features. **Collective.**
  private func newPartition(afterEpoch epoch: Int, _ sheet: ScoreSheet) throws -> [Int32] {
    let started = monotonicSeconds()
    if epoch == 0 { try model.encode() } else { try ensemble.searchAnew() }
    let (found, graph, record) = try partitioner.partition(
      ensemble.tables, epoch: epoch, current: epoch == 0 ? nil : sheet.own,
      searchSeconds: monotonicSeconds() - started)
    if let record { try context.observer.record(.graph(record)) }
    setAverage(graph)
    return try context.clock.during(.graph) {
      let names = try names(of: found, sheet)
      let partition = found.map { names[Int($0)] }
      let (means, sizes) = try classMeans(
        model.features, partition, clusters: context.options.clusters, keeping: model.centreValues,
        context.reduction)
      model.setCentres(means)
      self.sizes = context.options.normalization == .partition ? sizes : nil
      return partition
    }
  }

  /// The chain's number of every cluster of `found`: numbers that agree with the assignments so far, or with those whose
  /// numbers are kept, for as many images as possible. **Collective.**
  private func names(of found: [Int32], _ sheet: ScoreSheet) throws -> [Int32] {
    let clusters = context.options.clusters
    let all = try context.reduction.communicator.gatherJoined(found)
    var names = (0..<clusters).map { Int32($0) }
    let before = sheet.assignments.isEmpty ? kept.assignments : sheet.assignments
    if !before.isEmpty {
      var table = Array(repeating: Array(repeating: 0, count: clusters), count: clusters)
      for (new, old) in zip(all, before) { table[Int(new)][Int(old)] += 1 }
      names = Whereabouts.working("numbers of clusters") { maximumAssignment(table).map { Int32($0) } }
    }
    return try context.reduction.communicator.broadcast(names)
  }

  private static let sizes = "partition sizes"

  func save(to snapshot: inout Snapshot) throws {
    if let sizes { snapshot.add(Self.sizes, sizes.map { Int32($0) }) }
    guard let guide else { return }
    let all = try context.reduction.communicator.gatherJoined(guide)
    snapshot.add("guide", all)
  }

  func restore(from snapshot: SnapshotReader) throws {
    (guide, average, sizes) = (nil, nil, nil)
    if try snapshot.has(Self.sizes) {
      sizes = try snapshot.numbers(
        Self.sizes, count: context.options.clusters, below: context.images.count + 1
      ).map { Int($0) }
    }
    if try snapshot.has("guide") {
      let all = try snapshot.numbers(
        "guide", count: context.images.count, below: context.options.clusters)
      guide = Array(all[model.features.ownImages])
    }
    // The neighbours have been restored before.
    setAverage(
      context.reduction.communicator.isRoot
        ? Whereabouts.working("graphs") { ensemble.tables.graph } : nil)
  }
}
