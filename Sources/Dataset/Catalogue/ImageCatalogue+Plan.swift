import Basics

extension ImageCatalogue {
  /// What the headers of all images say, by kind.
  struct Census {
    /// Images by their size as shown.
    var sizes: [Size: Int] = [:]
    /// Images by their channels.
    var channels: [Channels: Int] = [:]
    /// Images with an alpha channel, and turned ones.
    var (transparent, turned) = (0, 0)
    var samples: Set<SampleType> = []
    /// Still images by format.
    var formats: [Int: Int] = [:]

    struct Size: Hashable { let width, height: Int }
    struct Channels: Hashable {
      let count: Int
      let hasAlpha: Bool
    }

    mutating func add(_ header: PictureHeader, _ count: Int = 1) {
      let shown = header.shownSize
      sizes[Size(width: shown.width, height: shown.height), default: 0] += count
      channels[Channels(count: Int(header.channels), hasAlpha: header.hasAlpha), default: 0] += count
      if header.hasAlpha { transparent += count }
      if header.orientation > 1 { turned += count }
      samples.insert(header.samples)
    }
  }

  /// The plan for `spans`, and what is to be said of it. Throws where the images cannot be brought to one shape.
  static func planned(
    _ search: ImageSearch, _ spans: [ReadingPlan.Span], _ records: [PictureRecord]
  ) throws(DatasetError) -> (ReadingPlan, [Note]) {
    var census = Census()
    for span in spans {
      switch span {
      case .stills(let range), .shard(_, let range):
        for record in records[range] where record.isReadable {
          census.add(record.header)
          census.formats[Int(record.format), default: 0] += 1
        }
      case .array(let array, let count): census.add(search.arrays[array].header, count)
      case .glyphs(_, let count):
        census.add(PictureHeader(width: Glyphs.size, height: Glyphs.size, channels: 1), count)
      }
    }
    guard !census.sizes.isEmpty else { throw try nothing(search, spans, records) }
    let request = search.request
    var notes = formats(census) + search.listing.remarks.map { Note(title: $0.title, text: $0.text) }
    for array in search.arrays { notes += array.remarks.map { Note(title: "arrays", text: $0) } }
    let sizes = census.sizes.map { (width: $0.width, height: $0.height, count: $1) }
      .sorted { ($1.count, $0.width, $0.height) < ($0.count, $1.width, $1.height) }
    let preparation: Preparation
    if let fixed = request.preparation {
      notes += try self.notes(census, broughtTo: fixed)
      preparation = fixed
    } else {
      let size = try SizeRule.resolve(sizes, request.size, request.fit)
      if let line = size.line { notes.append(Note(title: "size", text: line)) }
      let channels = try channels(census, request, &notes)
      notes += withoutEffect(request, census, channels)
      preparation = Preparation(
        shape: ImageShape(channels: channels, height: size.height, width: size.width), fit: size.fit,
        background: request.background, range: nil)
    }
    if census.turned > 0 {
      notes.append(
        Note(title: "orientation", text: "\(census.turned) images are turned as their EXIF data say"))
    }
    if census.transparent > 0 {
      notes.append(
        Note(
          title: "alpha",
          text:
            "\(census.transparent) images have an alpha channel and are laid onto \(preparation.background.text)"
            + (request.preparation == nil ? " (--background)" : "")
        ))
    }
    let plan = ReadingPlan(
      spans: spans, arrays: search.arrays, shards: search.shardFiles, preparation: preparation,
      samples: SampleType.allCases.filter(census.samples.contains))
    return (plan, notes)
  }

  /// What was asked for and changes nothing, or is not what one may think.
  private static func withoutEffect(_ request: DatasetRequest, _ census: Census, _ channels: Int) -> [Note] {
    var notes: [Note] = []
    if request.range != .auto, census.samples == [.uint8] {
      notes.append(
        Note(
          title: "range",
          text: "--range \(request.range.text) changes nothing: all samples are bytes, which stay"))
    }
    if channels == 2 || channels == 4 {
      notes.append(
        Note(
          title: "channels",
          text: "images have \(channels) channels, all taken as they are: in arrays none is alpha"))
    }
    return notes
  }

  /// How many still images are of each format, where there are several.
  private static func formats(_ census: Census) -> [Note] {
    guard census.formats.count > 1 else { return [] }
    let parts = census.formats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return [
      Note(
        title: "formats",
        text: parts.map { "\($0.value) \(StillFormat.allCases[$0.key].name)" }.joined(separator: ", "))
    ]
  }

  /// The channels of every image, and a note where some change theirs.
  private static func channels(
    _ census: Census, _ request: DatasetRequest, _ notes: inout [Note]
  ) throws(DatasetError) -> Int {
    let kinds = census.channels.map { (channels: $0.count, hasAlpha: $0.hasAlpha, count: $1) }
    let channels = try ColourRule.resolve(kinds, request.colour, request.background)
    let coloured = kinds.reduce(0) { $0 + ($1.channels - ($1.hasAlpha ? 1 : 0) == 3 ? $1.count : 0) }
    let all = kinds.reduce(0) { $0 + $1.count }
    if channels == 1, coloured > 0 {
      notes.append(
        Note(title: "colour", text: "\(coloured) of \(all) images have colour and are read as grey"))
    } else if channels == 3, coloured < all {
      let hint = request.colour == .auto ? " (--colour grey makes all grey)" : ""
      notes.append(
        Note(
          title: "colour",
          text: "\(coloured) of \(all) images have colour channels; the grey ones are read as RGB too\(hint)")
      )
    }
    return channels
  }

  /// Why there is no image at all: what is wrong with the files, if there are any.
  private static func nothing(
    _ search: ImageSearch, _ spans: [ReadingPlan.Span], _ records: [PictureRecord]
  ) throws(DatasetError) -> DatasetError {
    var failures = search.listing.failures.map { PictureFailure(place: 0, error: $0) }
    let reader = StillReader()
    for record in records where Int(record.file) < search.stillCount {
      do throws(DatasetError) {
        _ = try reader.headers(search.listing.path(of: Int(record.file)))
      } catch { failures.append(PictureFailure(place: 0, error: error)) }
    }
    guard failures.isEmpty else { return DatasetError.joined(failures, canSkip: false) }
    return DatasetError(
      .missing, search.request.images.joined(separator: ", "), "holds no image; nothing is there to cluster")
  }

  /// The data set in a few words.
  package var summary: String {
    let sources =
      search.sourceNames.isEmpty ? ["built-in glyphs, seed \(search.request.seed)"] : search.sourceNames
    return
      "\(plan.count) images \(plan.shape.text) from \(sources.map(FileName.shown).joined(separator: ", "))"
  }
}
