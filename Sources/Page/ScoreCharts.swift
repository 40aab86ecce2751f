/// Charts of the scores: the clusters' sizes and mean scores, and how sure the assignments are.
struct ScoreCharts {
  let page: PageContext

  /// Images and mean score by cluster.
  var sizes: HTML {
    let members = page.scores.members
    let labels = members.indices.map { "\($0)" }
    let counts = members.map { Double($0.count) }
    let means = members.indices.map { page.scores.meanScore($0) }
    return PageContext.section(
      "sizes", "Sizes and mean scores",
      """
      <div class="charts">
      \(Chart.columns(
        "Images by cluster", x: "cluster", y: "", counts, labels: labels,
        notes: members.indices.map { "\(page.title($0)): \(Numbers.count(members[$0].count, "image"))" }))
      \(Chart.columns(
        "Mean score by cluster", x: "cluster", y: "", means, labels: labels,
        notes: members.indices.map { "\(page.title($0)): \(Numbers.fixed(means[$0], 3))" }))
      </div>

      """)
  }

  /// How many images have which score in their cluster.
  var histogram: HTML {
    let bins = 20
    var counts = [Int](repeating: 0, count: bins)
    for score in page.scores.own {
      counts[min(bins - 1, max(0, Int(min(max(score, 0), 1) * Float(bins))))] += 1
    }
    func edge(_ bin: Int) -> String { Numbers.fixed(Double(bin) / Double(bins), 2) }
    let all = Double(page.input.images)
    return PageContext.section(
      "histogram", "How sure the assignments are",
      """
      <p>The score that each image has in its own cluster at the end of the run (Fig. 6 of the paper). A run whose clusters
      are far apart has nearly all images at the right.</p>
      <div class="charts">
      \(Chart.columns(
        "Images by score in their cluster", x: "score from", y: "share of images in %",
        counts.map { 100 * Double($0) / all }, labels: (0..<bins).map(edge),
        notes: counts.indices.map {
          "\(edge($0)) to \(edge($0 + 1)): \(Numbers.count(counts[$0], "image"))" }))
      </div>

      """)
  }
}
