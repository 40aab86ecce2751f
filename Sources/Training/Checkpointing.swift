internal import CZlib
import Clustering
import FCAE
import Foundation
import Lanes
import MPI

/// The exit code of a run that was stopped and has left a checkpoint: sysexits.h's "try again later".
package let stoppedExitCode: Int32 = 75

extension Trainer {
  /// After a step, a run of k-means, or whatever else a run may be stopped after: the checkpoint that any rank has
  /// asked for, and the end of the run. **Collective.**
  mutating func serve(
    _ request: RunRequest, targets: TargetStore? = nil, best: KMeansResult? = nil
  ) throws {
    guard request.stop || request.save else { return }
    try verifyReplicas()
    let saved = try save(targets: targets, best: best, waits: request.stop)
    guard request.stop else { return }
    try reduction.communicator.onRoot {
      let place = "\(progress.text) (\(control.stopReason))"
      guard saved != .nothing else {
        throw TrainingError.stoppedUnsaved("stopped at \(place), and no checkpoint could be written")
      }
      let checkpoint = saved == .written ? "a checkpoint is written" : "an older checkpoint is there"
      throw EarlyExit(
        code: stoppedExitCode,
        text: "dbc-train: stopped at \(place); \(checkpoint), --resume continues from it")
    }
  }

  /// At the end of an epoch: the ranks must still hold the same numbers; then the regular checkpoint, if it is due.
  /// **Collective.**
  mutating func endEpoch(_ epoch: Int, last: Bool = false, targets: TargetStore? = nil) throws {
    try verifyReplicas()
    if control.isDue(afterEpoch: epoch, last: last) {
      _ = try save(targets: targets, best: nil, waits: false)
    }
  }

  /// Hands the state to the observer; says on rank 0 what came of it. **Collective.**
  private mutating func save(
    targets: TargetStore?, best: KMeansResult?, waits: Bool
  ) throws -> SaveOutcome {
    clock.start(.checkpoint)
    let started = monotonicSeconds()
    progress.elapsedSeconds = started - epochStarted
    progress.optimizerSteps = optimizer.steps
    progress.phaseSeconds = Dictionary(uniqueKeysWithValues: clock.current.map { ($0.rawValue, $1) })
    let snapshot = try snapshot(targets: targets, best: best)
    let saved = Whereabouts.working("checkpoint") {
      snapshot.map { observer.save($0, waits: waits) } ?? .written
    }
    control.didSave()
    clock.stop()
    return saved
  }

  /// The state of the run, on rank 0; nil elsewhere. **Collective** in k-means, with local batch norm, and while a partition is the target.
  private func snapshot(targets: TargetStore?, best: KMeansResult?) throws -> Snapshot? {
    var running = flatRunning
    if options.batchNorm == .local { running = try reduction.communicator.gather(running).flatMap { $0 } }
    let assignments = try best.map { try reduction.communicator.gather($0.assignments).flatMap { $0 } }
    let allPartition = try partition.map { try reduction.communicator.gather($0).flatMap { $0 } }
    guard reduction.communicator.isRoot else { return nil }
    var tensors = [
      Snapshot.Tensor(name: "parameters", values: network.parameters.array),
      Snapshot.Tensor(name: "running", values: running),
    ]
    func add(_ name: String, _ values: [Float]) { tensors.append(.init(name: name, values: values)) }
    if progress.hasOptimizer {
      for (name, values) in optimizer.moments { add(name, values) }
    }
    if let best, let assignments {
      add("kmeans_centres", best.centres)
      add("kmeans_assignments", assignments.map { Float($0) })
    }
    if let targets, progress.part == .chain || progress.part == .refinement {
      add("assignments", targets.assignments.map { Float($0) })
      if progress.step < chainSteps { add("target", targets.target) }
    }
    // Image numbers are exact as floats up to 2²⁴, the largest graph that `validate` lets pass.
    for (name, table) in neighbours.named {
      add(NeighbourTables.imagesName(name), table.images.map { Float($0) })
      add(NeighbourTables.distancesName(name), table.distances)
    }
    if let allPartition { add("partition", allPartition.map { Float($0) }) }
    return Snapshot(progress: progress, tensors: tensors)
  }

  /// Running statistics of all layers, one after another.
  private var flatRunning: [Float] { network.running.flatMap { $0.statistics.mean + $0.statistics.variance } }

