/// How many scores lie in each of 20 equal parts of 0…1 (Fig. 6 of the paper). A score of 1 is in the last one.
package struct ScoreHistogram: Equatable, Sendable {
  /// The number of parts.
  package static let bins = 20
  /// Scores in each part.
  package private(set) var counts = [Int](repeating: 0, count: bins)

  /// No scores.
  package init() {}

  /// Those of `scores`.
  package init(_ scores: some Sequence<Float>) {
    for score in scores { add(score) }
  }

  /// Takes in a score; one that is not finite is left out.
  package mutating func add(_ score: Float) {
    guard score.isFinite else { return }
    counts[min(Self.bins - 1, Int(min(max(score, 0), 1) * Float(Self.bins)))] += 1
  }
}
