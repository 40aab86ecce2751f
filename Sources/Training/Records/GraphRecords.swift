import Clustering

/// The neighbour graph and its partitions.
package struct GraphRecord: Codable, Equatable, Sendable {
  static let stage = "graph"

  /// One partition that was looked at.
  package struct Candidate: Codable, Equatable, Sendable {
    /// Leading eigenvectors that k-means saw; 0: it is the chain's own partition.
    package let eigenvectors: Int
    /// Parts per cluster that k-means made, before they were merged; 1 of a line that does not say.
    package let parts: Double
    /// How the parts were merged; nil: they were not, or the line does not say.
    package let link: PartLink?
    /// What the graph says of it, without labels.
    package let quality: PartitionQuality
    /// With labels, on rank 0; nothing is chosen by them.
    package let metrics: PartitionMetrics?

    package init(
      eigenvectors: Int, parts: Double, link: PartLink?, quality: PartitionQuality,
      metrics: PartitionMetrics?
    ) {
      (self.eigenvectors, self.parts, self.link) = (eigenvectors, parts, link)
      (self.quality, self.metrics) = (quality, metrics)
    }

    package init(from decoder: any Decoder) throws {
      let line = try decoder.container(keyedBy: MetricsKey.self)
      eigenvectors = try line.count(.eigenvectors)
      parts = try line.decodeIfPresent(Double.self, forKey: .parts) ?? 1
      link = try line.decodeIfPresent(String.self, forKey: .link).flatMap { PartLink(rawValue: $0) }
      quality = PartitionQuality(
        cut: try line.number(.cut), entropy: try line.number(.sizeEntropy),
        modularity: try line.number(.modularity))
      metrics = try line.metrics()
    }

    package func encode(to encoder: any Encoder) throws {
      var line = encoder.container(keyedBy: MetricsKey.self)
      try line.encode(eigenvectors, forKey: .eigenvectors)
      try line.encode(parts, forKey: .parts)
      try line.encodeIfPresent(link, forKey: .link)
      try line.encode(quality.cut, forKey: .cut)
      try line.encode(quality.entropy, forKey: .sizeEntropy)
      try line.encode(quality.modularity, forKey: .modularity)
      try line.encode(metrics)
    }
  }

  /// The network in training; nil of a line that does not say.
  package let origin: RecordOrigin?
  /// Epochs of stage II that lie behind the partition; nil of a line that does not say.
  package let epoch: Int?
  /// Networks whose features have a say.
  package let members: Int
  /// Nearest neighbours per image in the graph.
  package let neighbours: Int
  /// Leading eigenvalues of the graph, descending.
  package let eigenvalues: [Double]
  /// Time of the neighbour search, where it was not done before.
  package let searchSeconds: Double
  /// Time of the eigenproblems.
  package let eigenSeconds: Double
  /// All partitions that were looked at, one at least.
  package let candidates: [Candidate]
  /// The number of the candidate that was taken.
  package let chosen: Int
  /// Images per cluster of the partition that was taken, on rank 0; empty of a line that does not say.
  package let sizes: [Int]
  /// How far the candidates agree: the mean NMI of the partition that was taken with the others whose parts were merged alike; nil
  /// of a line that does not say.
  package let agreement: Double?
  /// The whole, in seconds.
  package let seconds: Double

  package init(
    origin: RecordOrigin?, epoch: Int?, members: Int, neighbours: Int, eigenvalues: [Double],
    searchSeconds: Double,
    eigenSeconds: Double, candidates: [Candidate], chosen: Int, sizes: [Int] = [], agreement: Double? = nil,
    seconds: Double
  ) {
    precondition(candidates.indices.contains(chosen), "the partition that was taken is one of the candidates")
    (self.origin, self.epoch) = (origin, epoch)
    (self.members, self.neighbours) = (members, neighbours)
    (self.eigenvalues, self.searchSeconds, self.eigenSeconds) = (eigenvalues, searchSeconds, eigenSeconds)
    (self.candidates, self.chosen, self.seconds) = (candidates, chosen, seconds)
    (self.sizes, self.agreement) = (sizes, agreement)
  }

  /// The partition that was taken.
  package var partition: Candidate { candidates[chosen] }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    origin = try RecordOrigin.find(decoder)
    epoch = try line.decodeIfPresent(Int.self, forKey: .epoch)
    members = try line.count(.members)
    neighbours = try line.count(.neighbours)
    let values = try line.decodeIfPresent([Double?].self, forKey: .eigenvalues) ?? []
    eigenvalues = values.map { $0 ?? .nan }
    // The object says of the partition that was taken what each candidate says of itself.
    let taken = try Candidate(from: decoder)
    let found = try line.decodeIfPresent([Candidate].self, forKey: .candidates) ?? []
    let candidates = found.isEmpty ? [taken] : found
    let number = try line.decodeIfPresent(Int.self, forKey: .chosen)
    self.candidates = candidates
    chosen =
      number.flatMap { candidates.indices.contains($0) ? $0 : nil }
      ?? candidates.firstIndex { $0.quality == taken.quality } ?? 0
    sizes = try line.counts(.clusterSizes)
    agreement = try line.decodeIfPresent(Double.self, forKey: .agreement)
    seconds = try line.amount(.elapsedSeconds)
    let times = try? line.nestedContainer(keyedBy: MetricsKey.self, forKey: .seconds)
    searchSeconds = try times?.amount(.search) ?? 0
    eigenSeconds = try times?.amount(.eigenvectors) ?? 0
  }

  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(Self.stage, forKey: .stage)
    try origin?.encode(to: encoder)
    try line.encodeIfPresent(epoch, forKey: .epoch)
    try line.encode(members, forKey: .members)
    try line.encode(neighbours, forKey: .neighbours)
    try partition.encode(to: encoder)
    try line.encode(eigenvalues, forKey: .eigenvalues)
    try line.encode(candidates, forKey: .candidates)
    try line.encode(chosen, forKey: .chosen)
    if !sizes.isEmpty { try line.encode(sizes, forKey: .clusterSizes) }
    try line.encodeIfPresent(agreement, forKey: .agreement)
    try line.encode(seconds, forKey: .elapsedSeconds)
    var times = line.nestedContainer(keyedBy: MetricsKey.self, forKey: .seconds)
    try times.encode(searchSeconds, forKey: .search)
    try times.encode(eigenSeconds, forKey: .eigenvectors)
  }
}