  /// About the bytes of the run's largest checkpoint.
  package var checkpointBytes: Int {
    // Parameters and moments; a target, assignments and a partition.
    let refined = options.refinementEpochs > 0 ? options.refinementClusters(images: images.count) : 0
    var numbers = 3 * network.layout.count + images.count * (max(options.clusters, refined) + 2)
    if options.initialPartition == .graph {
      let networks = max(
        options.members, options.augmentation == .compared ? Augmentation.candidates.count : 0)
      numbers += 2 * graphEntries * (networks + (options.pixelGraph ? 1 : 0))
    }
    return 4 * numbers
  }

  /// Takes over parameters, running statistics and optimiser of rank 0's `snapshot`, nil elsewhere, and its place in
  /// the run. The stages take the rest of it when they get there. **Collective.**
  ///
  /// Throws on all ranks a `CollectiveFailure` of `TrainingError.snapshot` where it does not fit the run.
  package mutating func restore(_ snapshot: Snapshot?) throws {
    progress = try reduction.communicator.onRoot {
      try check(snapshot!)
      return snapshot!.progress
    }
    epochStarted = monotonicSeconds() - progress.elapsedSeconds
    for (name, seconds) in progress.phaseSeconds { Phase(rawValue: name).map { clock.add($0, seconds) } }
    if progress.part == .refinement, progress.epoch > 0 {
      useClusters(options.refinementClusters(images: images.count))
    }
    if progress.hasOptimizer, progress.part != .pretraining {
      optimizer = makeChainOptimizer()
    }
    let count = flatRunning.count
    let copies = options.batchNorm == .local ? reduction.communicator.size : 1
    let moments = optimizer.moments.map(\.name)
    let hasMoments = progress.hasOptimizer
    var values: [[Float]] = []
    try reduction.communicator.onRoot {
      guard let snapshot else { return }
      values = [
        try snapshot.values("parameters", count: network.layout.count),
        try snapshot.values("running", count: count * copies),
      ]
      for name in hasMoments ? moments : [] {
        values.append(try snapshot.values(name, count: optimizer.range.count))
      }
    }
    let parameters = try reduction.communicator.broadcast(values.first ?? [])
    network.parameters.base.update(from: parameters, count: parameters.count)
    let running = try reduction.communicator.broadcast(values.count > 1 ? values[1] : [])
    setRunning(Array(running[(copies > 1 ? reduction.communicator.rank * count : 0)...].prefix(count)))
    if hasMoments {
      var restored: [[Float]] = []
      for index in moments.indices {
        restored.append(
          try reduction.communicator.broadcast(values.count > index + 2 ? values[index + 2] : []))
      }
      optimizer.restore(steps: progress.optimizerSteps, restored)
    }
    restored = snapshot
    try restoreNeighbours(snapshot)
    partition = try restoredPartition(snapshot)
  }

  /// What the members of the ensemble had found. **Collective.**
  private mutating func restoreNeighbours(_ snapshot: Snapshot?) throws {
    func table(_ name: String) throws -> NeighbourTable? {
      guard try holds(snapshot, NeighbourTables.imagesName(name)) else { return nil }
      guard let snapshot else { return NeighbourTable(count: 0, images: [], distances: []) }
      let images = try snapshot.values(NeighbourTables.imagesName(name), count: graphEntries)
      let distances = try snapshot.values(NeighbourTables.distancesName(name), count: graphEntries)
      return NeighbourTable(
        count: options.graphNeighbours(images: graphSample.images), images: images.map { Int32($0) },
        distances: distances)
    }
    neighbours.pixels = try table("pixels")
    while let next = try table(NeighbourTables.memberName(neighbours.members.count)) {
      neighbours.members.append(next)
    }
  }

  /// Whether rank 0's `snapshot` has a tensor of this name. **Collective.**
  private func holds(_ snapshot: Snapshot?, _ name: String) throws -> Bool {
    let known = snapshot?.tensors.contains { $0.name == name } ?? false
    return try reduction.communicator.broadcast(UInt8(known ? 1 : 0)) == 1
  }

  /// Entries of a table of the graph's neighbours.
  private var graphEntries: Int {
    graphSample.images * options.graphNeighbours(images: graphSample.images)
  }

  /// The graph's partition of this rank's images, while it is the target. **Collective.**
  private func restoredPartition(_ snapshot: Snapshot?) throws -> [Int32]? {
    guard try holds(snapshot, "partition") else { return nil }
    var values: [Float] = []
    try reduction.communicator.onRoot {
      values = try snapshot!.values("partition", count: images.count)
    }
    return try reduction.communicator.broadcast(values)[features.ownImages].map { Int32($0) }
  }

