extension TrainingOptions {
  /// Images of the largest graph of which any number of eigenvectors can be found.
  private static let smallGraph = 4000

  /// Throws where a value is none that its option may have, or where options do not fit together or `images` images.
  package func validate(images: Int) throws(TrainingError) {
    try require(
      images <= Int(Int32.max), "\(images) images are more than the \(Int32.max) that can be numbered")
    for row in OptionTable.all { try row.check(self) }
    try require(
      clusterCount.most <= images,
      "--clusters \(clusterCount.text) is more than the \(images) images; choose at most \(images)")
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
