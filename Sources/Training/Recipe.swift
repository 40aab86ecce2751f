/// A set of defaults for everything that the paper leaves open, and for what goes beyond it.
package enum Recipe: String, CaseIterable, Sendable {
  /// The default: the first partition from the neighbour graph of refined features, images moved a little in training.
  case graph
  /// The paper's method and nothing else: k-means, images as they are, no refinement.
  case paper
}

extension TrainingOptions {
  /// The defaults of a recipe for so many images.
  package init(_ recipe: Recipe, images: Int) {
    self.init()
    guard recipe == .graph else { return }
    augmentation = .compared
    initialPartition = .graph
    batchSize = Self.batchSize(images: images)
    schedule = .cosine
    let steps = (images + batchSize - 1) / batchSize
    // About 1000 steps, whatever the number of images.
    pretrainEpochs = max(6, min(30, 1000 / max(1, steps)))
    members = 2
    kmeansRestarts = 4
    refinementFactor = 8
    refinementEpochs = 30
    learningRate = 1e-3
    chainEpochs = 48
    refreshEpochs = 12
    refreshes = refreshesToTheEnd
    partitionEpochs = 10
    degreesOfFreedom = guidedDegreesOfFreedom
  }

  /// New partitions of the neighbour graph where they go on to the chain's end.
  package var refreshesToTheEnd: Int { (max(1, chainEpochs) - 1) / max(1, refreshEpochs) }

  /// Whether the graph's partition takes the chain's place at the end of its epoch `epoch`, 0 being before the first.
  package func refreshes(afterEpoch epoch: Int) -> Bool {
    initialPartition == .graph && (epoch == 0 || epoch < chainEpochs) && epoch % refreshEpochs == 0
      && epoch / refreshEpochs <= refreshes
  }

  /// Whether the last partition of the graph is still the target of the epoch after `epoch`.
  package func isGuided(afterEpoch epoch: Int) -> Bool {
    let last = min(epoch / refreshEpochs, refreshes) * refreshEpochs
    return initialPartition == .graph && epoch - last < partitionEpochs
  }

  /// ν for the chain as it is asked for: 5 where the graph's partition is the target for three of four epochs at least,
  /// otherwise 1. Left to its own target R, a chain with five degrees of freedom drifts away from a good partition.
  package var guidedDegreesOfFreedom: Double {
    guard initialPartition == .graph, refreshEpochs > 0 else { return 1 }
    // Also of options that `validate` is still to refuse.
    let last = max(0, min(refreshes, refreshesToTheEnd))
    let guided =
      Double(last) * Double(min(partitionEpochs, refreshEpochs))
      + Double(min(partitionEpochs, chainEpochs - last * refreshEpochs))
    return guided >= 0.75 * Double(chainEpochs) ? 5 : 1
  }

  /// At least 40 steps per pass over the data, with mini-batches of 32 to 256 images.
  private static func batchSize(images: Int) -> Int { min(256, max(32, images / 40 / 16 * 16)) }
}
