import Clustering
import Foundation
import Report
import Training

/// The line that the console shows of a record.
enum ConsoleLine {
  static func text(_ record: MetricsRecord) -> String {
    switch record {
    case .epoch(let record): text(record)
    case .kmeans(let record): text(record)
    case .graph(let record): text(record)
    case .comparison(let record): text(record)
    }
  }

  private static func text(_ record: EpochRecord) -> String {
    var text = "\(network(record))\(record.stage.rawValue) epoch \(record.epoch)"
    if let loss = record.loss { text += "  loss \(number(loss))" }
    if let chain = record.chain {
      text += "  changed \(chain.changed)  mean largest score \(fixed(chain.meanMaximumScore))"
    }
    // The clusters of the refinement are finer than the classes.
    if record.stage != .refinement { text += self.text(record.metrics) }
    if record.imagesPerSecond > 0 { text += "  \(ProgressLine.rate(record.imagesPerSecond))" }
    return text
  }

  /// Which network it is, where several have the same epochs; stage II has one.
  private static func network(_ record: EpochRecord) -> String {
    guard let origin = record.origin, origin.members > 1, record.stage != .chain else { return "" }
    return "network \(origin.member)/\(origin.members) \(origin.augment)  "
  }

  private static func text(_ record: KMeansRecord) -> String {
    "\(record.source.title)  inertia \(number(record.inertia))\(text(record.metrics))  "
      + ProgressLine.duration(record.seconds)
  }

  private static func text(_ record: GraphRecord) -> String {
    let chosen = record.partition
    return
      "graph partition  of \(chosen.source.name)  eigenvectors \(chosen.eigenvectors)  "
      + "cut \(fixed(chosen.quality.cut))  modularity \(fixed(chosen.quality.modularity))"
      + "\(text(chosen.metrics))  \(ProgressLine.duration(record.seconds))"
  }

  private static func text(_ record: ComparisonRecord) -> String {
    let partition = record.partition
    var text = "--augment \(record.origin.augment), \(record.isRefined ? "refined" : "stage I")"
    text += "  modularity \(fixed(partition.quality.modularity))\(self.text(partition.metrics))"
    if let taken = record.taken {
      let sums = record.sums.map { "\($0.augment) \(fixed($0.modularity))" }.joined(separator: ", ")
      text += "  taken: \(taken), by the sums of both modularities (\(sums))"
    }
    return "\(text)  \(ProgressLine.duration(record.seconds))"
  }

  /// What a line says of a partition where there are labels.
  private static func text(_ metrics: PartitionMetrics?) -> String {
    metrics.map { "  ACC \(fixed($0.accuracy))  NMI \(fixed($0.nmi))  ARI \(fixed($0.ari))" } ?? ""
  }

  /// Four digits behind the point.
  static func fixed(_ value: Double) -> String { String(format: "%.4f", value) }

  /// Five digits.
  static func number(_ value: Double) -> String { String(format: "%.5g", value) }
}
