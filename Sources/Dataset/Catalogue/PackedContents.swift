/// What is known of all decoded images.
package struct PixelFacts: Codable, Sendable {
  /// Number, shape and CRC-32, in words.
  package let fingerprint: String
  /// Images that differ from each other in some byte.
  package let distinctImages: Int
  /// Images whose channels have one value each.
  package let constantImages: Int

  /// What was found.
  package init(fingerprint: String, distinctImages: Int, constantImages: Int) {
    self.fingerprint = fingerprint
    self.distinctImages = distinctImages
    self.constantImages = constantImages
  }
}

/// What a file of decoded images says of them: enough to make the catalogue again without a look at the original files.
package struct PackedContents: Codable, Sendable {
  /// The plan by which they were decoded, those that could not be decoded included.
  let plan: ReadingPlan
  /// Those, which are not in the file.
  let removed: [PictureFailure]
  let notes: [ImageCatalogue.Note]
  /// Names and labels of the pictures of shards.
  let members: MemberTexts
  /// What is known of the images.
  package let facts: PixelFacts
  /// Warnings about files that are odd.
  package let warnings: [String]
  /// The records of the catalogue, which are stored apart.
  package var records: [PictureRecord] = []

  /// The number of images in the file, and the bytes of each; nil where the parts do not fit together.
  package var size: (images: Int, imageBytes: Int)? {
    let shape = plan.preparation.shape
    let spans = plan.spans.compactMap(\.records)
    var shardRecords = 0
    for case .shard(_, let records) in plan.spans { shardRecords += records.count }
    guard spans.allSatisfy({ $0.lowerBound >= 0 && $0.upperBound <= records.count }),
      members.names.count == shardRecords, members.labels.count == shardRecords,
      removed.allSatisfy({ (0..<plan.count).contains($0.place) })
    else { return nil }
    return (plan.count - removed.count, shape.byteCount)
  }

  private enum CodingKeys: String, CodingKey {
    case plan, removed, notes, members, facts, warnings
  }
}

extension ImageCatalogue {
  /// What is to be stored with the decoded images.
  package func packed(_ facts: PixelFacts, warnings: [String]) -> PackedContents {
    let (plan, records, members) = whole ?? (plan, records, members)
    var texts = MemberTexts()
    for case .shard(_, let range) in plan.spans {
      texts.names += range.map { members[$0]?.name ?? "" }
      texts.labels += range.map { members[$0]?.label }
    }
    return PackedContents(
      plan: plan, removed: removed, notes: notes, members: texts, facts: facts, warnings: warnings,
      records: records)
  }

  /// The catalogue of images that an earlier run has decoded; labels are found anew.
  package init(_ search: ImageSearch, _ packed: PackedContents) throws(DatasetError) {
    var members: [Int: Member] = [:]
    var number = 0
    for case .shard(_, let records) in packed.plan.spans {
      for place in records {
        members[place] = (packed.members.names[number], packed.members.labels[number])
        number += 1
      }
    }
    try self.init(
      search, plan: packed.plan, records: packed.records, members: members, notes: packed.notes)
    remove(packed.removed)
  }

  /// What tells these images, as they are decoded, from all others.
  package var key: UInt64 { search.key }

  /// Samples of a second's decoding on one core, roughly.
  private static let samplesPerSecond = 1e8
  /// Decoding that takes longer is worth a file.
  private static let longDecoding = 4.0

  /// Whether the decoded images go into a packed file: where the user names a folder for it, where decoding takes long, or where
  /// they need much of the memory.
  ///
  /// - Parameter isKept: whether a file that is not needed is of use to later runs
  package func wantsFile(ranks: Int, isLarge: Bool, isNamed: Bool, isKept: Bool) -> Bool {
    let seconds = Double(plan.samplesToDecode(records)) / (Self.samplesPerSecond * Double(ranks))
    return isNamed || isLarge || isKept && seconds > Self.longDecoding
  }
}

extension ReadingPlan {
  /// Samples that take their time to be decoded.
  fileprivate func samplesToDecode(_ records: [PictureRecord]) -> Int {
    spans.reduce(0) { sum, span in
      switch span {
      case .stills(let range), .shard(_, let range):
        sum + records[range].reduce(0) { $0 + $1.header.sampleCount }
      // Numbers are read faster than pictures are unpacked.
      case .array(let array, let count): sum + count * arrays[array].header.sampleCount / 8
      case .glyphs(_, let count): sum + count * Glyphs.size * Glyphs.size
      }
    }
  }

  /// The file that holds all images just as they are stored, and where in it they begin; nil where there is none.
  package var directArray: (path: String, offset: Int)? {
    guard spans.count == 1, case .array(let array, _) = spans[0] else { return nil }
    let file = arrays[array]
    let isWhole =
      file.header.shownSize == (preparation.shape.width, preparation.shape.height)
      && Int(file.header.channels) == preparation.shape.channels
    return isWhole ? file.directOffset.map { (file.filePath, $0) } : nil
  }
}
