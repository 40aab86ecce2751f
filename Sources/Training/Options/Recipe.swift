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
    max(6, min(30, 1000 / stepsPerPass(images: images)))
  }

  /// The epochs of `graph`'s refinement for so many images: 12 to 30, about 3300 steps of the recipe's own batch size.
  static func refinementEpochs(images: Int) -> Int {
    max(12, min(30, 3300 / stepsPerPass(images: images)))
  }

  /// Finer clusters per cluster of `graph`'s refinement: 8, but at least 2 and about 512 in all, as every image has a score and a target
  /// for each of them.
  static func refinementFactor(clusters: Int) -> Int { max(2, min(8, 512 / max(1, clusters))) }

  private static func stepsPerPass(images: Int) -> Int {
    let batch = batchSize(images: images)
    return max(1, (images + batch - 1) / batch)
  }
}

/// When neighbour graphs have a say in stage II.
extension TrainingOptions {
  /// Whether the graph is partitioned at the end of epoch `epoch`, 0 being before the first: that of all networks then, and later
  /// that of the current features.
  package func partitions(afterEpoch epoch: Int) -> Bool {
    guard initialPartition == .graph else { return false }
    return epoch == 0 || (refreshEpochs > 0 && epoch % refreshEpochs == 0 && epoch < chainEpochs)
  }

  /// How many partitions come at the end of epoch `epoch` or later.
  package func partitionCount(fromEpoch epoch: Int) -> Int {
    guard initialPartition == .graph else { return 0 }
    let first = epoch == 0 ? 1 : 0
    guard refreshEpochs > 0 else { return first }
    // The multiples of `refreshEpochs` that are at least 1 and `epoch`, and less than `chainEpochs`.
    return first + max(0, (max(chainEpochs, 1) - 1) / refreshEpochs - (max(epoch, 1) - 1) / refreshEpochs)
  }

  /// Whether that has been done for the current features before epoch `epoch` of the chain.
  package func hasSearchedAnew(beforeEpoch epoch: Int) -> Bool {
    initialPartition == .graph && refreshEpochs > 0 && refreshEpochs < min(epoch, chainEpochs)
  }

  /// Whether the last partition is the target of the epoch after `epoch`.
  package func isGuided(afterEpoch epoch: Int) -> Bool {
    initialPartition == .graph && (refreshEpochs > 0 ? epoch % refreshEpochs : epoch) < partitionEpochs
  }

  /// Whether the chain may end after its epoch `epoch` ≥ 1, as no image has changed its cluster: it was an epoch on R.
  package func mayEnd(afterEpoch epoch: Int) -> Bool { !isGuided(afterEpoch: epoch - 1) }
}
