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
    let stability = [line("networks", \.agreement), line("samples of edges", { $0.samples })]
    let end: HTML =
      found.isAtEnd ? " It is the largest that was tried: there may be more; try a larger range." : ""
    return PageContext.section(
      "counts", "How many clusters",
      """
      <p>\(Numbers.count(found.rows.count, "number")) of clusters, \(found.rows.first!.clusters) to
      \(found.rows.last!.clusters), were tried; the score is highest at <strong>\(found.clusters)</strong>.\(end)
      The score is stability times modularity. A second peak that is nearly as high is another number that the images
      support.</p>
      <div class="charts">
      \(Chart.lines("Score", x: "clusters", [line("", { $0.score })]))
      \(Chart.lines("Stability: agreement of partitions (ARI)", x: "clusters", stability.filter { !$0.points.isEmpty }))
      \(Chart.lines("Modularity", x: "clusters", [line("", { $0.modularity })]))
      \(Chart.lines("Eigengap", x: "clusters", [line("", { $0.eigengap })]))
      </div>

      """)
  }

  private static func found(_ record: MetricsRecord) -> ClusterCountRecord? {
    if case .clusterCount(let record) = record { record } else { nil }
  }
}
