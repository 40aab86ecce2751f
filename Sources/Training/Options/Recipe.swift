/// A set of defaults for everything that the paper leaves open, and for what goes beyond it. What they are stands in
/// `OptionTable`.
package enum Recipe: String, CaseIterable, Sendable {
  /// The default: the first partition from the neighbour graph of refined features, images moved a little in training.
  case graph
  /// The paper's method and nothing else: k-means, images as they are, no refinement.
  case paper

  /// The batch size of `graph` for so many images: at least 40 steps per pass over the data, with mini-batches of 32 to 256
  /// images.
  static func batchSize(images: Int) -> Int { min(256, max(32, images / 40 / 16 * 16)) }

  /// The epochs of stage I of `graph` for so many images: 6 to 30, about 1000 steps of the recipe's own batch size.
  static func pretrainEpochs(images: Int) -> Int {
    let batch = batchSize(images: images)
    let steps = (images + batch - 1) / batch
    return max(6, min(30, 1000 / max(1, steps)))
  }
}

/// When stage II takes a partition of the neighbour graph for its target.
extension TrainingOptions {
  /// New partitions of the neighbour graph where they go on to the chain's end.
  package var refreshesToTheEnd: Int { (max(1, chainEpochs) - 1) / max(1, refreshEpochs) }

  /// Whether a partition of the neighbour graph takes the chain's place at the end of its epoch `epoch`, 0 being before the
  /// first.
  package func refreshes(afterEpoch epoch: Int) -> Bool {
    initialPartition == .graph && (epoch == 0 || epoch < chainEpochs) && epoch % refreshEpochs == 0
      && epoch / refreshEpochs <= refreshes
  }

  /// How many of those come at the end of epoch `epoch` or later.
  package func refreshCount(fromEpoch epoch: Int) -> Int {
    guard initialPartition == .graph else { return 0 }
    let before = epoch == 0 ? 0 : (epoch - 1) / refreshEpochs + 1
    return max(0, min(refreshes, refreshesToTheEnd) + 1 - before)
  }

  /// Whether the last partition of the neighbour graph is still the target of the epoch after `epoch`.
  package func isGuided(afterEpoch epoch: Int) -> Bool {
    let last = min(epoch / refreshEpochs, refreshes) * refreshEpochs
    return initialPartition == .graph && epoch - last < partitionEpochs
  }

  /// Whether the chain may end after its epoch `epoch` ≥ 1, as no image has changed its cluster: it was an epoch on R, and no
  /// new partition of the neighbour graph is to come.
  package func mayEnd(afterEpoch epoch: Int) -> Bool {
    guard initialPartition == .graph else { return true }
    let lastRefresh = min(refreshes, refreshesToTheEnd) * refreshEpochs
    return epoch > lastRefresh && !isGuided(afterEpoch: epoch - 1)
  }

  /// ν for the chain as it is asked for: 5 where a partition of the neighbour graph is the target for three of four epochs at
  /// least, otherwise 1. Left to its own target R, a chain with five degrees of freedom drifts away from a good partition.
  package var guidedDegreesOfFreedom: Double {
    guard initialPartition == .graph, refreshEpochs > 0 else { return 1 }
    // Also of options that `validate` is still to refuse.
    let last = max(0, min(refreshes, refreshesToTheEnd))
    let guided =
      Double(last) * Double(min(partitionEpochs, refreshEpochs))
      + Double(min(partitionEpochs, chainEpochs - last * refreshEpochs))
    return guided >= 0.75 * Double(chainEpochs) ? 5 : 1
  }
}
