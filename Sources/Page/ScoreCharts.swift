/// Charts of the clusters: their sizes and mean scores.
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
}