  /// Throws where `snapshot` says what no run writes: its checksums may be right all the same.
  private func check(_ snapshot: Snapshot) throws(TrainingError) {
    let place = snapshot.progress
    let steps =
      switch place.part {
      case .pixelKMeans, .kmeans: options.kmeansRestarts
      case .pretraining: stepsPerPass
      case .refinement, .chain: chainSteps
      case .comparison, .graph: 0
      }
    let counts = [place.epoch, place.images, place.iterations, place.optimizerSteps]
    guard (0...steps).contains(place.step), counts.allSatisfy({ (0...(1 << 40)).contains($0) }),
      isPossible(place, snapshot)
    else {
      throw .snapshot(
        "the checkpoint is of no place in this run (\(place.text)); begin anew with --overwrite")
    }
    let clusters =
      place.part == .refinement ? options.refinementClusters(images: images.count) : options.clusters
    for tensor in snapshot.tensors where tensor.name.hasSuffix("assignments") || tensor.name == "partition" {
      guard tensor.values.allSatisfy({ $0 >= 0 && $0 < Float(clusters) }) else {
        throw .snapshot("the checkpoint's \(tensor.name) are no clusters; begin anew with --overwrite")
      }
    }
    for tensor in snapshot.tensors where tensor.name.hasPrefix(NeighbourTables.prefix) {
      // Image numbers or squared distances.
      let limit = tensor.name.hasSuffix("_images") ? Float(graphSample.images) : .infinity
      guard tensor.values.count == graphEntries, tensor.values.allSatisfy({ $0 >= 0 && $0 < limit }) else {
        throw .snapshot("the checkpoint's \(tensor.name) are no neighbours; begin anew with --overwrite")
      }
    }
  }

  /// Whether a run with these options trains such a network, and `snapshot` has what its comparison needs.
  private func isPossible(_ place: Progress, _ snapshot: Snapshot) -> Bool {
    let network = place.network
    let judged = network.modularities.count
    guard (0..<options.members).contains(network.member), network.modularities.allSatisfy(\.isFinite) else {
      return false
    }
    let candidates = Augmentation.candidates.count
    guard options.augmentation == .compared else { return judged == 0 && network.candidate == 0 }
    guard (0..<candidates).contains(network.candidate) else { return false }
    switch place.part {
    case _ where network.member > 0: return judged == 2 * candidates
    case .pixelKMeans, .pretraining, .comparison: guard judged == 2 * network.candidate else { return false }
    case .refinement, .graph: guard judged == 2 * network.candidate + 1 else { return false }
    case .kmeans, .chain: return false
    }
    return (0..<network.candidate).allSatisfy { candidate in
      let name = NeighbourTables.imagesName(NeighbourTables.memberName(candidate))
      return snapshot.tensors.contains { $0.name == name }
    }
  }

  private mutating func setRunning(_ values: [Float]) {
    var next = 0
    for index in network.running.indices {
      var layer = network.running[index].statistics
      let count = layer.mean.count
      layer.mean = Array(values[next..<(next + count)])
      layer.variance = Array(values[(next + count)..<(next + 2 * count)])
      next += 2 * count
      network.setRunning(index, layer)
    }
  }

  /// Compares parameters, running statistics and optimiser over the ranks: what all of them hold alike must be alike.
  /// **Collective.** Throws on all ranks, naming those that differ from the majority.
  func verifyReplicas() throws {
    clock.start(.checkpoint)
    defer { clock.stop() }
    var sum = checksum(network.parameters.all, 0)
    if options.batchNorm == .sync { sum = flatRunning.withUnsafeBufferPointer { checksum($0, sum) } }
    for buffer in optimizer.momentBuffers { sum = checksum(buffer, sum) }
    let sums = try reduction.communicator.allGather(UInt64(sum))
    guard Set(sums).count > 1 else { return }
    let votes = Dictionary(grouping: sums.indices, by: { sums[$0] })
    let majority = votes.max { ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0]) }!.key
    let hosts = try reduction.communicator.allGather(Array(reduction.communicator.host.utf8))
    let names = sums.indices.filter { sums[$0] != majority }
      .map { "rank \($0) (\(String(decoding: hosts[$0], as: UTF8.self)))" }
    throw try agreed(
      .drifted(
        "at \(progress.text), \(names.joined(separator: ", ")) of \(sums.count) no longer "
          + "\(names.count == 1 ? "holds" : "hold") the same parameters as the others: a memory or CPU fault there "
          + "is likely; --resume on other hosts continues from the last checkpoint"))
  }

  private func checksum(_ values: some Sequence<Float>, _ sum: UInt) -> UInt {
    values.withContiguousStorageIfAvailable { values in
      let bytes = UnsafeRawBufferPointer(values)
      return crc32_z(sum, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }!
  }
}
