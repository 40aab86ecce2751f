import Lanes

/// Stage I, refinement and first partition.
extension OptionTable {
  @OptionRows static var pretraining: [any AnyOptionRow] {
    OptionRow(
      "pretrain-epochs", \.pretrainEpochs,
      "Passes over the data in stage I; 0 leaves the network as it is drawn or loaded.", value: "epochs",
      graph: .rule("6 to 30, by the number of images") { Recipe.pretrainEpochs(images: $0.images) },
      checks: [.notNegative])
    OptionRow(
      "pretrain-learning-rate", \.pretrainLearningRate, "Learning rate of stage I.", value: "rate",
      checks: [.positive])
    OptionRow("optimizer", \.optimizer, "Optimiser of stage I: sgd (momentum 0.9) or adam.")
    OptionRow(
      "refinement-epochs", \.refinementEpochs,
      "Epochs of the learning chain for finer clusters between the stages, which sharpens the features.",
      value: "epochs",
      graph: .rule("12 to 30, by the number of images") { Recipe.refinementEpochs(images: $0.images) },
      checks: [.notNegative])
    OptionRow(
      "refinement-learning-rate", \.refinementLearningRate, "Learning rate of the refinement.", value: "rate",
      checks: [.positive])
    OptionRow(
      "refinement-degrees-of-freedom", \.refinementDegreesOfFreedom,
      "Degrees of freedom ν of the refinement's scores.", value: "nu", checks: [.degreesOfFreedom])
    OptionRow(
      "refinement-factor", \.refinementFactor, "Finer clusters per cluster in the refinement.",
      value: "factor",
      graph: .rule("8, fewer of more than 64 clusters") {
        Recipe.refinementFactor(clusters: $0.options.clusters)
      },
      checks: [.noOverflow, .atLeast(1)])
    OptionRow(
      "kmeans-restarts", \.kmeansRestarts, "Runs of k-means; the one with the lowest inertia wins.",
      value: "runs",
      graph: .value(4), checks: [.atLeast(1)])
    OptionRow(
      "pixel-kmeans", \.pixelKMeans, "Also report k-means on the raw pixels, for comparison.")
  }

  /// The neighbour graph, and the networks that it comes from.
  @OptionRows static var ensemble: [any AnyOptionRow] {
    OptionRow(
      "initial-partition", \.initialPartition,
      "First partition: kmeans of the features, or graph (their neighbour graph, cut).", graph: .value(.graph)
    )
    OptionRow(
      "members", \.members,
      "Networks trained one after another from different seeds; the first partition comes from the mean of their "
        + "neighbour graphs, and the last network goes on.",
      value: "networks",
      graph: .rule("2, with --init or --initial-partition kmeans 1") {
        !$0.startsFromModel && $0.options.initialPartition == .graph ? 2 : 1
      },
      checks: [.noOverflow, .atLeast(1)])
    OptionRow(
      "augment", \.augmentation,
      "Small random affine maps of the images in training steps: none, affine, magnitudes such as "
        + "rotation=10,shift=0.07,scale=0.1,shear=0.1 (degrees, shares of the size, columns per row), or auto.",
      discussion:
        "auto trains the networks with affine and with none by turns, the last one with affine.",
      value: "maps", graph: .value(.alternating))
    OptionRow(
      "neighbours", \.neighbours, "Nearest neighbours per image in the graph.", value: "images",
      absent: (text: "by rule", help: "1 + log of a cluster's average size, at least 5"),
      checks: [.ifAny(.atLeast(1))])
    OptionRow(
      "graph-images", \.graphLimit,
      "Images that the neighbour graph is made of at most; the others follow their nearest neighbour among them.",
      discussion: "The exact search for neighbours takes time as the square of their number.",
      value: "images",
      // Beyond 2²⁴, checkpoints could not hold an image's number as a float.
      checks: [.atMost(1 << 24), .atLeast(laneCount)],
      bits: .when { $0.initialPartition == .graph && $0.graphSample(images: $1).isPart })
  }
}
