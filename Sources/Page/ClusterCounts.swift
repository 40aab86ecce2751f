import Report
import Training

/// How the number of clusters was found, where the run has found it: the curve over the numbers that were tried.
struct ClusterCounts {
  let records: [MetricsRecord]

  /// The section; empty where the number was given.
  var html: HTML {
    guard let found = records.lazy.compactMap({ Self.found($0) }).last, found.rows.count > 1 else {
      return ""
    }
    func line(_ name: String, _ value: (ClusterCountRecord.Row) -> Double?) -> Chart.Line {
      Chart.Line(name, found.rows.compactMap { row in value(row).map { (Double(row.clusters), $0) } })
    }
    func chart(_ title: String, _ lines: [Chart.Line]) -> HTML {
      Chart.lines(title, x: "clusters", marked: found.clusters, lines)
    }
    let end: HTML =
      found.isAtEnd ? " It is the largest that was tried: there may be more; try a larger range." : ""
    return PageContext.section(
      "counts", "How many clusters",
      """
      <p>\(Numbers.count(found.rows.count, "number")) of clusters, \(found.rows.first!.clusters) to
      \(found.rows.last!.clusters), were tried; the score is highest at <strong>\(found.clusters)</strong>.\(end)
      The score is the square of stability times modularity.</p>
      <div class="charts">
      \(chart("Score", [line("", { $0.score })]))
      \(chart("Stability: agreement of partitions (ARI)", [line("", { $0.stability })]))
      \(chart("Modularity", [line("", { $0.modularity })]))
      \(chart("Eigengap", [line("", { $0.eigengap })]))
      </div>
      <p>\(Self.others(found))</p>

      """)
  }

  /// The other numbers that the images support, ascending.
  private static func others(_ found: ClusterCountRecord) -> HTML {
    let near = found.nearby
    let share = Numbers.percent(ClusterCountRecord.near, decimals: 0)
    guard !near.isEmpty else { return "No other number has a score within \(share) of the highest one." }
    let list = near.map { "\($0.clusters) (\(Numbers.fixed($0.score, 3)))" }.joined(separator: ", ")
    let highest = Numbers.fixed(found.rows.map(\.score).max() ?? 0, 3)
    return """
      Other numbers whose score is within \(share) of the highest one (\(highest)): <strong>\(list)</strong>. They are answers, too: the images
      support each of them, such as kinds and their sub-kinds. Where you expect few kinds, look at the smallest of them first. Another number
      is a new run: <code>--clusters N</code> and another <code>--output</code>.
      """
  }

  private static func found(_ record: MetricsRecord) -> ClusterCountRecord? {
    if case .clusterCount(let record) = record { record } else { nil }
  }
}
