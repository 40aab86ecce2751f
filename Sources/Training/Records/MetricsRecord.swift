/// One line of metrics.jsonl.
///
/// The key `stage` says which kind it is. What a line of another version has more is ignored; what it has less is nil, or a
/// neutral value. A line with an unknown stage throws a `DecodingError`, for the reader to skip it.
package enum MetricsRecord: Codable, Equatable, Sendable {
  /// An epoch of a stage is over, or, as epoch 0 of a chain, its first scores are there.
  case epoch(EpochRecord)
  /// k-means of pixels or features is over.
  case kmeans(KMeansRecord)
  /// The neighbour graph has been partitioned, for the first epoch of stage II or anew.
  case graph(GraphRecord)
  /// A network has been judged by what it is trained with; twice each, where augmentations are compared.
  /// The number of clusters has been found.
  case clusterCount(ClusterCountRecord)

  package init(from decoder: any Decoder) throws {
    let stage = try decoder.container(keyedBy: MetricsKey.self).decode(String.self, forKey: .stage)
    if Stage(rawValue: stage) != nil {
      self = .epoch(try EpochRecord(from: decoder))
    } else if KMeansSource(rawValue: stage) != nil {
      self = .kmeans(try KMeansRecord(from: decoder))
    } else if stage == GraphRecord.stage {
      self = .graph(try GraphRecord(from: decoder))
    } else if stage == ClusterCountRecord.stage {
      self = .clusterCount(try ClusterCountRecord(from: decoder))
    } else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no stage is named \(stage)"))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .epoch(let record): try record.encode(to: encoder)
    case .kmeans(let record): try record.encode(to: encoder)
    case .graph(let record): try record.encode(to: encoder)
    case .clusterCount(let record): try record.encode(to: encoder)
    }
  }

  /// What was done, in seconds.
  package var seconds: Double {
    switch self {
    case .epoch(let record): record.seconds
    case .kmeans(let record): record.seconds
    case .graph(let record): record.seconds
    case .clusterCount(let record): record.seconds
    }
  }
}

/// The network that a record belongs to: the same epochs come once for each. Where augmentations are compared, several
/// networks are a run's first member.
package struct RecordOrigin: Codable, Hashable, Sendable {
  /// The member of the ensemble, 1….
  package let member: Int
  /// Members of the ensemble.
  package let members: Int
  /// How its images are moved: `none`, `affine`, or magnitudes.
  package let augment: String

  /// The network `member` of `members`.
  package init(member: Int, members: Int, augment: String) {
    (self.member, self.members, self.augment) = (member, members, augment)
  }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    member = try line.decode(Int.self, forKey: .member)
    members = try line.decodeIfPresent(Int.self, forKey: .memberCount) ?? member
    augment = try line.decodeIfPresent(String.self, forKey: .augment) ?? ""
  }

  /// Writes the members into the object of the record.
  package func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: MetricsKey.self)
    try line.encode(member, forKey: .member)
    try line.encode(members, forKey: .memberCount)
    try line.encode(augment, forKey: .augment)
  }

  /// The network of the record that `decoder` reads; nil where the record does not say.
  static func find(_ decoder: any Decoder) throws -> RecordOrigin? {
    let line = try decoder.container(keyedBy: MetricsKey.self)
    return line.contains(.member) ? try RecordOrigin(from: decoder) : nil
  }
}
