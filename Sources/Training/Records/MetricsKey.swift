import Clustering

/// The keys of the objects in metrics.jsonl.
enum MetricsKey: String, CodingKey {
  case stage
  case epoch
  case member
  case memberCount = "member_count"
  case augment
  case loss
  case learningRate = "learning_rate"
  case acc
  case nmi
  case nmiByMean = "nmi_mean"
  case ari
  case changed
  case meanMaximumScore = "mean_max_score"
  case clusterSizes = "cluster_sizes"
  case scoreHistogram = "score_histogram"
  case imagesPerSecond = "images_per_s"
  case elapsedSeconds = "elapsed_seconds"
  case seconds
  case inertia
  case iterations
  case restarts
  case members
  case neighbours
  case eigenvectors
  case cut
  case sizeEntropy = "size_entropy"
  case modularity
  case agreement
  case eigenvalues
  case candidates
  case chosen
  case search
  case parts
  case link
  case clusters
  case score
  case stability
  case eigengap
}

extension KeyedEncodingContainer<MetricsKey> {
  /// ACC, both NMIs and ARI, where there are labels.
  mutating func encode(_ metrics: PartitionMetrics?) throws {
    guard let metrics else { return }
    try encode(metrics.accuracy, forKey: .acc)
    try encode(metrics.nmi, forKey: .nmi)
    try encodeIfPresent(metrics.nmiByMean, forKey: .nmiByMean)
    try encode(metrics.ari, forKey: .ari)
  }
}

extension KeyedDecodingContainer<MetricsKey> {
  /// ACC, both NMIs and ARI; nil where one of them is missing or not finite, but for the NMI that older versions do not write.
  func metrics() throws -> PartitionMetrics? {
    guard let acc = try decodeIfPresent(Double.self, forKey: .acc),
      let nmi = try decodeIfPresent(Double.self, forKey: .nmi),
      let ari = try decodeIfPresent(Double.self, forKey: .ari)
    else { return nil }
    let nmiByMean = try decodeIfPresent(Double.self, forKey: .nmiByMean)
    return PartitionMetrics(accuracy: acc, nmi: nmi, nmiByMean: nmiByMean, ari: ari)
  }

  /// A number; NaN where it is missing or null.
  func number(_ key: MetricsKey) throws -> Double { try decodeIfPresent(Double.self, forKey: key) ?? .nan }

  /// A time or a rate; 0 where it is missing or null.
  func amount(_ key: MetricsKey) throws -> Double { try decodeIfPresent(Double.self, forKey: key) ?? 0 }

  /// A whole number; 0 where it is missing or null.
  func count(_ key: MetricsKey) throws -> Int { try decodeIfPresent(Int.self, forKey: key) ?? 0 }

  /// Whole numbers; none where they are missing or null.
  func counts(_ key: MetricsKey) throws -> [Int] { try decodeIfPresent([Int].self, forKey: key) ?? [] }
}
