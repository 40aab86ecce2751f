/// How the ranks divide the lane groups of a block: by the speed that each has shown, as rank 0 also writes, and a core may have
/// other work. What is found of an image does not depend on it. Alike on all ranks.
struct BlockShares {
  /// The groups that each rank does in a second, relative to the mean.
  private var speeds: [Double]
  private static let leastSpeed = 0.125

  /// Even shares.
  init(ranks: Int) { speeds = [Double](repeating: 1, count: ranks) }

  /// The most of `groups` groups that a rank gets.
  func most(of groups: Int) -> Int { min(groups, 2 * ((groups + speeds.count - 1) / speeds.count)) }

  /// How many of `groups` groups each rank gets.
  func counts(of groups: Int) -> [Int] {
    let (most, sum) = (most(of: groups), speeds.reduce(0, +))
    var counts = speeds.map { min(Int(Double(groups) * $0 / sum), most) }
    var left = groups - counts.reduce(0, +)
    while left > 0 {
      // The last ones first: rank 0 has other work.
      for rank in counts.indices.reversed() where left > 0 && counts[rank] < most {
        counts[rank] += 1
        left -= 1
      }
    }
    return counts
  }

  /// Takes in how long each rank has worked on a group; 0 where it had none.
  mutating func learn(seconds: [Double]) {
    let found = seconds.map { $0 > 0 ? 1 / $0 : 0 }
    let mean = found.reduce(0, +) / Double(max(found.count { $0 > 0 }, 1))
    for (rank, speed) in found.enumerated() where speed > 0 {
      // Half of it, as single measurements are chance.
      speeds[rank] = max((speeds[rank] + speed / mean) / 2, Self.leastSpeed)
    }
  }
}
