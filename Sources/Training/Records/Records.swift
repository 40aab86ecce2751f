import Clustering

/// The seconds that one phase took.
package struct PhaseSeconds: Equatable, Sendable {
  /// What the time was spent on.
  package let phase: Phase
  /// How long.
  package let seconds: Double
}

/// What the scores of a chain epoch say, of the whole data set.
package struct ChainSummary: Equatable, Sendable {
  /// Images whose most probable cluster is another one than an epoch before; all of them at the first.
  package let changed: Int
  /// The mean over images of the largest score.
  package let meanMaximumScore: Double
  /// Images per cluster.
  package let sizes: [Int]
  /// Images by their largest score, see `ScoreHistogram`; empty of a line that does not say.
  package let histogram: [Int]
}

/// What one epoch of a stage came to.
package struct EpochRecord: Codable, Equatable, Sendable {
  /// The stage that the epoch belongs to.
  package let stage: Stage
  /// Stage I: 1…; refinement and stage II: the number of chain epochs that lie behind this partition, 0….
  package let epoch: Int
  /// The network in training; nil of a line that does not say.
  package let origin: RecordOrigin?
  /// The mean over images of the squared error (stage I) or of KL(R‖S), with a reconstruction weight plus its share of
  /// the squared error (refinement and stage II; nil at epoch 0).
  package let loss: Double?
  /// The learning rate of the epoch's last step.
  package let learningRate: Double
  /// Images per second over all ranks, training steps only; 0 where there were none.
  package let imagesPerSecond: Double
  /// The whole epoch, in seconds.
  package let seconds: Double
  /// This rank's seconds per phase.
  package let phases: [PhaseSeconds]
  /// Refinement and stage II: what the scores say.
  package let chain: ChainSummary?
  /// Stage II: the modularity of the assignments in the neighbour graph that R is made with, on rank 0; nil where there is none.
  package let modularity: Double?
  /// Refinement and stage II, with labels, on rank 0.
  package let metrics: PartitionMetrics?

  /// - Parameter phases: as `PhaseClock.take` gives them
  package init(
    stage: Stage, epoch: Int, origin: RecordOrigin?, loss: Double?, learningRate: Double,
    imagesPerSecond: Double, seconds: Double, phases: [(phase: Phase, seconds: Double)], chain: ChainSummary?,
    modularity: Double? = nil, metrics: PartitionMetrics?
  ) {
    (self.stage, self.epoch, self.origin) = (stage, epoch, origin)
    (self.loss, self.learningRate) = (loss, learningRate)
    (self.imagesPerSecond, self.seconds) = (imagesPerSecond, seconds)
    self.phases = phases.map { PhaseSeconds(phase: $0.phase, seconds: $0.seconds) }
    self.chain = chain
    (self.modularity, self.metrics) = (modularity, metrics)
  }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    stage = try line.decode(Stage.self, forKey: .stage)
    epoch = try line.count(.epoch)
    origin = try RecordOrigin.find(decoder)
    loss = try line.decodeIfPresent(Double.self, forKey: .loss)
    learningRate = try line.number(.learningRate)
    modularity = try line.decodeIfPresent(Double.self, forKey: .modularity)
    metrics = try line.metrics()
    let isChain = [.changed, .meanMaximumScore, .clusterSizes].contains { line.contains($0) }
    chain =
      isChain
      ? ChainSummary(
        changed: try line.count(.changed), meanMaximumScore: try line.number(.meanMaximumScore),
        sizes: try line.counts(.clusterSizes), histogram: try line.counts(.scoreHistogram)) : nil
    imagesPerSecond = try line.amount(.imagesPerSecond)
    seconds = try line.amount(.elapsedSeconds)
    let found = try line.decodeIfPresent([String: Double?].self, forKey: .seconds) ?? [:]
    phases = Phase.allCases.compactMap { phase in
      (found[phase.rawValue] ?? nil).map { PhaseSeconds(phase: phase, seconds: $0) }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(stage, forKey: .stage)
    try line.encode(epoch, forKey: .epoch)
    try origin?.encode(to: encoder)
    try line.encodeIfPresent(loss, forKey: .loss)
    try line.encode(learningRate, forKey: .learningRate)
    try line.encodeIfPresent(modularity, forKey: .modularity)
    try line.encode(metrics)
    if let chain {
      try line.encode(chain.changed, forKey: .changed)
      try line.encode(chain.meanMaximumScore, forKey: .meanMaximumScore)
      try line.encode(chain.sizes, forKey: .clusterSizes)
      if !chain.histogram.isEmpty { try line.encode(chain.histogram, forKey: .scoreHistogram) }
    }
    if imagesPerSecond > 0 { try line.encode(imagesPerSecond, forKey: .imagesPerSecond) }
    try line.encode(seconds, forKey: .elapsedSeconds)
    var times = line.nestedContainer(keyedBy: Phase.self, forKey: .seconds)
    for entry in phases { try times.encode(entry.seconds, forKey: entry.phase) }
  }
}

extension Stage: Codable {}
extension Phase: CodingKey {}

/// What k-means was given. The raw values are those of the key `stage`.
package enum KMeansSource: String, CaseIterable, Codable, Sendable {
  /// The images as they are.
  case pixels = "pixel-kmeans"
  /// The features of stage I.
  case features = "kmeans"
  /// The features after the refinement.
  case refinedFeatures = "refined-kmeans"

  /// As tables show it; `FCAE + k-means` is the paper's name.
  package var title: String {
    switch self {
    case .pixels: "k-means on pixels"
    case .features: "FCAE + k-means"
    case .refinedFeatures: "k-means of refined features"
    }
  }
}

/// A partition by k-means.
package struct KMeansRecord: Codable, Equatable, Sendable {
  /// What was clustered.
  package let source: KMeansSource
  /// The network whose features they are; nil of pixels, and of a line that does not say.
  package let origin: RecordOrigin?
  /// Σ of squared distances to the nearest centre.
  package let inertia: Double
  /// Lloyd iterations of the best run.
  package let iterations: Int
  /// Runs.
  package let restarts: Int
  /// All runs, in seconds.
  package let seconds: Double
  /// Images per cluster, on rank 0; empty of a line that does not say.
  package let sizes: [Int]
  /// With labels, on rank 0.
  package let metrics: PartitionMetrics?

  package init(
    source: KMeansSource, origin: RecordOrigin?, inertia: Double, iterations: Int, restarts: Int,
    seconds: Double, sizes: [Int], metrics: PartitionMetrics?
  ) {
    (self.source, self.origin, self.inertia) = (source, origin, inertia)
    (self.iterations, self.restarts) = (iterations, restarts)
    (self.seconds, self.sizes, self.metrics) = (seconds, sizes, metrics)
  }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    source = try line.decode(KMeansSource.self, forKey: .stage)
    origin = try RecordOrigin.find(decoder)
    inertia = try line.number(.inertia)
    iterations = try line.count(.iterations)
    restarts = try line.count(.restarts)
    metrics = try line.metrics()
    sizes = try line.counts(.clusterSizes)
    seconds = try line.amount(.elapsedSeconds)
  }

  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(source, forKey: .stage)
    try origin?.encode(to: encoder)
    try line.encode(inertia, forKey: .inertia)
    try line.encode(iterations, forKey: .iterations)
    try line.encode(restarts, forKey: .restarts)
    try line.encode(metrics)
    if !sizes.isEmpty { try line.encode(sizes, forKey: .clusterSizes) }
    try line.encode(seconds, forKey: .elapsedSeconds)
  }
}
