import Clustering
import FCAE
import Lanes
import MPI

extension Trainer {
  /// The chain for finer clusters than are asked for: it makes the features tell parts of clusters apart without
  /// deciding yet which parts belong together. **Collective.**
  ///
  /// - Parameter targets: for `refinementClusters`
  package mutating func refine(_ targets: TargetStore) throws {
    guard progress.part == .refinement else { return }
    if progress.epoch == 0 {
      restored = nil
      epochStarted = monotonicSeconds()
      targets.reset()
      try encodeAll()
      useClusters(targets.clusters)
      clock.start(.kmeans)
      let kmeans = KMeansOptions(clusters: targets.clusters, restarts: 1, seed: memberSeed)
      let result = try kMeans(features, kmeans, reduction)
      clock.stop()
      guard result.inertia.isFinite else { throw try notFiniteFeatures() }
      centres.update(from: result.centres, count: result.centres.count)
      optimizer = makeChainOptimizer()
    }
    _ = try runChain(targets)
    useClusters(options.clusters)
    begin(afterRefinement)
  }

  /// Centres for so many clusters, all zero; everything else stays.
  mutating func useClusters(_ clusters: Int) {
    network = AutoEncoder(copying: network, clusters: clusters)
    gradient = AlignedBuffer(count: network.layout.count, for: "gradients")
    gradients = TreeSums(width: network.layout.count, schedule: gradients.schedule)
  }
}
