internal import CZlib
import Clustering
import FCAE
import Lanes
import MPI

/// The exit code of a run that was stopped and has left a checkpoint: sysexits.h's "try again later".
package let stoppedExitCode: Int32 = 75

extension RunProgress {
  /// After a step, a run of k-means, or whatever else a run may be stopped after: the checkpoint that any rank has
  /// asked for, and the end of the run. **Collective.**
  ///
  /// - Parameter part: the part that runs; nil at its beginning
  func serve(_ request: RunRequest, _ part: (any Checkpointed)?) throws {
    guard request.stop || request.save else { return }
    try verifyReplicas(part)
    let saved = try save(part, waits: request.stop)
    guard request.stop else { return }
    try context.reduction.communicator.onRoot {
      let place = "\(state.text) (\(context.control.stopReason))"
      guard saved != .nothing else {
        throw TrainingError.stoppedUnsaved("stopped at \(place), and no checkpoint could be written")
      }
      let checkpoint = saved == .written ? "a checkpoint is written" : "an older checkpoint is there"
      throw EarlyExit(
        code: stoppedExitCode,
        text: "dbc-train: stopped at \(place); \(checkpoint), --resume continues from it")
    }
  }

  /// Between two pieces of a part that begins anew after a stop: the end of the run, where it is asked for. **Collective.**
  func serveBetweenParts() throws {
    let asked = try context.agreedRequest()
    try serve(asked, nil)
  }

  /// The end of the run in mid-way that was asked for from the beginning: with a checkpoint, and exit code 0. **Collective.**
  ///
  /// - Parameter text: what has come of it
  func end(_ text: String) throws {
    // Where parts end with a checkpoint, this one has.
    let isKept = kept.map { $0.isSamePlace(as: state) } ?? false
    let saved = isKept ? .written : try save(nil, waits: true)
    try context.reduction.communicator.onRoot {
      guard saved == .written else {
        throw TrainingError.stoppedUnsaved("\(text), and no checkpoint could be written")
      }
      throw EarlyExit(code: 0, text: "dbc-train: \(text)")
    }
  }

  /// At the end of an epoch: the ranks must still hold the same numbers; then the regular checkpoint, if it is due.
  /// **Collective.**
  ///
  /// - Parameters:
  ///   - part: the part that runs
  ///   - epochs: the number of its last epoch
  func endEpoch(_ part: any Checkpointed, of epochs: Int) throws {
    try verifyReplicas(part)
    // A run that was resumed here has this checkpoint.
    if kept.map({ $0.isSamePlace(as: state) }) ?? false { return }
    if context.control.isDue(afterEpoch: state.epoch, last: state.epoch == epochs) {
      _ = try save(part, waits: false)
    }
  }

  /// Between two parts: the same. **Collective.**
  func endPart() throws {
    try verifyReplicas(nil)
    if context.control.isDue(afterEpoch: 0, last: true) { _ = try save(nil, waits: false) }
  }

  /// Hands the state to the observer; says on rank 0 what came of it. **Collective.**
  private func save(_ part: (any Checkpointed)?, waits: Bool) throws -> SaveOutcome {
    context.clock.start(.checkpoint)
    state.elapsedSeconds = elapsedSeconds
    state.phaseSeconds = Dictionary(
      uniqueKeysWithValues: context.clock.current.map { ($0.rawValue, $1) })
    var snapshot = Snapshot(state, isRoot: context.reduction.communicator.isRoot)
    for owner in owners(part) { try owner.save(to: &snapshot) }
    var outcome = SaveOutcome.written
    if context.reduction.communicator.isRoot {
      outcome = Whereabouts.working("checkpoint") { context.observer.save(snapshot, waits: waits) }
    }
    kept = state
    context.control.didSave()
    context.clock.stop()
    return outcome
  }

  /// All parts of the state, while `part` runs.
  private func owners(_ part: (any Checkpointed)?) -> [any Checkpointed] {
    part.map { always + [$0] } ?? always
  }

  /// Compares what all ranks hold alike. **Collective.** Throws on all ranks, naming those that differ from the majority.
  func verifyReplicas(_ part: (any Checkpointed)?) throws {
    context.clock.start(.checkpoint)
    defer { context.clock.stop() }
    var sum: UInt = 0
    for owner in owners(part) {
      owner.replicated { values in
        let bytes = UnsafeRawBufferPointer(values)
        sum = crc32_z(sum, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      }
    }
    let sums = try context.reduction.communicator.allGather(UInt64(sum))
    guard Set(sums).count > 1 else { return }
    let votes = Dictionary(grouping: sums.indices, by: { sums[$0] })
    let majority = votes.max { ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0]) }!.key
    let hosts = try context.reduction.communicator.hosts()
    let names = sums.indices.filter { sums[$0] != majority }.map { "rank \($0) (\(hosts[$0]))" }
    throw try context.agreed(
      .drifted(
        "at \(state.text), \(names.joined(separator: ", ")) of \(sums.count) no longer "
          + "\(names.count == 1 ? "holds" : "hold") the same parameters as the others: a memory or CPU fault there "
          + "is likely; --resume on other hosts continues from the last checkpoint"))
  }

  /// Takes over the state that rank 0's `snapshot` holds, nil elsewhere. **Collective.**
  ///
  /// Throws on all ranks a `CollectiveFailure` of `TrainingError.snapshot` where it does not fit the run.
  func restore(_ snapshot: Snapshot?) throws {
    let state = try context.reduction.communicator.onRoot {
      let state = snapshot!.state
      guard state.isPossible(context.plan) else { throw state.isNowhere }
      return state
    }
    let reader = SnapshotReader(snapshot, context.reduction)
    resume(state, reader)
    for owner in always { try owner.restore(from: reader) }
  }
}

extension Trainer {
  /// About the bytes of the run's largest checkpoint, and of its results.
  package var space: (checkpoint: Int, results: Int) {
    let (options, images) = (context.options, context.images.count)
    let (parameters, features) = (model.network.layout.count, model.network.features)
    let refined = options.refinementEpochs > 0 ? options.refinementClusters(images: images) : 0
    let clusters = max(options.clusterCount.most, refined)
    // Parameters, centres and their moments; a target, assignments and a partition.
    var numbers = 3 * (parameters + clusters * features) + images * (clusters + 2)
    if options.initialPartition == .graph {
      let sample = context.graphSample.images
      let tables = context.plan.featureTables(before: RunPlace(.chain)) + 1
      numbers += 2 * sample * options.graphNeighbours(images: sample) * tables
    }
    let kept = FeatureSample.epochs.count * min(images, FeatureSample.limit) * features
    return (4 * numbers, 4 * (parameters + kept) + images * (4 * (features + options.clusterCount.most) + 64))
  }
}
