extension ImageCatalogue {
  /// The inputs' images, in the order of the arguments.
  static func spans(_ search: ImageSearch, _ records: [PictureRecord]) -> [ReadingPlan.Span] {
    guard !search.request.images.isEmpty else {
      return [.glyphs(seed: search.request.seed, count: search.request.builtInCount)]
    }
    /// The first record of a file that is not before `file`.
    func place(_ file: Int) -> Int {
      var (low, high) = (0, records.count)
      while low < high {
        let middle = (low + high) / 2
        if Int(records[middle].file) < file { low = middle + 1 } else { high = middle }
      }
      return low
    }
    var spans: [ReadingPlan.Span] = []
    var (array, shard) = (0, 0)
    for input in search.listing.inputs {
      switch input {
      case .stills(_, let entries):
        let end = min(entries.upperBound, search.stillCount)
        spans.append(.stills(records: place(min(entries.lowerBound, end))..<place(end)))
      case .array:
        spans.append(.array(array, count: search.arrays[array].count))
        array += 1
      case .shards(let paths):
        for _ in paths {
          let file = search.stillCount + shard
          spans.append(.shard(shard, records: place(file)..<place(file + 1)))
          shard += 1
        }
      }
    }
    return spans
  }

  static func limited(_ spans: [ReadingPlan.Span], _ limit: Int?) -> [ReadingPlan.Span] {
    var left = limit ?? .max
    return spans.map { span in
      let count = min(span.count, left)
      left -= count
      return span.first(count)
    }
  }
}

extension ReadingPlan.Span {
  /// The first `count` of its images.
  fileprivate func first(_ count: Int) -> Self {
    switch self {
    case .stills(let records): .stills(records: records.prefix(count))
    case .shard(let shard, let records): .shard(shard, records: records.prefix(count))
    case .array(let array, _): .array(array, count: count)
    case .glyphs(let seed, _): .glyphs(seed: seed, count: count)
    }
  }

  /// The records of the table that it consists of, if it does.
  package var records: Range<Int>? {
    switch self {
    case .stills(let records), .shard(_, let records): records
    case .array, .glyphs: nil
    }
  }

  func with(records: Range<Int>) -> Self {
    if case .shard(let shard, _) = self { return .shard(shard, records: records) }
    return .stills(records: records)
  }
}
