import Lanes
import MPI

/// What k-means is asked for.
package struct KMeansOptions: Sendable {
  /// The number of clusters.
  package var clusters: Int
  /// Runs from different seeds; the one with the lowest inertia wins.
  package var restarts = 20
  /// The most Lloyd iterations of one run.
  package var maximumIterations = 300
  /// A run ends when the centres move by less than this share of the features' mean variance (squared distances).
  package var tolerance = 1e-4
  /// Seed of the random draws of the starting centres.
  package var seed: UInt64 = 0
  /// `[clusters][features]`: the starting centres themselves; nil draws them.
  package var start: [Float]?

  /// The usual limits, with these numbers of clusters and runs.
  package init(clusters: Int, restarts: Int = 20, seed: UInt64 = 0) {
    self.clusters = clusters
    self.restarts = restarts
    self.seed = seed
  }
}

/// A clustering by k-means.
package struct KMeansResult: Sendable {
  /// `[clusters][features]`
  package let centres: [Float]
  /// Σ of squared distances to the nearest centre.
  package let inertia: Double
  /// The cluster of every image of this rank, in order.
  package let assignments: [Int32]
  /// Lloyd iterations of the winning run.
  package let iterations: Int
  /// Clusters that have images: fewer than were asked for where there are too few distinct images; 0 before a search has
  /// taken the result up.
  package internal(set) var occupied = 0

  /// The result of one run.
  package init(centres: [Float], inertia: Double, assignments: [Int32], iterations: Int) {
    self.centres = centres
    self.inertia = inertia
    self.assignments = assignments
    self.iterations = iterations
  }
}

/// k-means over the features of all ranks: greedy k-means++ seeds, Lloyd iterations, empty clusters relocated, the
/// best of several restarts (Arthur and Vassilvitskii 2007). **Collective.**
///
/// The bits do not depend on the number of ranks.
package func kMeans(
  _ data: borrowing FeatureSlice, _ options: KMeansOptions, _ reduction: GroupReduction
) throws -> KMeansResult {
  var search = try KMeansSearch(data, options, reduction)
  while !search.isFinished { try search.runOnce(data) }
  return search.best!
}

/// k-means run by run, so that a caller can keep what it has between two of them.
package struct KMeansSearch: ~Copyable {
  private var run: LloydRun
  /// Runs that are over.
  package private(set) var done: Int
  /// The best of them.
  package private(set) var best: KMeansResult?

  /// Begins, or goes on after `done` runs whose best is `best`. **Collective.**
  package init(
    _ data: borrowing FeatureSlice, _ options: KMeansOptions, _ reduction: GroupReduction, done: Int = 0,
    best: KMeansResult? = nil
  ) throws {
    precondition(options.clusters >= 1 && options.clusters <= data.images && options.restarts >= 1)
    data.makeRows()
    let run = try LloydRun(data, options, reduction)
    var best = best
    if let assignments = best?.assignments { best?.occupied = try run.occupied(assignments) }
    self.run = run
    self.done = done
    self.best = best
  }

  /// Whether all runs are over.
  package var isFinished: Bool { done >= run.options.restarts }

  /// The next run. **Collective.**
  package mutating func runOnce(_ data: borrowing FeatureSlice) throws {
    try run.seed(data, restart: done)
    let result = try run.iterate(data)
    // A NaN inertia never wins over a number, but is returned when there is nothing else.
    if best.map({ result.inertia < $0.inertia || $0.inertia.isNaN }) ?? true { best = result }
    done += 1
  }
}
