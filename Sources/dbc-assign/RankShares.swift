/// How the ranks divide the lane groups of a block: by how fast each was in the last ones.
///
/// Rank 0 writes what is found beside its own part, and cores differ. What is found of an image does not depend on who works on it.
struct RankShares {
  /// Of every rank; 1 on average.
  private var speeds: [Double]
  /// How far a speed may be from 1: nobody gets twice the mean.
  private static let speedBounds = 0.7...1.3

  /// Equal parts at first.
  init(ranks: Int) {
    speeds = Array(repeating: 1, count: ranks)
  }

  /// The most lane groups that one rank gets of a block of `groups`.
  func most(of groups: Int) -> Int { min(groups, 2 * ((groups + speeds.count - 1) / speeds.count)) }

  /// The part of each rank in `block`.
  func parts(of block: Range<Int>) -> [Range<Int>] {
    let total = speeds.reduce(0, +)
    var (sum, first) = (0.0, block.lowerBound)
    return speeds.map { speed in
      sum += speed
      let end = min(block.upperBound, block.lowerBound + Int((Double(block.count) * sum / total).rounded()))
      defer { first = end }
      return first..<end
    }
  }

  /// Learns from what a block took.
  ///
  /// - Parameter seconds: of every rank for one lane group; 0 where it had none
  mutating func learn(_ seconds: [Double]) {
    let measured = seconds.filter { $0 > 0 }.map { 1 / $0 }
    guard !measured.isEmpty else { return }
    let mean = measured.reduce(0, +) / Double(measured.count)
    for (rank, seconds) in seconds.enumerated() where seconds > 0 {
      // Half of what was: one disturbance is soon forgotten.
      let speed = (speeds[rank] + 1 / seconds / mean) / 2
      speeds[rank] = min(max(speed, Self.speedBounds.lowerBound), Self.speedBounds.upperBound)
    }
  }
}
