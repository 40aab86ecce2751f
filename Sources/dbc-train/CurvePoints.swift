import Clustering
import Report
import Training

/// What TensorBoard shows of a record: a point for each of its curves, such as `stage I/network 1/loss`.
package struct CurvePoints {
  /// The epoch; 0 of what has none.
  package let step: Int
  /// The curves, and how high they are; some may not be finite.
  package private(set) var scalars: [EventFile.Scalar] = []
  private let group: String

  /// - Parameter network: the number of the network that an epoch trains, 1…; nil: the member that the record names
  package init(_ record: MetricsRecord, network: Int?) {
    switch record {
    case .epoch(let record):
      group = Self.group(record.stage, network: network ?? record.origin?.member ?? 1)
      step = record.epoch
      add(record)
    case .kmeans(let record):
      (group, step) = (record.source.title, 0)
      add("inertia", record.inertia)
      add(record.metrics)
    case .graph(let record):
      (group, step) = ("graph partition", record.epoch ?? 0)
      add(record.partition)
      add("agreement", record.agreement)
    case .clusterCount(let record):
      (group, step) = ("number of clusters", 0)
      add("suggested", Double(record.clusters))
    }
  }

  /// What groups all that is shown of a stage of the network with this number, 1….
  static func group(_ stage: Stage, network: Int) -> String {
    stage == .chain ? stage.shortTitle : "\(stage.shortTitle)/network \(network)"
  }

  private mutating func add(_ record: EpochRecord) {
    add("loss", record.loss)
    add("learning rate", record.learningRate)
    if record.imagesPerSecond > 0 { add("images per second", record.imagesPerSecond) }
    if let chain = record.chain {
      add("changed", Double(chain.changed))
      add("mean score", chain.meanMaximumScore)
    }
    add("modularity", record.modularity)
    add(record.metrics)
  }

  private mutating func add(_ partition: GraphRecord.Candidate) {
    add("modularity", partition.quality.modularity)
    add(partition.metrics)
  }

  private mutating func add(_ metrics: PartitionMetrics?) {
    guard let metrics else { return }
    add("ACC", metrics.accuracy)
    add("NMI", metrics.nmi)
    add("NMI (mean entropy)", metrics.nmiByMean)
    add("ARI", metrics.ari)
  }

  private mutating func add(_ name: String, _ value: Double?) {
    if let value { scalars.append(EventFile.Scalar("\(group)/\(name)", value)) }
  }
}
