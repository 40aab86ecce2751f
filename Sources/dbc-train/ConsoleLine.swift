import Basics
import Clustering
import Report
import Training

/// The lines that the console shows of a run: of epochs and partitions that are over, and of the epoch that runs. None is
/// longer than 80 columns.
struct ConsoleLine {
  /// What is known of the whole run.
  var forecast: RunForecast
  /// The network and the stage whose epochs run; nil before the first one.
  var place: RunPlace?

  /// One piece of a line. Where a line would be too long, pieces of the lowest rank are left out first.
  private typealias Field = (text: String, rank: Int)

  private static let columns = 80

  /// What is over.
  func text(_ record: MetricsRecord) -> String {
    switch record {
    case .epoch(let record): return Self.line(fields(record))
    case .kmeans(let record):
      return Self.line([
        (record.source.title, 9), ("inertia \(Self.number(record.inertia))", 1), Self.field(record.metrics),
        (ProgressLine.duration(record.seconds), 2),
      ])
    case .graph(let record):
      return Self.line(
        [("graph partition", 9)] + Self.fields(record.partition, record.seconds)
          + [(PartitionChoice.isUneven(record.sizes) ? "uneven sizes" : "", 8)])
    case .clusterCount(let record): return text(record)
    }
  }

  private func text(_ record: ClusterCountRecord) -> String {
    var table = TextTable([
      ("clusters", .right), ("stability", .right), ("modularity", .right),
      ("eigengap", .right), ("score", .right), ("", .left),
    ])
    for row in record.rows {
      let numbers = [row.stability, row.modularity, row.eigengap, row.score]
      table.add(
        ["\(row.clusters)"] + numbers.map(Self.fixed)
          + [row.clusters == record.clusters ? "suggested" : ""])
    }
    return
      "\n\(table.text)\n\n\(record.clusters) clusters are suggested: the highest score\(Self.end(record))\(Self.nearby(record))\n"
  }

  /// A remark where other numbers are nearly as good; empty elsewhere.
  private static func nearby(_ record: ClusterCountRecord) -> String {
    let rows = record.nearby
    guard !rows.isEmpty else { return "" }
    let shown = rows.prefix(8).map { "\($0.clusters) (\(fixed($0.score)))" }.joined(separator: ", ")
    return
      "\nNearly as good: \(shown)\(rows.count > 8 ? ", …" : ""). Where you expect few kinds, take the smallest; another number is a new run, with "
      + "--clusters N and another --output"
  }

  /// A remark where the largest number that was tried is the best.
  static func end(_ record: ClusterCountRecord) -> String {
    record.isAtEnd ? ", which is the end of the range: there may be more" : ""
  }

  /// The epoch that runs.
  ///
  /// - Parameters:
  ///   - share: the share of its steps that lie behind, 0…1
  ///   - rate: images per second
  ///   - expected: the seconds of the whole epoch, as far as its steps tell
  func text(_ stage: Stage, epoch: Int, share: Double, rate: Double, expected: Double) -> String {
    let left = place.flatMap {
      forecast.secondsLeft(at: $0, epoch: epoch, share: share, expected: expected)
    }
    return Self.line(
      head(stage, epoch) + [(ProgressLine.shortRate(rate), 2)]
        + (left.map { [("\(ProgressLine.duration($0)) left", 3)] } ?? []))
  }

  /// Network, stage and epoch.
  private func head(_ stage: Stage, _ epoch: Int) -> [Field] {
    var fields: [Field] = []
    if forecast.networks > 1, stage != .chain, let place {
      fields.append(("network \(place.member + 1) of \(forecast.networks)", 8))
    }
    return fields + [(stage.shortTitle, 9), ("epoch \(epoch) of \(forecast.epochs(of: stage))", 9)]
  }

  private func fields(_ record: EpochRecord) -> [Field] {
    var fields = head(record.stage, record.epoch)
    if let loss = record.loss { fields.append(("loss \(Self.number(loss))", record.chain == nil ? 4 : 1)) }
    if let chain = record.chain {
      fields.append(("\(chain.changed) changed", 5))
      fields.append(("mean score \(Self.fixed(chain.meanMaximumScore))", 2))
    }
    // The clusters of the refinement are finer than the classes.
    if record.stage != .refinement { fields.append(Self.field(record.metrics)) }
    if record.imagesPerSecond > 0 { fields.append((ProgressLine.shortRate(record.imagesPerSecond), 0)) }
    if let place, let left = forecast.secondsLeft(at: place, epoch: record.epoch, share: 1), left > 0 {
      fields.append(("\(ProgressLine.duration(left)) left", 3))
    }
    return fields
  }

  private static func fields(_ partition: GraphRecord.Candidate, _ seconds: Double) -> [Field] {
    [
      ("modularity \(fixed(partition.quality.modularity))", 6), field(partition.metrics),
      (ProgressLine.duration(seconds), 2),
    ]
  }

  /// What a line says of a partition where there are labels.
  private static func field(_ metrics: PartitionMetrics?) -> Field {
    (metrics.map { "ACC \(fixed($0.accuracy)) NMI \(fixed($0.nmi))" } ?? "", 7)
  }

  /// The fields in their order, as far as they fit.
  private static func line(_ fields: [Field]) -> String {
    var fields = fields.filter { !$0.text.isEmpty }
    func text() -> String { fields.map(\.text).joined(separator: " · ") }
    while text().count > columns, let lowest = fields.map(\.rank).min(), lowest < 9 {
      fields.remove(at: fields.lastIndex { $0.rank == lowest }!)
    }
    return text()
  }

  /// Four digits behind the point.
  static func fixed(_ value: Double) -> String { String(printf: "%.4f", value) }

  /// Four digits.
  static func number(_ value: Double) -> String { String(printf: "%.4g", value) }
}
