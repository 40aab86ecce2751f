import Glibc

/// Images that are like no other, and images that are like one other.
package struct OddImages {
  /// An image and how far it is from others.
  package struct Outlier: Equatable {
    /// The image.
    package let image: Int32
    /// The mean distance to its nearest neighbours in feature space.
    package let distance: Float
  }

  /// Two images that are near each other.
  package struct Twins: Equatable {
    /// The image of the smaller number.
    package let first: Int32
    /// The other one.
    package let second: Int32
    /// Their distance in feature space.
    package let distance: Float
    /// Whether all their bytes are the same; nil without pictures.
    package var isCopy: Bool?
  }

  /// Rows of a table or file at most.
  private static let most = 1000
  /// Two images are near-duplicates where their distance is at most this part of the median one: docs/report.md says what comes
  /// so near.
  static let nearShare: Float = 0.25

  /// The outliers, the farthest first; of all images that were compared, at most 1000.
  package private(set) var outliers: [Outlier] = []
  /// The median distance of an image to its nearest neighbour, copies left out: the scale of all distances. nil where no images were
  /// compared, or all are copies.
  package private(set) var median: Float?
  /// Copies and near-duplicates, at most 1000: those of distance 0 first, then the others, ascending.
  package private(set) var twins: [Twins] = []
  /// Images that have another one's features, to the last bit: how many could be left out.
  package private(set) var copies = 0

  /// Looks for both: copies among all images, the rest where there are neighbours.
  ///
  /// - Complexity: O(n·d + n·k)
  package init(_ input: ReportInput) {
    addCopies(input)
    guard let near = input.neighbours else { return }
    let count = near.table.count
    let distances = near.table.distances.map { $0.squareRoot() }
    outliers = near.images.enumerated().map { row, image in
      let own = distances[(row * count)..<((row + 1) * count)]
      return Outlier(image: image, distance: own.reduce(0, +) / Float(count))
    }
    .sorted { (-$0.distance, $0.image) < (-$1.distance, $1.image) }
    outliers = Array(outliers.prefix(Self.most))
    let nearest = near.images.indices.map { distances[$0 * count] }.filter { $0 > 0 }.sorted()
    guard !nearest.isEmpty else { return }
    let median = nearest[nearest.count / 2]
    self.median = median
    var pairs: [Twins] = []
    for (row, image) in near.images.enumerated() {
      guard distances[row * count] <= Self.nearShare * median else { continue }
      let other = near.images[Int(near.table.images[row * count])]
      let (first, second) = (min(image, other), max(image, other))
      // Two images that are each other's nearest come once.
      if image > other, isMutual(near, row) { continue }
      if Self.sameFeatures(input, Int(first), Int(second)) { continue }
      pairs.append(Twins(first: first, second: second, distance: distances[row * count], isCopy: nil))
    }
    pairs.sort { ($0.distance, $0.first, $0.second) < ($1.distance, $1.first, $1.second) }
    for pair in pairs.prefix(max(0, Self.most - twins.count)) {
      var pair = pair
      pair.isCopy = input.pictures.map { Self.sameBytes($0, Int(pair.first), Int(pair.second)) }
      twins.append(pair)
    }
  }

  /// Whether the nearest of row `row`'s nearest is that row again.
  private func isMutual(_ near: ReportInput.NearImages, _ row: Int) -> Bool {
    let other = Int(near.table.images[row * near.table.count])
    return Int(near.table.images[other * near.table.count]) == row
  }

  /// Copies have the same features, to the last bit: each with the first image that has them.
  private mutating func addCopies(_ input: ReportInput) {
    var first: [UInt64: [Int32]] = [:]
    first.reserveCapacity(input.images)
    for image in 0..<input.images {
      let key = Self.hash(input.embeddings[image])
      let others = first[key] ?? []
      if let other = others.first(where: { Self.sameFeatures(input, Int($0), image) }) {
        copies += 1
        guard twins.count < Self.most else { continue }
        let isCopy = input.pictures.map { Self.sameBytes($0, Int(other), image) }
        twins.append(Twins(first: other, second: Int32(image), distance: 0, isCopy: isCopy))
      } else {
        first[key] = others + [Int32(image)]
      }
    }
  }

  private static func hash(_ row: UnsafeBufferPointer<Float>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in row {
      hash = (hash ^ UInt64(value.bitPattern)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 29
    }
    return hash
  }

  private static func sameFeatures(_ input: ReportInput, _ a: Int, _ b: Int) -> Bool {
    let (a, b) = (input.embeddings[a], input.embeddings[b])
    return memcmp(a.baseAddress!, b.baseAddress!, a.count * MemoryLayout<Float>.size) == 0
  }

  private static func sameBytes(_ pictures: ReportInput.Pictures, _ a: Int, _ b: Int) -> Bool {
    var same = false
    pictures.read(a) { first in
      pictures.read(b) { second in
        same =
          first.count == second.count && memcmp(first.baseAddress!, second.baseAddress!, first.count) == 0
      }
    }
    return same
  }
}

/// The part of the page about them.
struct OddSheets {
  let page: PageContext
  let odd: OddImages

  var html: HTML {
    let outliers = outliers
    let twins = twins
    if outliers.source.isEmpty, twins.source.isEmpty { return "" }
    return PageContext.section("odd", "Outliers and near-duplicates", sample + outliers + twins)
  }

  private var sample: HTML {
    guard let near = page.input.neighbours, near.images.count < page.input.images else { return "" }
    return """
      <p>Neighbours were looked for in a fixed sample of \(Numbers.whole(near.images.count)) of the
      \(Numbers.whole(page.input.images)) images; exact copies among all.</p>

      """
  }

  private var outliers: HTML {
    let shown = Array(odd.outliers.prefix(18))
    guard let near = page.input.neighbours, !shown.isEmpty else { return "" }
    let images = shown.map(\.image)
    return """
      <h3>Outliers</h3>
      <p>Farthest from their \(near.table.count) nearest neighbours, by the mean distance of the features\(scale); more in
      <code>outliers.csv</code>.</p>
      \(page.cards(images) { number in
        "\(page.link(page.scores.clusters[Int(images[number])])), \(multiple(shown[number].distance))"
      })
      """
  }

  /// The unit of all distances; nil where there is none.
  private var usual: HTML? {
    odd.median.map {
      "the usual distance, the median one of an image to its nearest neighbour (\(Numbers.short(Double($0))))"
    }
  }

  private var scale: HTML { usual.map { ", as a multiple of \($0)" } ?? "" }

  private func multiple(_ distance: Float) -> String {
    guard let median = odd.median else { return Numbers.short(Double(distance)) }
    return "\(Numbers.fixed(Double(distance / median), 1))×"
  }

  private var share: String { Numbers.percent(Double(OddImages.nearShare), decimals: 0) }

  /// What near-duplicates are, where there is a scale for it.
  private var rule: HTML { usual.map { " at most \(share) as far apart as \($0)" } ?? "" }

  private var twins: HTML {
    let shown = Array(odd.twins.prefix(12))
    guard !shown.isEmpty else {
      return odd.median == nil
        ? "" : "<h3>Near-duplicates</h3>\n<p>There are none: no two images are\(rule).</p>\n"
    }
    let images = shown.flatMap { [$0.first, $0.second] }
    let sprites = page.sprites?.add(images)
    let pairs = shown.enumerated().map { number, twins -> HTML in
      let remark: HTML =
        twins.isCopy == true
        ? "the same bytes"
        : twins.distance == 0
          ? "the same features"
          : "\(odd.median.map { Numbers.percent(Double(twins.distance / $0)) } ?? "") of the usual distance"
      return """
        <div class="pair">\(page.card(twins.first, sprites?[2 * number], ""))\(page.card(twins.second, sprites?[2 * number + 1], ""))
        <p>\(remark)</p></div>

        """
    }
    let copies: HTML =
      odd.copies == 0
      ? ""
      : " \(Numbers.count(odd.copies, "image")) \(odd.copies == 1 ? "has" : "have") exactly the features of another one."
    return """
      <h3>Near-duplicates</h3>
      <p>\(Numbers.count(odd.twins.count, "pair"))\(rule), copies
      first; all are in <code>duplicates.csv</code>.\(copies)</p>
      <div class="pairs">\(pairs)</div>

      """
  }
}
