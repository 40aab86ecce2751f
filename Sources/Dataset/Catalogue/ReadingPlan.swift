/// What every rank needs to know to decode any image of the data set, but for paths and records, which may be many.
package struct ReadingPlan: Codable, Sendable {
  /// Images that follow each other and come from inputs of one kind.
  package enum Span: Codable, Sendable {
    /// Pages of still image files: records of the table.
    case stills(records: Range<Int>)
    /// Members of shard `shard`: records of the table.
    case shard(Int, records: Range<Int>)
    /// The first images of array `array`.
    case array(Int, count: Int)
    /// Built-in images.
    case glyphs(seed: UInt64, count: Int)

    /// The number of images.
    package var count: Int {
      switch self {
      case .stills(let records), .shard(_, let records): records.count
      case .array(_, let count), .glyphs(_, let count): count
      }
    }
  }

  /// The spans in the order of the images.
  package internal(set) var spans: [Span]
  let arrays: [ArrayFile]
  let shards: [TarShard]
  /// How pictures become the bytes of an image. Its range is unknown until the samples have been looked at.
  package internal(set) var preparation: Preparation
  /// Whether some samples are no bytes and `preparation` lacks their range.
  package var needsRange: Bool { preparation.range == nil && samples.contains { !$0.isByte } }
  /// The types of samples there are.
  package let samples: [SampleType]
  /// The images there are, those behind a limit included.
  var total = 0

  /// The size of every image.
  package var shape: ImageShape { preparation.shape }
  /// The number of images.
  package var count: Int { spans.reduce(0) { $0 + $1.count } }

  /// The plan with the range of samples that are no bytes.
  package func with(range: ClosedRange<Double>?) -> ReadingPlan {
    var plan = self
    plan.preparation = Preparation(
      shape: preparation.shape, fit: preparation.fit, background: preparation.background, range: range)
    return plan
  }

  /// Images that are decoded together, by one rank.
  package struct Unit: Sendable {
    /// The span, and the unit's place in it: records of the table, or images of an array.
    let span: Int
    let items: Range<Int>
    /// The position of the first image among all.
    package let first: Int
    /// Positions of the images.
    package var images: Range<Int> { first..<(first + items.count) }

    /// The position among all images of the unit's item `item`.
    func position(_ item: Int) -> Int { first + item - items.lowerBound }
  }

  /// Pages of one file that one rank decodes, at least.
  private static let leastPages = 64
  /// Parts that a file of many pages is divided into, at most.
  private static let mostParts = 16
  /// Files of one picture are decoded together, up to so many, where there are many: every rank has a list of all units.
  private static let mostFiles = 16
  private static let filesPerUnit = 4096
  private static let glyphsPerUnit = 512

  /// All units; every image is in one of them.
  ///
  /// - Parameter records: those of the table
  package func units(_ records: UnsafeBufferPointer<PictureRecord>) -> [Unit] {
    var units: [Unit] = []
    var first = 0
    for (number, span) in spans.enumerated() {
      func add(_ items: Range<Int>, from start: Int) {
        units.append(Unit(span: number, items: items, first: first + items.lowerBound - start))
      }
      switch span {
      case .shard(_, let range): if !range.isEmpty { add(range, from: range.lowerBound) }
      case .array(let array, let count):
        for part in Self.parts(of: 0..<count, size: arrays[array].unitSize) { add(part, from: 0) }
      case .glyphs(_, let count):
        for part in Self.parts(of: 0..<count, size: Self.glyphsPerUnit) { add(part, from: 0) }
      case .stills(let range):
        for part in Self.stillUnits(range, records) { add(part, from: range.lowerBound) }
      }
      first += span.count
    }
    return units
  }

  /// Parts of `range` that hold whole files, or pages of one file.
  private static func stillUnits(
    _ range: Range<Int>, _ records: UnsafeBufferPointer<PictureRecord>
  ) -> [Range<Int>] {
    let most = min(max(range.count / filesPerUnit, 1), mostFiles)
    var units: [Range<Int>] = []
    var (start, open) = (range.lowerBound, range.lowerBound)
    while start < range.upperBound {
      var end = start + 1
      while end < range.upperBound, records[end].file == records[start].file { end += 1 }
      if end - start > 1 || end - open >= most {
        if end - start > 1, open < start { units.append(open..<start) }
        let size = max(leastPages, (end - start + mostParts - 1) / mostParts)
        units += end - start > 1 ? parts(of: start..<end, size: size) : [open..<end]
        open = end
      }
      start = end
    }
    if open < start { units.append(open..<start) }
    return units
  }

  private static func parts(of range: Range<Int>, size: Int) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
  }
}
