/// Where a run is, to the step. Together with the tensors of a `Snapshot` it says all that the rest of the run depends on.
package struct RunState: Codable, Equatable, Sendable {
  /// The part and its network.
  package internal(set) var place: RunPlace
  /// Whether the part has begun, so that a checkpoint holds what the part has made so far.
  package internal(set) var isBegun = false
  /// The epoch that runs: of stage I from 1; of a chain from 0, which is the scoring before the first mini-batch.
  package internal(set) var epoch = 0
  /// Steps of the epoch, or runs of k-means, that are over.
  package internal(set) var step = 0
  /// Steps that the epoch, or k-means, has in all.
  package internal(set) var steps = 0
  /// The sum over `images` images of the losses of the epoch's steps that are over.
  package internal(set) var lossSum = 0.0
  /// Images that `lossSum` is the sum of.
  package internal(set) var images = 0
  /// Seconds spent on the epoch, or on the part where it has no epochs, so far.
  package internal(set) var elapsedSeconds = 0.0
  /// Seconds since the last record by phase, `Phase.rawValue`.
  package internal(set) var phaseSeconds: [String: Double] = [:]

  /// The beginning of the part at `place`.
  init(_ place: RunPlace) { self.place = place }

  /// Whether some, but not all steps of an epoch are over.
  var isInsideEpoch: Bool { step > 0 && step < steps }

  /// The place in words, such as `network 2, stage I, epoch 3, step 7`.
  package var text: String {
    let part = place.part
    var text = "\(part.label)"
    if place.member > 0, ![.chain, .clusterCount, .refinedKMeans, .kmeans].contains(part) {
      text = "network \(place.member + 1), \(text)"
    }
    if !isBegun { return "the beginning of \(text)" }
    if part.hasEpochs { return "\(text), epoch \(epoch), step \(step)" }
    return steps > 0 ? "\(text), after run \(step)" : text
  }

  /// Whether both are after the same step, whatever the time was.
  func isSamePlace(as other: RunState) -> Bool {
    (place, isBegun, epoch, step) == (other.place, other.isBegun, other.epoch, other.step)
  }

  /// The error where no run with these options comes here.
  var isNowhere: TrainingError {
    .snapshot("the checkpoint is of no place in this run (\(text)); begin anew with --overwrite")
  }

  /// Whether a run that follows `plan` can be here.
  func isPossible(_ plan: RunPlan) -> Bool {
    let counts = [epoch, step, steps, images]
    let sums = [lossSum, elapsedSeconds] + phaseSeconds.values
    // A part that has begun has made a step, or a run of k-means, when it is first asked for a checkpoint.
    let isInEpoch = isBegun && place.part.hasEpochs
    return counts.allSatisfy { (0...(1 << 40)).contains($0) } && sums.allSatisfy(\.isFinite)
      && isBegun == (step > 0) && step <= steps && isInEpoch == (epoch > 0) && isInEpoch == (images > 0)
      && plan.contains(place)
  }
}
