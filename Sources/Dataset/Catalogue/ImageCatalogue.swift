import Basics

/// What a data set consists of, on one rank: which images there are, from where, and what is said of them.
package struct ImageCatalogue: Sendable {
  /// What every rank needs to decode the images.
  package private(set) var plan: ReadingPlan
  /// The pictures of still image files and shards, in the order of the images.
  package private(set) var records: [PictureRecord]
  /// Names and labels of the records of shards, by their place in `records`.
  private(set) var members: [Int: Member]
  /// Lines for the header: what was done to the images, left out or guessed.
  private(set) var notes: [Note]
  /// Files and images that were left out because they cannot be read.
  package private(set) var skipped: [PictureFailure]
  /// The class of every image, where there are labels.
  package private(set) var labels: ClassLabels?
  /// What is said of the labels.
  private var labelLine: String
  /// The catalogue before images were left out whose decoding failed, and these.
  private(set) var whole: (plan: ReadingPlan, records: [PictureRecord], members: [Int: Member])?
  private(set) var removed: [PictureFailure] = []
  let search: ImageSearch
  /// Files with more than one picture, whose sources have the number of the page.
  private let pagedFiles: Set<Int32>
  /// What every array is called in sources.
  private let arrayNames: [String]
  /// The position of the first image of every span.
  private var starts: [Int]

  /// A picture of a shard: its path there, and what its .cls member says.
  typealias Member = (name: String, label: String?)

  /// One line of the header.
  package struct Note: Codable, Equatable, Sendable {
    /// Such as `size`.
    package let title: String
    /// What is to be said.
    package let text: String

    /// A line.
    package init(title: String, text: String) { (self.title, self.text) = (title, text) }
  }

  /// Puts together what the ranks have found. Throws where an array or shard is damaged, where nothing can be read, and where
  /// sizes, channels or labels do not fit. Single files that cannot be read are kept for `settle`.
  package init(_ search: ImageSearch, _ part: ScanPart) throws(DatasetError) {
    guard part.failures.isEmpty else { throw DatasetError.joined(part.failures, canSkip: false) }
    let order = Self.ordered(part.records)
    let records = order.map { part.records[$0] }
    let all = Self.spans(search, records)
    var (plan, notes) = try Self.planned(search, Self.limited(all, search.request.limit), records)
    if !part.members.leftOut.isEmpty {
      let kinds = part.members.leftOut.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      let list = kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      notes.append(Note(title: "left out", text: "of shards: \(list)"))
    }
    let members = Self.members(search, part, order)
    if let note = Self.severalPictures(plan, members) { notes.append(note) }
    plan.total = all.reduce(0) { $0 + $1.count }
    try self.init(search, plan: plan, records: records, members: members, notes: notes)
  }

  init(
    _ search: ImageSearch, plan: ReadingPlan, records: [PictureRecord], members: [Int: Member], notes: [Note]
  ) throws(DatasetError) {
    (self.search, self.plan, self.records, self.members) = (search, plan, records, members)
    self.notes = notes
    skipped = search.listing.failures.map { PictureFailure(place: 0, error: $0) }
    pagedFiles = Self.pagedFiles(search, records)
    arrayNames = plan.arrays.map { search.source(ofFile: $0.path) }
    starts = Self.starts(plan)
    (labels, labelLine) = (nil, "")
    let (labels, line) = try foundClasses()
    (self.labels, labelLine) = (labels, line)
  }

  private static func ordered(_ records: [PictureRecord]) -> [Int] {
    records.indices.sorted {
      let (a, b) = (records[$0], records[$1])
      return (a.file, a.member, a.page) < (b.file, b.member, b.page)
    }
  }

  private static func starts(_ plan: ReadingPlan) -> [Int] {
    var next = 0
    return plan.spans.map { span in
      defer { next += span.count }
      return next
    }
  }

  /// The texts of the shards' records, by their place among `order`, the records in order.
  private static func members(_ search: ImageSearch, _ part: ScanPart, _ order: [Int]) -> [Int: Member] {
    guard !part.members.names.isEmpty else { return [:] }
    // The texts are in the order in which the shards' records came.
    var numbers: [Int: Int] = [:]
    for (place, record) in part.records.enumerated() where Int(record.file) >= search.stillCount {
      numbers[place] = numbers.count
    }
    var members: [Int: Member] = [:]
    for (place, old) in order.enumerated() {
      if let number = numbers[old] {
        members[place] = (part.members.names[number], part.members.labels[number])
      }
    }
    return members
  }

  /// Still image files with several pictures.
  private static func pagedFiles(_ search: ImageSearch, _ records: [PictureRecord]) -> Set<Int32> {
    var (last, paged): (Int32, Set<Int32>) = (-1, [])
    for record in records where Int(record.file) < search.stillCount {
      if record.file == last { paged.insert(record.file) }
      last = record.file
    }
    return paged
  }

  /// All notes, those on the labels and on what was skipped included.
  package var allNotes: [Note] {
    var all = notes
    if !skipped.isEmpty {
      let count = skipped.count
      all.append(
        Note(
          title: "skipped",
          text: "\(count) \(count == 1 ? "file" : "files") that cannot be read (listed in skipped.csv)"))
    }
    if !labelLine.isEmpty { all.append(Note(title: "labels", text: labelLine)) }
    return all
  }

  /// Where image `image` comes from: a file, or a file and a number in it. No two images have the same.
  package func source(of image: Int) -> String {
    let (name, number) = sourceParts(of: image)
    return number.map { "\(name)#\($0)" } ?? name
  }

  /// The parts of an image's source: what it is in, and, where this may hold others, its number there.
  package func sourceParts(of image: Int) -> (name: String, number: Int?) {
    let (span, item) = place(of: image)
    switch span {
    case .glyphs: return ("glyphs", item)
    case .array(let array, _): return (arrayNames[array], item)
    case .shard(let shard, let records):
      return (
        "\(search.source(ofFile: plan.shards[shard].path))/\(members[records.lowerBound + item]?.name ?? "")",
        nil
      )
    case .stills(let range):
      let record = records[range.lowerBound + item]
      let name = search.listing.source(of: Int(record.file))
      return (name, pagedFiles.contains(record.file) ? Int(record.page) : nil)
    }
  }

  /// The file whose only picture image `image` is; nil where the file has others, or is an array or a shard, or there is none.
  package func ownFile(of image: Int) -> String? {
    let (span, item) = place(of: image)
    guard case .stills(let range) = span else { return nil }
    let record = records[range.lowerBound + item]
    return pagedFiles.contains(record.file) ? nil : search.listing.path(of: Int(record.file))
  }

  /// The folders that were given, all of whose files are looked at.
  package var folders: [String] { search.listing.roots.filter { $0.kind == .folder }.map(\.path) }

  /// The span that image `image` is in, and its number there.
  func place(of image: Int) -> (span: ReadingPlan.Span, item: Int) {
    // The last span that begins at the image or before it, and is not empty.
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= image { low = middle + 1 } else { high = middle }
    }
    let span = low - 1
    return (plan.spans[span], image - starts[span])
  }

  /// Leaves out the images at `failures`' places, whose decoding failed. Throws where what cannot be read is not to be left
  /// out, and names all of it; also where nothing is left.
  package mutating func settle(_ failures: [PictureFailure]) throws(DatasetError) {
    let damaged = failures.filter(\.isWhole)
    guard damaged.isEmpty else { throw DatasetError.joined(damaged, canSkip: false) }
    guard search.request.skipsUnreadable || (skipped.isEmpty && failures.isEmpty) else {
      throw DatasetError.joined(skipped + failures)
    }
    guard failures.count < plan.count else { throw DatasetError.joined(skipped + failures, canSkip: false) }
    remove(failures)
  }

  /// Leaves out the images at `failures`' places.
  mutating func remove(_ failures: [PictureFailure]) {
    guard !failures.isEmpty else { return }
    whole = (plan, records, members)
    removed = failures
    let places = Set(failures.map(\.place))
    var (kept, keptMembers): ([PictureRecord], [Int: Member]) = ([], [:])
    var spans: [ReadingPlan.Span] = []
    for (span, first) in zip(plan.spans, starts) {
      guard let range = span.records else {
        spans.append(span)
        continue
      }
      let start = kept.count
      for record in range where !places.contains(first + record - range.lowerBound) {
        if let member = members[record] { keptMembers[kept.count] = member }
        kept.append(records[record])
      }
      spans.append(span.with(records: start..<kept.count))
    }
    labels = labels?.without(places)
    (records, members) = (kept, keptMembers)
    plan.spans = spans
    starts = Self.starts(plan)
    skipped += failures
  }

  /// Takes the range that was found for samples that are no bytes.
  package mutating func set(_ rule: RangeRule?) {
    plan = plan.with(range: rule?.range)
    if let line = rule?.line { notes.append(Note(title: "range", text: line)) }
  }

  /// Adds a line about images with samples that are no numbers.
  ///
  /// - Parameters:
  ///   - count: how many images
  ///   - places: the positions of the first ones, before any is left out
  package mutating func add(notFinite count: Int, places: [Int]) {
    guard count > 0 else { return }
    let named = places.map { FileName.shown(source(of: $0)) }.joined(separator: ", ")
    let more = count > places.count ? ", …" : ""
    notes.append(
      Note(
        title: "no numbers",
        text:
          "\(count) \(count == 1 ? "image has" : "images have") samples that are NaN or infinite: \(named)\(more)"
      ))
  }
}
