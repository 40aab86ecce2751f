extension TrainingOptions {
  /// Images of the largest graph of which any number of eigenvectors can be found.
  private static let smallGraph = 4000

  /// Throws where a value is none that its option may have, or where options do not fit together, `images` images or `ranks`
  /// ranks.
  package func validate(images: Int, ranks: Int) throws(TrainingError) {
    try require(
      images <= Int(Int32.max), "\(images) images are more than the \(Int32.max) that can be numbered")
    for row in OptionTable.all { try row.check(self) }
    try require(
      clusterCount.most <= images, "--clusters \(clusterCount.text) is more than the \(images) images")
    try require(
      batchSize / 16 >= ranks,
      "--batch-size \(batchSize) is \(batchSize / 16) groups of 16 images, fewer than the \(ranks) ranks: "
        + "use --batch-size \(16 * ranks) or more, or fewer ranks")
    try require(
      (images + 15) / 16 >= ranks,
      "\(images) images are \((images + 15) / 16) groups of 16, fewer than the \(ranks) ranks: at least "
        + "\(16 * (ranks - 1) + 1) images are needed, or fewer ranks")
    try require(
      members == 1 || initialPartition == .graph, "--members \(members) needs --initial-partition graph")
    try require(
      !clusterCount.isRange || initialPartition == .graph,
      "--clusters \(clusterCount.text) is found by neighbour graphs, and needs --initial-partition graph; else give one "
        + "number")
    try require(
      !clusterCount.isRange || !pixelKMeans,
      "--pixel-kmeans needs the number of clusters from the beginning, not --clusters \(clusterCount.text)")
    if initialPartition == .graph { try validateGraph(images: images) }
  }

  private func validateGraph(images: Int) throws(TrainingError) {
    let graph = graphSample(images: images)
    try require(
      !graph.isPart || graph.images >= 4 * clusterCount.most,
      "--graph-images \(graphLimit) makes a graph of \(graph.images) images, too few for \(clusterCount.most) clusters: at least "
        + "four images for each are needed")
    try require(
      graph.images <= Self.smallGraph || graph.images >= 5 * clusterCount.most,
      "--clusters \(clusterCount.text) of \(graph.images) images are too many for the neighbour graph, which needs five images for each; "
        + "use --initial-partition kmeans")
  }

  private func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(TrainingError) {
    if !condition { throw .options(text()) }
  }
}
