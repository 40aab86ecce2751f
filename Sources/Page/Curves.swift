import Clustering
import Report
import Training

/// What metrics.jsonl says: how the run went, and where its time went.
struct Curves {
  let records: [MetricsRecord]

  private var epochs: [EpochRecord] {
    records.compactMap { if case .epoch(let record) = $0 { record } else { nil } }
  }

  /// The learning curves.
  var html: HTML {
    var charts = HTML()
    for (stage, title) in [
      (Stage.pretraining, "Stage I: loss"), (.refinement, "Refinement: loss"), (.chain, "Stage II: loss"),
    ] {
      charts += chart(title, stage) { $0.loss }
    }
    for (stage, name) in [(Stage.refinement, "Refinement"), (.chain, "Stage II")] {
      charts += chart("\(name): changed assignments", stage, fromZero: true) { record in
        // At first all images have a new cluster.
        record.epoch == 0 ? nil : record.chain.map { Double($0.changed) }
      }
      charts += chart("\(name): mean maximum score", stage) { $0.chain?.meanMaximumScore }
    }
    charts += chart("Stage II: modularity of the assignments", .chain) { $0.modularity }
    charts += agreement("Refinement", .refinement) + agreement("Stage II", .chain)
    guard !charts.source.isEmpty else { return "" }
    return PageContext.section(
      "curves", "How the run learned",
      """
      <p>By epoch, from <code>metrics.jsonl</code>. Where several networks were trained, each has a line.</p>
      <div class="charts">
      \(charts)</div>

      """)
  }

  /// A line for every network.
  private func chart(
    _ title: String, _ stage: Stage, fromZero: Bool = false, _ value: (EpochRecord) -> Double?
  ) -> HTML {
    let own = epochs.filter { $0.stage == stage }
    var origins: [RecordOrigin?] = []
    for record in own where !origins.contains(record.origin) { origins.append(record.origin) }
    let lines = origins.map { origin in
      Chart.Line(
        origins.count > 1 ? Self.name(origin, among: origins) : "",
        own.filter { $0.origin == origin }.compactMap { record in
          value(record).map { (Double(record.epoch), $0) }
        })
    }
    .filter { line in line.points.contains { $0.y.isFinite } }
    return lines.isEmpty ? "" : Chart.lines(title, x: "epoch", fromZero: fromZero, lines)
  }

  private static func name(_ origin: RecordOrigin?, among origins: [RecordOrigin?]) -> String {
    guard let origin else { return "network" }
    let isAlone = origins.allSatisfy { $0?.augment == origin.augment }
    return isAlone ? "network \(origin.member)" : "network \(origin.member), \(origin.augment)"
  }

  private func agreement(_ title: String, _ stage: Stage) -> HTML {
    let own = epochs.filter { $0.stage == stage && $0.metrics != nil }
    guard let last = own.last else { return "" }
    // Of several networks the last one is the one that the run went on with.
    let records = own.filter { $0.origin == last.origin }
    func line(_ name: String, _ value: KeyPath<PartitionMetrics, Double>) -> Chart.Line {
      Chart.Line(
        name,
        records.compactMap { record in record.metrics.map { (Double(record.epoch), $0[keyPath: value]) } })
    }
    return Chart.lines(
      "\(title): agreement with the labels", x: "epoch",
      [line("ACC", \.accuracy), line("NMI (larger entropy)", \.nmi), line("ARI", \.ari)])
  }

  /// Where the time went.
  var time: HTML {
    let summary = RunSummary(records)
    let total = summary.phases.values.reduce(0, +)
    guard total > 0 else { return "" }
    let rows = Phase.allCases.compactMap { phase -> [HTML]? in
      guard let seconds = summary.phases[phase], seconds > 0 else { return nil }
      let share = seconds / total
      return [
        "\(phase.title)", "\(ProgressLine.duration(seconds))", "\(Numbers.percent(share))",
        "<span class=\"meter\"><span style=\"width:\(Numbers.fixed(100 * share, 2))%\"></span></span>",
      ]
    }
    let other = summary.seconds - total
    let rest: HTML =
      other > 0.01 * summary.seconds
      ? " \(ProgressLine.duration(other)) more went into what has no phase of its own, such as k-means and the partitions of the graph."
      : ""
    return PageContext.section(
      "time", "Where the time went",
      """
      <p>Seconds of the first rank in the epochs of all stages: \(ProgressLine.duration(total)).\(rest)</p>
      \(HTML.table(["phase", "time", "share", ""], numbers: [1, 2], rows))
      """)
  }
}
