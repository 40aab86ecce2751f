/// How the nodes divide the lane groups of a block: by how fast each was in the last ones.
///
/// Nodes differ, and one of them writes what is found. What is found of an image does not depend on who works on it.
struct NodeShares {
  /// The ranks of each node.
  private let ranks: [Int]
  /// Of a rank of every node; 1 on average.
  private var speeds: [Double]
  /// How far a speed may be from 1: nobody gets twice the mean.
  private static let speedBounds = 0.7...1.3

  /// Every rank as much as another at first.
  ///
  /// - Parameter nodes: the number of each rank's node
  init(nodes: [Int]) {
    ranks = (0...(nodes.max() ?? 0)).map { node in nodes.count { $0 == node } }
    speeds = Array(repeating: 1, count: ranks.count)
  }

  /// The part of each node in `block`.
  func parts(of block: Range<Int>) -> [Range<Int>] {
    let weights = zip(ranks, speeds).map { Double($0) * $1 }
    let total = weights.reduce(0, +)
    var (sum, first) = (0.0, block.lowerBound)
    return weights.map { weight in
      sum += weight
      let end = min(block.upperBound, block.lowerBound + Int((Double(block.count) * sum / total).rounded()))
      defer { first = end }
      return first..<end
    }
  }

  /// Learns from what a block took.
  ///
  /// - Parameter rates: lane groups per second of each node; 0 where it had none
  mutating func learn(_ rates: [Double]) {
    let measured = zip(rates, ranks).map { $0 / Double($1) }
    let known = measured.filter { $0 > 0 }
    guard !known.isEmpty else { return }
    let mean = known.reduce(0, +) / Double(known.count)
    for (node, rate) in measured.enumerated() where rate > 0 {
      // Half of what was: one disturbance is soon forgotten.
      let speed = (speeds[node] + rate / mean) / 2
      speeds[node] = min(max(speed, Self.speedBounds.lowerBound), Self.speedBounds.upperBound)
    }
  }
}
