/// A contact sheet for every cluster: what it looks like, and where it ends.
struct ClusterSheets {
  let page: PageContext

  /// Thumbnails of all sheets together.
  private static let mostThumbnails = 2880.0
  /// Thumbnails of a cluster where there is room for all.
  private static let (typical, even, doubtful) = (12, 24, 12)

  private struct Plan {
    let typical: Int
    let even: Int
    let doubtful: Int

    /// So many that all clusters' thumbnails stay within `room`.
    init(room: Double) {
      let share = min(1, room / Double(ClusterSheets.typical + ClusterSheets.even + ClusterSheets.doubtful))
      func part(_ count: Int) -> Int { max(2, Int(Double(count) * share)) }
      (typical, even, doubtful) = (
        part(ClusterSheets.typical), part(ClusterSheets.even), part(ClusterSheets.doubtful)
      )
    }
  }

  var html: HTML {
    let shown = page.shown.sorted()
    let bytes = page.sprites?.bytesPerThumbnail(images: page.input.images) ?? 0
    let thumbnails = min(page.room * Self.mostThumbnails, page.clusterBytes / (1.3 * max(bytes, 1)))
    let plan = Plan(room: thumbnails / Double(shown.count))
    let doubtful = doubtful(plan.doubtful)
    var contents: HTML = """
      <p>Each cluster with its most typical images (the highest scores), some in even steps from high scores to low ones, and
      doubtful ones: another cluster's score is at least half of their own. All doubtful images are in
      <code>doubtful.csv</code>.\(limits(shown.count))</p>

      """
    if shown.count <= 300, shown.count > 1 { contents += index(shown) }
    for cluster in shown { contents += sheet(cluster, plan, doubtful[cluster]) }
    if page.sprites?.hasRunOut == true {
      contents +=
        "<p class=\"remark\">Some thumbnails are left out, as the page would become too large.</p>\n"
    }
    return PageContext.section("clusters", "Clusters", contents)
  }

  private func limits(_ shown: Int) -> HTML {
    shown == page.input.clusters
      ? ""
      : " Only the \(Numbers.whole(shown)) largest of the \(Numbers.whole(page.input.clusters)) clusters are shown."
  }

  /// The most doubtful images of every cluster.
  private func doubtful(_ most: Int) -> [[Int32]] {
    var found = [[Int32]](repeating: [], count: page.input.clusters)
    for image in page.scores.doubtful {
      let cluster = Int(page.scores.clusters[Int(image)])
      if found[cluster].count < most { found[cluster].append(image) }
    }
    return found
  }

  private func index(_ shown: [Int]) -> HTML {
    let links = shown.map { "<a href=\"#cluster-\($0)\">\(swatch($0))\(page.key($0))</a> " as HTML }
    return "<nav class=\"index\">\(links)</nav>\n"
  }

  private func swatch(_ cluster: Int) -> HTML {
    "<span class=\"swatch\" style=\"background:\(page.palette.text(cluster))\"></span>"
  }

  private func sheet(_ cluster: Int, _ plan: Plan, _ doubtful: [Int32]) -> HTML {
    let members = page.scores.members[cluster]
    guard !members.isEmpty else {
      return
        "<article id=\"cluster-\(cluster)\"><h3>\(swatch(cluster))\(page.heading(cluster))</h3><p>No images\(page.mergedRemark(cluster)).</p></article>\n"
    }
    let typical = Array(members.prefix(plan.typical))
    let even = spread(Array(members.dropFirst(plan.typical)), plan.even)
    let sprites = page.sprites?.add(typical + even + doubtful)
    func part(_ range: Range<Int>) -> [Sprite]? { sprites.map { Array($0[range]) } }
    let share = Double(members.count) / Double(page.input.images)
    var markup: HTML = """
      <article id="cluster-\(cluster)"><h3>\(swatch(cluster))\(page.heading(cluster))</h3>
      <p>\(Numbers.count(members.count, "image")) (\(Numbers.percent(share))), mean score \
      \(Numbers.fixed(page.scores.meanScore(cluster), 3))\(commonest(cluster, members.count))\(page.mergedRemark(cluster))</p>
      <h4>Most typical</h4>
      \(page.strip(typical, part(0..<typical.count)))
      """
    if !even.isEmpty {
      let place = typical.count
      markup += "<h4>From high to low scores</h4>\n\(page.strip(even, part(place..<(place + even.count))))"
    }
    if !doubtful.isEmpty {
      let place = typical.count + even.count
      let cards = doubtful.indices.map { number in
        page.card(doubtful[number], sprites?[place + number], doubt(Int(doubtful[number])))
      }
      markup += "<h4>Doubtful</h4>\n<div class=\"cards\">\(cards)</div>\n"
    }
    return markup + "</article>\n"
  }

  private func commonest(_ cluster: Int, _ count: Int) -> HTML {
    guard let (label, images) = page.agreement?.commonest(cluster) else { return "" }
    return
      "; most are of class “\(page.className(label))” (\(Numbers.percent(Double(images) / Double(count))))"
  }

  private func doubt(_ image: Int) -> HTML {
    let scores = page.scores
    return """
      or \(page.link(scores.second[image])) \
      (\(Numbers.fixed(Double(scores.own[image]), 2)) to \(Numbers.fixed(Double(scores.secondScore[image]), 2)))
      """
  }
}
