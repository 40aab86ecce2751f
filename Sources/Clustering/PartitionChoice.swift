import Lanes

/// Which of several partitions of one graph is taken, and whether its clusters are uneven, without labels.
///
/// Clusters are uneven where e^H is less than `evenness` times their number K, with H the entropy of their shares: it is K where
/// all are equally large.
package enum PartitionChoice {
  /// A partition to choose from: the link that its parts were merged by; nil where it is the one in force.
  package typealias Candidate = (quality: PartitionQuality, link: PartLink?)

  /// The number of the partition that is taken, the first one of equals.
  ///
  /// That is the one of the highest modularity, which prefers clusters of equal size, among those that were not merged by
  /// the root link, unless an uneven one cuts far less weight: at most `lessCut` times as much. Of the uneven ones it is the one
  /// of the highest H − `cutWeight` · log(cut + `leastCut`): to halve the cut is worth as much as .5 of entropy. Where the one
  /// in force is uneven, this has been shown before, and the best uneven one is taken whatever it cuts.
  ///
  /// - Parameters:
  ///   - partitions: at least one that was not merged by the root link
  ///   - clusters: K
  package static func best(_ partitions: [Candidate], clusters: Int) -> Int {
    func highest(_ numbers: [Int], _ value: (PartitionQuality) -> Double) -> Int? {
      let values = partitions.map { value($0.quality) }
      return numbers.max { values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1) }
    }
    let all = Array(partitions.indices)
    guard let even = highest(all.filter { partitions[$0].link != .root }, \.modularity) else {
      preconditionFailure("no partition to choose from")
    }
    let unevens = all.filter { isUneven(entropy: partitions[$0].quality.entropy, clusters) }
    let isShown = unevens.contains { partitions[$0].link == nil }
    func cut(_ quality: PartitionQuality) -> Double { quality.cut + leastCut }
    guard let uneven = highest(unevens, { $0.entropy - cutWeight * Elementary.log(cut($0)) }),
      isShown || cut(partitions[uneven].quality) <= lessCut * cut(partitions[even].quality)
    else { return even }
    return uneven
  }

  private static let (cutWeight, leastCut, lessCut) = (0.7, 0.002, 0.7)

  /// Whether clusters of these sizes are uneven.
  package static func isUneven(_ sizes: [Int]) -> Bool {
    let all = Double(max(1, sizes.reduce(0, +)))
    return isUneven(entropy: entropy(sizes.map { Double($0) / all }), sizes.count)
  }

  /// −Σ p log p.
  static func entropy(_ shares: [Double]) -> Double {
    shares.reduce(0) { $1 > 0 ? $0 - $1 * Elementary.log($1) : $0 }
  }

  private static func isUneven(entropy: Double, _ clusters: Int) -> Bool {
    Elementary.exp(entropy) < evenness * Double(clusters)
  }

  private static let evenness = 0.8
}
