internal import CImageCodecs

/// One picture of a TIFF file.
struct TIFFPage {
  let header: PictureHeader
  /// Where its directory begins in the file.
  let directory: UInt64
  /// Its number among the planes of an ImageJ stack, which have one directory.
  let plane: UInt32
}

/// A TIFF file: a chain of directories, each of which describes a picture.
struct TIFFFile {
  private let source: StillSource
  private let facts: StillFacts
  private var codec: LibraryCodec { LibraryCodec(facts: facts) }

  init(_ source: StillSource, _ facts: StillFacts) { (self.source, self.facts) = (source, facts) }

  /// The pictures in order. Smaller copies of pictures and masks are left out, unless there is nothing else.
  func pages() throws(DatasetError) -> [TIFFPage] {
    var found: [(page: TIFFPage, isSecondary: Bool)] = []
    let directories = try directories()
    var pixels = 0
    var hasChildren = false
    for directory in directories {
      var page = dbc_tiff_page()
      var place = place(directory)
      _ = try codec.call { dbc_tiff_header(&place, &page, $0) }
      let header = try codec.pictureHeader(page.header)
      hasChildren = hasChildren || page.has_children != 0
      let planes = directories.count == 1 ? page.planes : 1
      pixels += Int(header.width) * Int(header.height) * Int(planes)
      try facts.checkPixels(pixels)
      guard Int(planes) <= Self.mostPictures else { throw manyPictures }
      for plane in 0..<planes {
        found.append((TIFFPage(header: header, directory: directory, plane: plane), page.is_secondary != 0))
      }
    }
    let primary = found.filter { !$0.isSecondary }
    guard !primary.isEmpty || !hasChildren else {
      throw facts.unsupported("it shows only a preview of its picture, as raw files of cameras do")
    }
    return (primary.isEmpty ? found : primary).map(\.page)
  }

  /// Decodes a page to `picture`, which has its header.
  func decode(_ page: TIFFPage, into picture: Picture) throws(DatasetError) {
    var header = dbc_image_header(picture.header)
    var place = place(page.directory)
    var remarks: UInt8 = 0
    _ = try codec.call { dbc_tiff_decode(&place, page.plane, &header, picture.samples, &remarks, $0) }
    picture.remarks.formUnion(Picture.Remarks(rawValue: remarks))
  }

  private func place(_ directory: UInt64) -> dbc_tiff_source {
    dbc_tiff_source(
      data: source.isWhole ? source.start.bytes : nil, size: UInt64(source.fileBytes),
      descriptor: source.descriptor, directory: directory)
  }

  /// Where the directories begin, in order. libtiff would look for each from the first one on.
  private func directories() throws(DatasetError) -> [UInt64] {
    let isBigEndian = source.holds("MM", at: 0)
    func offset(_ place: Int, isWide: Bool) -> UInt64? {
      isWide
        ? source.number(UInt64.self, at: place, isBigEndian: isBigEndian)
        : source.number(UInt32.self, at: place, isBigEndian: isBigEndian).map { UInt64($0) }
    }
    let isWide = source.number(UInt16.self, at: 2, isBigEndian: isBigEndian) == 43
    var (found, directoryBytes, valueBytes): ([UInt64], Int, Int) = ([], 0, 0)
    var known: Set<UInt64> = []
    guard !source.holds("CR\u{2}\0", at: 8) else {
      throw facts.unsupported("it is a camera's raw file (CR2)")
    }
    guard var next = offset(isWide ? 8 : 4, isWide: isWide) else { throw facts.truncated }
    while next != 0 {
      guard known.insert(next).inserted else { throw facts.damaged("its directories form a circle") }
      guard next < UInt64(source.fileBytes) else {
        throw facts.damaged(
          "directory \(found.count + 1) begins at byte \(next), but the file has \(source.fileBytes) bytes")
      }
      let place = Int(next)
      let entries =
        isWide
        ? source.number(UInt64.self, at: place, isBigEndian: isBigEndian)
        : source.number(UInt16.self, at: place, isBigEndian: isBigEndian).map { UInt64($0) }
      guard let entries, entries <= UInt64((source.fileBytes - place) / (isWide ? 20 : 12)) else {
        throw facts.truncated
      }
      found.append(next)
      let end = isWide ? place + 8 + 20 * Int(entries) : place + 2 + 12 * Int(entries)
      guard let following = offset(end, isWide: isWide) else { throw facts.truncated }
      directoryBytes += end - place
      // Before the entries are read: otherwise a small file could keep this busy for hours.
      guard directoryBytes <= source.fileBytes else { throw facts.damaged("its directories overlap") }
      guard found.count <= Self.mostPictures else { throw manyPictures }
      valueBytes += try checkEntries(
        Int(entries), from: isWide ? place + 8 : place + 2, isWide: isWide, isBigEndian: isBigEndian)
      guard valueBytes / 16 <= max(Self.freeValueBytes / 16, source.fileBytes) else {
        throw facts.damaged(
          "its directories name \(valueBytes) bytes of values, but the file has \(source.fileBytes)")
      }
      next = following
    }
    guard !found.isEmpty else { throw facts.damaged("it has no directory") }
    return found
  }

