import Clustering

/// Where a run is. Together with the tensors of a `Snapshot` it says all that the rest of the run depends on.
package struct Progress: Codable, Equatable, Sendable {
  /// The parts of a run, in order.
  package enum Part: String, Codable, Sendable {
    case pixelKMeans = "pixel-kmeans"
    case pretraining = "fcae"
    case comparison = "augment"
    case refinement = "refine"
    case graph
    case kmeans
    case chain = "dbc"
  }

  /// The part that runs.
  package internal(set) var part: Part
  /// The network that is trained.
  package internal(set) var network = NetworkInTraining()
  /// The epoch that runs: stage I from 1; stage II and refinement from 0, which is the scoring before the first mini-batch.
  package internal(set) var epoch = 0
  /// Steps of the epoch, or runs of k-means, that are over.
  package internal(set) var step = 0
  /// Σ of losses over the `images` images of these steps.
  package internal(set) var lossSum = 0.0
  /// Images that the loss is summed over.
  package internal(set) var images = 0
  /// Seconds spent on the epoch, or on k-means, so far, and by phase.
  package internal(set) var elapsedSeconds = 0.0
  /// Seconds by phase, `Phase.rawValue`.
  package internal(set) var phaseSeconds: [String: Double] = [:]
  /// Of the best run of k-means so far.
  package internal(set) var inertia: Double?
  /// Lloyd iterations of the best run of k-means so far.
  package internal(set) var iterations = 0
  /// Steps of the optimiser.
  package internal(set) var optimizerSteps = 0

  init(_ part: Part, epoch: Int = 0) { (self.part, self.epoch) = (part, epoch) }

  /// Whether an optimiser's state belongs to this place. The refinement makes its own when it begins.
  var hasOptimizer: Bool {
    switch part {
    case .pretraining, .chain: true
    case .refinement: epoch > 0
    case .pixelKMeans, .comparison, .graph, .kmeans: false
    }
  }

  private var networkText: String {
    if network.member > 0 { return "member \(network.member + 1), " }
    return network.candidate > 0 ? "augmentation \(network.candidate + 1), " : ""
  }

  /// The place in words, such as `stage II, epoch 3, step 7`.
  package var text: String {
    switch part {
    case .pixelKMeans: "k-means of the pixels, after run \(step)"
    case .pretraining: "\(networkText)stage I, epoch \(epoch), step \(step)"
    case .comparison: "\(networkText)comparison of augmentations"
    case .refinement: "\(networkText)refinement, epoch \(epoch), step \(step)"
    case .graph: "\(networkText)neighbour graph"
    case .kmeans: "k-means, after run \(step)"
    case .chain: "stage II, epoch \(epoch), step \(step)"
    }
  }
}

/// Which of the networks of a run is trained, and what those before it have shown.
package struct NetworkInTraining: Codable, Equatable, Sendable {
  /// The member of the ensemble, from 0.
  package internal(set) var member = 0
  /// The number of the map, in `Augmentation.candidates`, where these are compared; in the end, of the best.
  package internal(set) var candidate = 0
  /// The modularity of the graph's partition for the candidates that have been judged, of each two numbers: by the features
  /// of stage I, and by the refined ones.
  package internal(set) var modularities: [Double] = []
}

/// The whole state of a run at one point between two steps, on rank 0.
package struct Snapshot: Sendable {
  /// Numbers by name.
  package struct Tensor: Sendable {
    /// Unique in its snapshot.
    package let name: String
    /// The numbers, in the order that their owner defines.
    package let values: [Float]

    /// The numbers `values` under `name`.
    package init(name: String, values: [Float]) { (self.name, self.values) = (name, values) }
  }

  /// Where the run is.
  package let progress: Progress
  /// All that `progress` does not hold.
  package let tensors: [Tensor]

  /// The state `progress` with its tensors.
  package init(progress: Progress, tensors: [Tensor]) { (self.progress, self.tensors) = (progress, tensors) }

  /// The values of the tensor `name`, of which there must be `count`.
  func values(_ name: String, count: Int) throws(TrainingError) -> [Float] {
    let found = tensors.first { $0.name == name }?.values
    guard let found, found.count == count else {
      throw .snapshot(
        "the checkpoint's tensor \(name) has \(found?.count ?? 0) numbers, expected \(count); begin anew with "
          + "--overwrite")
    }
    return found
  }
}
