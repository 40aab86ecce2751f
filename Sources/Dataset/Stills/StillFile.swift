/// One still image file: PNG, JPEG, WebP, TIFF, GIF, BMP or PNM, by its first bytes.
package struct StillFile {
  /// What the file is.
  package let format: StillFormat
  private let facts: StillFacts
  private let source: StillSource
  /// The pages of a TIFF file.
  private let pages: [TIFFPage]

  /// A file in memory, which must stay there as long as this is used; `path` is for messages. Throws where it is no still
  /// image that is read, and says what it is.
  package init(_ data: UnsafeRawBufferPointer, path: String) throws(DatasetError) {
    try self.init(StillSource(data), path: path)
  }

  /// A file of which only the start need be in memory where it is open; of all but TIFF, that serves for headers only.
  init(_ source: StillSource, path: String) throws(DatasetError) {
    guard let format = StillFormat.of(source.start) else { throw ForeignFile(source.start).error(path) }
    self.format = format
    self.source = source
    facts = StillFacts(format: format, path: path, fileBytes: source.fileBytes)
    pages = format == .tiff ? try TIFFFile(source, facts).pages() : []
  }

  /// One header per page. TIFF: every directory that is a picture of its own, or every plane of an ImageJ stack; all others
  /// have one.
  package func headers() throws(DatasetError) -> [PictureHeader] {
    guard let headers = try headersIfThere() else { throw facts.truncated }
    return headers
  }

  /// The same; nil where the start of the file is not enough, and all must be read.
  func headersIfThere() throws(DatasetError) -> [PictureHeader]? {
    if format == .tiff { return pages.map(\.header) }
    let found: PictureHeader?
    switch format {
    case .bmp: found = try BMPFile(source.start, facts).header
    case .pnm: found = try PNMFile(source.start, facts)?.header
    default: found = try LibraryCodec(facts: facts).header(source.start, isWhole: source.isWhole)
    }
    guard var header = found else { return nil }
    header.orientation = UInt8(Exif.orientation(source, format))
    return [header]
  }

  /// Decodes page `page` of a file that is in memory (a TIFF file may also be open).
  /// - Parameters:
  ///   - atLeast: A JPEG is decoded at 1/2, 1/4 or 1/8 of its size where it then still has so many stored columns and rows; nil:
  ///     at its full size.
  ///   - known: The header as it was read before, which saves reading it again; a file that has another one now is an error.
  package func decode(
    page: Int = 0, atLeast: (width: Int, height: Int)? = nil, known: PictureHeader? = nil,
    into picture: Picture
  ) throws(DatasetError) {
    var header: PictureHeader
    if let known, [.jpeg, .png].contains(format) {
      header = known
    } else {
      let all = try headers()
      guard all.indices.contains(page) else {
        throw facts.damaged("it has \(all.count) pages, and had at least \(page + 1) before")
      }
      header = all[page]
    }
    switch format {
    case .tiff:
      picture.begin(header)
      try TIFFFile(source, facts).decode(pages[page], into: picture)
    case .bmp:
      picture.begin(header)
      try BMPFile(source.start, facts).decode(into: picture)
    case .pnm:
      picture.begin(header)
      try PNMFile(source.start, facts)!.decode(into: picture)
    case .jpeg, .png, .webp, .gif:
      let divisor = format == .jpeg ? Self.divisor(header, atLeast) : 1
      header.width = (header.width + Int32(divisor) - 1) / Int32(divisor)
      header.height = (header.height + Int32(divisor) - 1) / Int32(divisor)
      picture.begin(header)
      try LibraryCodec(facts: facts).decode(source.start, divisor: divisor, into: picture)
    }
  }

  /// The largest divisor that leaves `atLeast` columns and rows.
  private static func divisor(_ header: PictureHeader, _ atLeast: (width: Int, height: Int)?) -> Int {
    guard let atLeast else { return 1 }
    let (width, height) = (Int(header.width), Int(header.height))
    return [8, 4, 2].first {
      (width + $0 - 1) / $0 >= atLeast.width && (height + $0 - 1) / $0 >= atLeast.height
    } ?? 1
  }
}
