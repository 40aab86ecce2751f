import Clustering

/// What the records of a run come to, those of all its sessions: what its closing tables say.
package struct RunSummary: Equatable, Sendable {
  /// A partition of the images.
  package struct Row: Equatable, Sendable {
    /// How it was found.
    package let name: String
    /// With labels.
    package let metrics: PartitionMetrics?
    /// Images per cluster; empty where they are not known.
    package let sizes: [Int]
    /// The mean of the largest scores, where there are scores.
    package let meanScore: Double?
    /// The modularity by which the graph judges it, where a graph has made it.
    package let modularity: Double?
    /// How far the networks agree, see `GraphRecord`.
    package let agreement: Double?
    /// What led to it since the row before, in seconds: of k-means of features with the stage that made them, over all
    /// networks.
    package let seconds: Double

    init(
      _ name: String, _ metrics: PartitionMetrics?, sizes: [Int], meanScore: Double? = nil,
      modularity: Double? = nil, agreement: Double? = nil, seconds: Double
    ) {
      (self.name, self.metrics, self.sizes, self.meanScore) = (name, metrics, sizes, meanScore)
      (self.modularity, self.agreement, self.seconds) = (modularity, agreement, seconds)
    }
  }

  /// Seconds by phase, on rank 0.
  package private(set) var phases: [Phase: Double] = [:]
  /// Seconds of everything that has a record.
  package private(set) var seconds = 0.0
  private var stageSeconds: [Stage: Double] = [:]
  private var partitions: [Row] = []
  /// The last epoch of stage II.
  package private(set) var lastChain: EpochRecord?
  /// How the number of clusters was found, where it was not given.
  package private(set) var clusterCount: ClusterCountRecord?

  /// The summary of a run that has done nothing.
  package init() {}

  /// The rows of `records`, in their order.
  package init(_ records: [MetricsRecord]) {
    for record in records { add(record) }
  }

  /// Takes in the next record, as it comes or read from metrics.jsonl.
  package mutating func add(_ record: MetricsRecord) {
    seconds += record.seconds
    switch record {
    case .epoch(let record):
      for entry in record.phases { phases[entry.phase, default: 0] += entry.seconds }
      stageSeconds[record.stage, default: 0] += record.seconds
      if record.stage == .chain { lastChain = record }
    case .kmeans(let record):
      let source = source(of: record)
      let stages: [Stage] =
        switch source {
        case .pixels: []
        case .features: [.pretraining]
        case .refinedFeatures: [.refinement]
        }
      let before = stages.reduce(0) { $0 + (stageSeconds[$1] ?? 0) }
      partitions.append(
        Row(source.title, record.metrics, sizes: record.sizes, seconds: before + record.seconds))
    case .graph(let record):
      partitions.append(
        Row(
          "graph partition" + ((record.epoch ?? 0) > 0 ? ", epoch \(record.epoch ?? 0)" : ""),
          record.partition.metrics, sizes: record.sizes, modularity: record.partition.quality.modularity,
          agreement: record.agreement, seconds: record.seconds))
    case .clusterCount(let record): clusterCount = record
    }
  }

  /// Older versions did not tell refined features from others, nor which network a line belongs to.
  private func source(of record: KMeansRecord) -> KMeansSource {
    let isOlder = record.source == .features && record.origin == nil
    return isOlder && stageSeconds[.refinement] != nil ? .refinedFeatures : record.source
  }

  /// The partitions in the order in which they were found; at last that of stage II, begun or not.
  package var rows: [Row] {
    partitions + [
      Row(
        Self.chain, lastChain?.metrics, sizes: sizes, meanScore: lastChain?.chain?.meanMaximumScore,
        seconds: stageSeconds[.chain] ?? 0)
    ]
  }

  /// Images per cluster in the last state of stage II; empty before there is one.
  package var sizes: [Int] { lastChain?.chain?.sizes ?? [] }

  private static let chain = "DBC"
}