  /// More pictures than any TIFF file has.
  private static let mostPictures = 1 << 20
  /// Directories may share values; libtiff reads so many bytes of them in a second or two.
  private static let freeValueBytes = 1 << 30

  private var manyPictures: DatasetError {
    facts.unsupported("it has more than \(Self.mostPictures) pictures")
  }

  /// Size and kind of the samples, how they are coloured, packed and divided, and where they are.
  private static let essentialTags: Set<UInt16> = [
    256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347, 529, 530,
    532,
  ]

  /// Checks that the values of a directory's entries are in the file: libtiff goes on without those that are not, and shows
  /// something else than the picture. Entries that do not matter for the pixels may be broken.
  ///
  /// - Returns: the bytes of all values, which libtiff reads
  private func checkEntries(
    _ count: Int, from start: Int, isWide: Bool, isBigEndian: Bool
  ) throws(DatasetError) -> Int {
    func number<T: FixedWidthInteger>(_: T.Type, _ place: Int) -> Int? {
      source.number(T.self, at: place, isBigEndian: isBigEndian).flatMap { Int(exactly: $0) }
    }
    func first(_ place: Int, _ width: Int) -> Int? {
      switch width {
      case 1: number(UInt8.self, place)
      case 2: number(UInt16.self, place)
      case 4: number(UInt32.self, place)
      default: number(UInt64.self, place)
      }
    }
    let (size, valueBytes) = isWide ? (20, 8) : (12, 4)
    let widths = [1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8]
    var (isPalette, hasMap, all, strips) = (false, false, 0, StripCount())
    for entry in 0..<count {
      let place = start + size * entry
      let value = place + size - valueBytes
      guard let tag = source.number(UInt16.self, at: place, isBigEndian: isBigEndian) else {
        throw facts.truncated
      }
      let isEssential = Self.essentialTags.contains(tag)
      hasMap = hasMap || tag == 320
      if tag == 262 { isPalette = number(UInt16.self, value) == 3 }
      let type = number(UInt16.self, place + 2) ?? 0
      let values = isWide ? number(UInt64.self, place + 4) : number(UInt32.self, place + 4)
      guard let values, widths.indices.contains(type), values <= source.fileBytes / widths[type] else {
        if isEssential { throw facts.truncated }
        continue
      }
      let bytes = values * widths[type]
      if isEssential { strips.take(tag, count: values, value: first(value, widths[type])) }
      guard bytes > valueBytes else { continue }
      let offset = isWide ? number(UInt64.self, value) : number(UInt32.self, value)
      guard let offset, offset <= source.fileBytes, bytes <= source.fileBytes - offset else {
        if isEssential { throw facts.truncated }
        continue
      }
      all += bytes
    }
    guard hasMap || !isPalette else { throw facts.damaged("it has no palette") }
    guard strips.areThere else { throw facts.truncated }
    return all
  }
}

/// How many strips or tiles a directory says that its picture has. libtiff makes room for as many as the size wants, and would
/// be kept busy by many directories that name a few.
private struct StripCount {
  private var sizes: [UInt16: Int] = [:]
  private var named: Int?

  /// Takes an entry: its tag, and its first value where it is a number within the entry.
  mutating func take(_ tag: UInt16, count: Int, value: Int?) {
    switch tag {
    case 256, 257, 278, 322, 323: sizes[tag] = max(1, value ?? 1)
    case 273, 324: named = count
    default: break
    }
  }

  /// Whether there are as many as the size wants.
  var areThere: Bool {
    guard let named, let width = sizes[256], let height = sizes[257] else { return true }
    func parts(_ size: Int, _ part: Int?) -> Int { part.map { (size - 1) / $0 + 1 } ?? 1 }
    if let (tileWidth, tileHeight) = sizes[322].flatMap({ width in sizes[323].map { (width, $0) } }) {
      return named
        >= parts(width, tileWidth).multipliedReportingOverflow(by: parts(height, tileHeight)).partialValue
    }
    return named >= parts(height, sizes[278])
  }
}
