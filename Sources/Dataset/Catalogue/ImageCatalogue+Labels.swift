import Basics

extension ImageCatalogue {
  /// The classes of all images, and what the header says of them.
  func foundClasses() throws(DatasetError) -> (ClassLabels?, String) {
    let images = LabelledImages(
      count: plan.count, total: plan.total, name: { self.fileName(of: $0) }, source: { self.source(of: $0) })
    guard search.request.labels == .auto else {
      return try ClassLabels.resolve(search.request.labels, images)
    }
    let (found, remark) = try foundLabels()
    let (labels, line) = try ClassLabels.resolve(.auto, images, found: found)
    return (labels, remark.map { "\(line); \($0)" } ?? line)
  }

  /// The name of the file of image `image`, relative to what was given; nil where the image has none of its own.
  private func fileName(of image: Int) -> String? {
    let (span, item) = place(of: image)
    switch span {
    case .glyphs, .array: return nil
    case .shard(_, let records): return members[records.lowerBound + item]!.name
    case .stills(let records):
      return search.listing.labelName(of: Int(self.records[records.lowerBound + item].file))
    }
  }

  /// Labels that came with the images; nil where some have none, and then what is to be said of those that have.
  private func foundLabels() throws(DatasetError) -> (FoundLabels?, remark: String?) {
    var (values, sources, unlabelled): ([String], [String], Int) = ([], [], 0)
    for span in plan.spans where span.count > 0 {
      var found: (texts: [String], origin: String)?
      switch span {
      case .glyphs(let seed, let count):
        found = ((0..<count).map { "\(Glyphs.label(seed: seed, image: $0))" }, "the drawing")
      case .array(let array, let count):
        found = try plan.arrays[array].labels().map { (Array($0.texts.prefix(count)), $0.origin) }
      case .shard(_, let records):
        let labels = records.compactMap { members[$0]?.label }
        if labels.count == records.count { found = (labels, "the shards' .cls members") }
        if !labels.isEmpty, labels.count < records.count { sources.append("some .cls members") }
      case .stills(let records):
        found = search.listing.listLabels.map { labels in
          (self.records[records].map { labels[Int($0.file)] }, "the list")
        }
      }
      if let found {
        values += found.texts
        if !sources.contains(found.origin) { sources.append(found.origin) }
      } else {
        unlabelled += span.count
      }
    }
    let source = sources.joined(separator: ", ")
    guard unlabelled > 0 else { return (FoundLabels(values, from: source), nil) }
    return (nil, sources.isEmpty ? nil : "labels from \(source) are not for all images, and are not used")
  }
}

extension ClassLabels {
  /// The labels without those at `places`.
  package func without(_ places: Set<Int>) -> ClassLabels {
    ClassLabels(
      numbers: numbers.enumerated().filter { !places.contains($0.offset) }.map(\.element), names, origin)
  }
}
