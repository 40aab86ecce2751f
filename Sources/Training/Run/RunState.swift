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

  private var networkText: String {
    let network = place.network
    if network.member > 0 { return "member \(network.member + 1), " }
    return network.candidate > 0 ? "augmentation \(network.candidate + 1), " : ""
  }

  /// The place in words, such as `stage II, epoch 3, step 7`.
  package var text: String {
    switch place.part {
    case .pixelKMeans: "k-means of the pixels, after run \(step)"
    case .pretraining: "\(networkText)stage I, epoch \(epoch), step \(step)"
    case .comparison: "\(networkText)comparison of augmentations"
    case .refinement: "\(networkText)refinement, epoch \(epoch), step \(step)"
    case .neighbours: "\(networkText)neighbour graph"
    case .kmeans: "k-means, after run \(step)"
    case .refinedKMeans: "k-means of the refined features, after run \(step)"
    case .chain: "stage II, epoch \(epoch), step \(step)"
    }
  }

  /// Whether a run that follows `plan` can be here.
  func isPossible(_ plan: RunPlan) -> Bool {
    let counts = [epoch, step, steps, images]
    return counts.allSatisfy { (0...(1 << 40)).contains($0) } && step <= steps
      && (isBegun || counts.allSatisfy { $0 == 0 }) && plan.contains(place)
  }
}
