import Clustering

/// The neighbour graph and its partitions.
package struct GraphRecord: Codable, Equatable, Sendable {
  static let stage = "graph"

  /// One partition that was looked at.
  package struct Candidate: Codable, Equatable, Sendable {
    /// The graph that it comes from.
    package let source: GraphSource
    /// Leading eigenvectors that k-means saw.
    package let eigenvectors: Int
    /// Number of the start of k-means.
    package let start: Int
    /// What the graph says of it, without labels.
    package let quality: PartitionQuality
    /// With labels, on rank 0; nothing is chosen by them.
    package let metrics: PartitionMetrics?

    package init(
      source: GraphSource, eigenvectors: Int, start: Int, quality: PartitionQuality,
      metrics: PartitionMetrics?
    ) {
      (self.source, self.eigenvectors, self.start) = (source, eigenvectors, start)
      (self.quality, self.metrics) = (quality, metrics)
    }

    package init(from decoder: any Decoder) throws {
      let line = try decoder.container(keyedBy: MetricsKey.self)
      source = try line.decodeIfPresent(String.self, forKey: .graph).flatMap(GraphSource.init) ?? .features
      eigenvectors = try line.count(.eigenvectors)
      start = try line.count(.start)
      var quality = PartitionQuality()
      (quality.cut, quality.modularity) = (try line.number(.cut), try line.number(.modularity))
      self.quality = quality
      metrics = try line.metrics()
    }

    package func encode(to encoder: any Encoder) throws {
      var line = encoder.container(keyedBy: MetricsKey.self)
      try line.encode(start, forKey: .start)
      try line.encode(source.name, forKey: .graph)
      try line.encode(eigenvectors, forKey: .eigenvectors)
      try line.encode(quality.cut, forKey: .cut)
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
  /// Leading eigenvalues, descending, of the graph that the partition comes from.
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
  /// How far the networks agree: the mean NMI of the best partitions of each network's own graph, by pairs, on rank 0; nil where
  /// there is one network, and of a line that does not say.
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
      ?? candidates.firstIndex { $0.quality == taken.quality && $0.source == taken.source } ?? 0
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

/// What the features of a network say of the augmentation that it is trained with, where augmentations are compared.
package struct ComparisonRecord: Codable, Equatable, Sendable {
  static let stage = "augment"

  /// What decides: the sum of an augmentation's two modularities, of stage I's features and of the refined ones.
  package struct Sum: Codable, Equatable, Sendable {
    /// How images are moved.
    package let augment: String
    /// The sum.
    package let modularity: Double

    package init(augment: String, modularity: Double) {
      (self.augment, self.modularity) = (augment, modularity)
    }
  }

  /// The network, and how its images are moved.
  package let origin: RecordOrigin
  /// Whether its features have been refined, or come from stage I alone.
  package let isRefined: Bool
  /// The partition of its neighbour graph.
  package let partition: GraphRecord.Candidate
  /// Search, eigenproblems and partitions, in seconds.
  package let seconds: Double
  /// In the end, the sums of all augmentations; empty before.
  package internal(set) var sums: [Sum]
  /// In the end, the augmentation that is taken.
  package internal(set) var taken: String?

  package init(
    origin: RecordOrigin, isRefined: Bool, partition: GraphRecord.Candidate, seconds: Double,
    sums: [Sum] = [], taken: String? = nil
  ) {
    (self.origin, self.isRefined, self.partition) = (origin, isRefined, partition)
    (self.seconds, self.sums, self.taken) = (seconds, sums, taken)
  }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    // Only first members are compared.
    origin =
      try RecordOrigin.find(decoder)
      ?? RecordOrigin(
        member: 1, members: 1, augment: try line.decodeIfPresent(String.self, forKey: .augment) ?? "")
    isRefined = try line.decodeIfPresent(Bool.self, forKey: .refined) ?? false
    partition = try GraphRecord.Candidate(from: decoder)
    sums = try line.decodeIfPresent([Sum].self, forKey: .sums) ?? []
    taken = try line.decodeIfPresent(String.self, forKey: .taken)
    seconds = try line.amount(.elapsedSeconds)
  }

  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(Self.stage, forKey: .stage)
    try origin.encode(to: encoder)
    try line.encode(isRefined, forKey: .refined)
    try partition.encode(to: encoder)
    if !sums.isEmpty { try line.encode(sums, forKey: .sums) }
    try line.encodeIfPresent(taken, forKey: .taken)
    try line.encode(seconds, forKey: .elapsedSeconds)
  }
}

extension GraphSource {
  /// The graph that a table calls `name`; nil where there is none.
  init?(_ name: String) {
    switch name {
    case Self.features.name: self = .features
    case Self.featuresAndPixels.name: self = .featuresAndPixels
    default:
      // Older versions counted members from 0.
      for (word, first) in [("network", 1), ("member", 0)] where name.hasPrefix(word) {
        guard let number = Int(name.dropFirst(word.count)), number >= first else { return nil }
        self = .member(number - first)
        return
      }
      return nil
    }
  }
}
