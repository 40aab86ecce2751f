/// The part of the page about pairs of clusters that might be one: what the scores say of them, and what the neighbour graph
/// says.
struct PairTable {
  let page: PageContext

  /// The overlaps and links of more clusters would need much memory.
  private static let mostClusters = 2000
  /// Pairs of each judgement: always so many, that one sees how small the largest is, and no more than so many.
  private static let (least, most) = (3, 10)
  /// A judgement of less than this says that two clusters are not one.
  private static let (leastOverlap, leastRatio) = (0.01, 0.1)

  /// Two clusters, and both judgements.
  private struct Row {
    let pair: ClusterPairs.Pair
    let link: ClusterLinks.Link?

    /// Less comes first: more edges than chance would put there, as far as two digits tell, and then more overlap.
    var order: (Double, Double, Int, Int) {
      (-((link?.ratio ?? 0) * 100).rounded(), -pair.overlap, pair.first, pair.second)
    }
  }

  var html: HTML {
    guard page.input.clusters <= Self.mostClusters else { return "" }
    let links = page.input.neighbours.map {
      ClusterLinks($0, assignments: page.input.assignments, clusters: page.input.clusters)
    }
    let rows = rows(links)
    guard !rows.isEmpty else { return "" }
    return PageContext.section(
      "pairs", "Which clusters might be one", links == nil ? scoresAlone(rows) : both(rows))
  }

  /// The pairs that one of the two judgements names.
  private func rows(_ links: ClusterLinks?) -> [Row] {
    let pairs = ClusterPairs.most(page.input.scores, count: .max)
    var rows = pairs.map { Row(pair: $0, link: links?[$0.first, $0.second]) }
    rows =
      Self.chosen(rows) { $0.pair.overlap >= Self.leastOverlap }
      + Self.chosen(rows.filter { $0.link != nil }.sorted { $0.order < $1.order }) {
        ($0.link?.ratio ?? 0) >= Self.leastRatio
      }
    rows.sort { $0.order < $1.order }
    return rows.indices.filter { $0 == 0 || rows[$0].pair != rows[$0 - 1].pair }.map { rows[$0] }
  }

  /// The first rows: some always, more where they are to be named.
  private static func chosen(_ rows: [Row], _ isNamed: (Row) -> Bool) -> [Row] {
    rows.prefix(most).enumerated().filter { $0.offset < least || isNamed($0.element) }.map(\.element)
  }

  private func scoresAlone(_ rows: [Row]) -> HTML {
    """
    <p>The pairs of clusters whose scores overlap most (0: no image lies between them; 1: the scores do not tell them apart),
    their sizes, and three images between them.\(samples)</p>
    \(HTML.table(
      ["clusters", "overlap", "between them"], numbers: [1], pictures: true,
      rows.map { [clusters($0), overlap($0), between($0)] }))
    """
  }

  private func both(_ rows: [Row]) -> HTML {
    """
    <p>The pairs that the neighbour graph or the scores hold for one most, their sizes, and three images between them. Edges:
    the weight of the graph’s edges between the two, as a multiple of what chance would put there. Gain: what the graph’s
    modularity would gain by merging them. Where it is positive, they might be one. Overlap: of the scores (0: no image lies
    between the two; 1: the scores do not tell them apart).\(samples)</p>
    \(none(rows))\(HTML.table(
      ["clusters", "edges", "gain", "overlap", "between them"], numbers: [1, 2, 3], pictures: true,
      rows.map { [clusters($0), edges($0), gain($0), overlap($0), between($0)] }))
    """
  }

  /// What is to be said where no gain is positive. The pair of the highest one is among the rows.
  private func none(_ rows: [Row]) -> HTML {
    guard rows.allSatisfy({ ($0.link?.gain ?? 0) <= 0 }) else { return "" }
    return """
      <p>No gain is positive. That says little: stage II pulls clusters apart, and a gain is rarely positive after it. Look at the
      pictures, those of the first pairs above all.</p>

      """
  }

  private func clusters(_ row: Row) -> HTML {
    func name(_ cluster: Int) -> HTML {
      "<span class=\"whole\">\(page.link(cluster)) (\(Numbers.whole(page.scores.members[cluster].count)))</span>"
    }
    let merged = page.areMerged(row.pair.first, row.pair.second) ? ", one by name" : ""
    return "\(name(row.pair.first))<br/>\(name(row.pair.second))\(merged)"
  }

  private func overlap(_ row: Row) -> HTML { "\(Numbers.fixed(row.pair.overlap, 3))" }

  private func edges(_ row: Row) -> HTML { "\(row.link.map { "\(Numbers.fixed($0.ratio, 2))×" } ?? "–")" }

  private func gain(_ row: Row) -> HTML { "\(row.link.map { Numbers.signed($0.gain, 4) } ?? "–")" }

  private func between(_ row: Row) -> HTML {
    let images = ClusterPairs.between(row.pair, page.input.scores, count: 3)
    return page.strip(images, page.sprites?.add(images))
  }

  private var samples: HTML {
    var text: HTML = ""
    if page.input.images > ClusterPairs.mostImages {
      let least = Numbers.whole(ClusterPairs.mostImages / 2)
      text += " The overlap is that of at least \(least) of the images, in even steps."
    }
    if let near = page.input.neighbours, near.images.count < page.input.images {
      text += " The graph is that of a sample of \(Numbers.whole(near.images.count)) images."
    }
    return text
  }
}
