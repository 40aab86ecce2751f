/// What was found of the numbers of clusters in a range, without labels.
package struct ClusterCountRecord: Codable, Equatable, Sendable {
  static let stage = "cluster_count"

  /// One number of clusters.
  package struct Row: Codable, Equatable, Sendable {
    /// K.
    package let clusters: Int
    /// The mean adjusted Rand index, by pairs, of the partitions of graphs that lack one neighbour table each.
    package let stability: Double
    /// The mean modularity of these partitions.
    package let modularity: Double
    /// The mean of λ_K − λ_(K+1), the eigenvalues of these graphs.
    package let eigengap: Double

    package init(clusters: Int, stability: Double, modularity: Double, eigengap: Double) {
      (self.clusters, self.stability) = (clusters, stability)
      (self.modularity, self.eigengap) = (modularity, eigengap)
    }

    /// Stability squared times modularity: too few clusters leave structure within them, which costs modularity; too many cannot be
    /// told apart again, which costs stability.
    package var score: Double { stability * stability * modularity }
  }

  /// The numbers that were tried, ascending.
  package let rows: [Row]
  /// The number of the highest score, the smallest of equals.
  package let clusters: Int
  /// Eigenproblems and partitions, in seconds.
  package let seconds: Double

  /// Whether a number beyond those that were tried may be better: the largest of them has the highest score.
  package var isAtEnd: Bool { rows.count > 1 && clusters == rows.last?.clusters }

  /// The other numbers whose score is at most `near` of the highest below it, the smallest first: they are answers, too.
  package var nearby: [Row] {
    let best = rows.map(\.score).max() ?? 0
    return rows.filter { $0.clusters != clusters && $0.score >= (1 - Self.near) * best }
  }
  /// How far below the highest score another one is nearly as good, as a share of it.
  package static let near = 0.1

  package init(rows: [Row], seconds: Double) {
    (self.rows, self.seconds) = (rows, seconds)
    clusters = rows.max { $0.score < $1.score }?.clusters ?? 0
  }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    rows = try line.decodeIfPresent([Row].self, forKey: .candidates) ?? []
    clusters = try line.decode(Int.self, forKey: .clusters)
    seconds = try line.amount(.elapsedSeconds)
  }

  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(Self.stage, forKey: .stage)
    try line.encode(clusters, forKey: .clusters)
    try line.encode(rows, forKey: .candidates)
    try line.encode(seconds, forKey: .elapsedSeconds)
  }
}

extension ClusterCountRecord.Row {
  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    self.init(
      clusters: try line.decode(Int.self, forKey: .clusters),
      stability: try line.number(.stability), modularity: try line.number(.modularity),
      eigengap: try line.number(.eigengap))
  }

  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(clusters, forKey: .clusters)
    try line.encode(score, forKey: .score)
    try line.encode(stability, forKey: .stability)
    try line.encode(modularity, forKey: .modularity)
    try line.encode(eigengap, forKey: .eigengap)
  }
}
