/// How many clusters are asked for: a number, or a range in which the run finds one.
package struct ClusterCount: Equatable, Sendable {
  /// The least number.
  package let least: Int
  /// The largest number; as `least` where the number is given.
  package let most: Int

  /// The number `clusters`.
  package init(_ clusters: Int) { (least, most) = (clusters, clusters) }

  /// A number of `least` to `most` clusters.
  package init(least: Int, most: Int) { (self.least, self.most) = (least, most) }

  /// A number such as `10`, or a range such as `2...20`, also written `2-20` or `2..20`; nil of other text. The numbers may make
  /// no sense.
  package init?(_ text: String) {
    if let number = Int(text) {
      self.init(number)
      return
    }
    for separator in ["...", "…", "..", "-"] {
      let sides = text.split(separator: separator, omittingEmptySubsequences: false)
      if sides.count == 2, let least = Int(sides[0]), let most = Int(sides[1]) {
        self.init(least: least, most: most)
        return
      }
    }
    return nil
  }

  /// Numbers of clusters that are tried at most.
  static let mostTried = 100

  /// The middle; the number itself where it is given.
  package var typical: Int { isRange ? least / 2 + most / 2 : least }

  /// Whether a number is to be found.
  package var isRange: Bool { least != most }

  /// As `init?` reads it.
  package var text: String { isRange ? "\(least)...\(most)" : "\(least)" }

  /// The range for images of which nothing is known: 2 to 30 clusters, fewer where there are not eight images for each.
  static func unknown(images: Int) -> ClusterCount {
    ClusterCount(least: 2, most: max(2, min(30, images / 8)))
  }
}

extension ClusterCount: OptionValue {
  package var optionText: String { text }
  package var configValue: JSONValue? { isRange ? .text(text) : .integer(least) }
}
