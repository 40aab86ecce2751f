import Foundation

/// What a data set consists of, as far as headers tell: made on one rank and sent to the others, which then decode
/// different units of it.
package struct ImageCatalogue: Codable, Sendable {
  /// One file or folder of the data set.
  enum Piece: Codable, Sendable {
    case idx(IDXFile)
    case folder(ImageFolder)
    case glyphs(seed: UInt64, count: Int)

    var count: Int {
      switch self {
      case .idx(let file): file.count
      case .folder(let folder): folder.files.count
      case .glyphs(_, let count): count
      }
    }

    /// The number of images that are best decoded together.
    var unitSize: Int {
      switch self {
      case .idx(let file): file.isCompressed ? file.count : 4096
      case .folder: 1
      case .glyphs: 512
      }
    }
  }

  /// The size of every image.
  package let shape: ImageShape
  /// The number of images, after any limit.
  package let count: Int
  let pieces: [Piece]
  let labelFiles: [IDXFile]
  let labelPattern: String?

  /// Looks at the headers of everything that `request` names.
  ///
  /// - Parameter beat: called for every file of a folder, which are many and may be on a slow disk
  package static func scan(
    _ request: DatasetRequest, beat: () -> Void = {}
  ) throws(DatasetError) -> ImageCatalogue {
    var pieces: [Piece] = []
    for path in request.images {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      guard exists else { throw DatasetError(.missing, path, "no such file or folder; check --images") }
      pieces.append(
        isFolder.boolValue
          ? .folder(try ImageFolder(path, beat: beat))
          : .idx(try IDXFile(path, dimensions: [3, 4], of: "images")))
    }
    if pieces.isEmpty {
      let (count, most) = (request.builtInCount, Int(Int32.max))
      guard (1...most).contains(count) else {
        throw DatasetError(
          .options, nil,
          "--built-in-images must be \(count < 1 ? "at least 1" : "at most \(most)"), found \(count)")
      }
      pieces = [.glyphs(seed: request.seed, count: request.builtInCount)]
    }
    if let limit = request.limit, limit < 1 {
      throw DatasetError(.options, nil, "--limit must be at least 1, found \(limit)")
    }
    var labelFiles: [IDXFile] = []
    for path in request.labels { labelFiles.append(try IDXFile(path, dimensions: [1], of: "labels")) }
    let total = pieces.reduce(0) { $0 + $1.count }
    let catalogue = ImageCatalogue(
      shape: try commonShape(pieces), count: min(total, request.limit ?? total), pieces: pieces,
      labelFiles: labelFiles, labelPattern: request.labelPattern)
    try catalogue.checkLabelSources(total: total)
    return catalogue
  }

  /// The one shape of all pieces; grey ones become RGB where others are RGB.
  private static func commonShape(_ pieces: [Piece]) throws(DatasetError) -> ImageShape {
    var shapes: [(path: String?, shape: ImageShape)] = []
    for piece in pieces {
      switch piece {
      case .idx(let file):
        let sizes = file.sizes.count == 4 ? Array(file.sizes[1...]) : [1] + file.sizes[1...]
        shapes.append((file.path, ImageShape(channels: sizes[0], height: sizes[1], width: sizes[2])))
      case .folder(let folder):
        shapes.append(
          (folder.path, ImageShape(channels: folder.channels, height: folder.height, width: folder.width)))
      case .glyphs:
        shapes.append((nil, ImageShape(channels: 1, height: Glyphs.size, width: Glyphs.size)))
      }
    }
    let first = shapes[0]
    let channels = shapes.map(\.shape.channels).max() ?? 1
    let deepest = shapes.first { $0.shape.channels == channels } ?? first
    for (index, (path, shape)) in shapes.enumerated() {
      var other: (path: String?, shape: ImageShape)?
      if (shape.height, shape.width) != (first.shape.height, first.shape.width) {
        other = first
      } else if shape.channels != channels {
        // Files of a folder are turned from grey to RGB, to nothing else; IDX files are taken as they are.
        let canChange = if case .folder = pieces[index] { channels == 3 } else { false }
        if !canChange { other = deepest }
      }
      guard let other else { continue }
      throw DatasetError(
        .mismatch, path,
        "holds images of \(shape.text), but \(other.path ?? "") holds \(other.shape.text); all "
          + "images must have one size")
    }
    return ImageShape(channels: channels, height: first.shape.height, width: first.shape.width)
  }

  /// Ranges of images that are decoded together; every image is in one of them.
  package var units: [Range<Int>] {
    var units: [Range<Int>] = []
    var first = 0
    for piece in pieces {
      units += (0..<unitCount(piece, first: first)).map { range(ofUnit: $0, piece, first: first) }
      first += piece.count
    }
    return units
  }

  /// The units of `piece`, whose first image is number `first`, as far as the limit on images goes.
  private func unitCount(_ piece: Piece, first: Int) -> Int {
    (max(0, min(piece.count, count - first)) + piece.unitSize - 1) / piece.unitSize
  }

  private func range(ofUnit unit: Int, _ piece: Piece, first: Int) -> Range<Int> {
    let start = unit * piece.unitSize
    return (first + start)..<min(first + min(start + piece.unitSize, piece.count), count)
  }

  /// `units[unit]`.
  private func range(ofUnit unit: Int) -> Range<Int> {
    var unit = unit
    var first = 0
    for piece in pieces {
      let units = unitCount(piece, first: first)
      if unit < units { return range(ofUnit: unit, piece, first: first) }
      unit -= units
      first += piece.count
    }
    preconditionFailure("there is no such unit")
  }

  /// Decodes the images of unit number `unit` as bytes, `[image][channel][row][column]`.
  ///
  /// - Parameter pixels: as large as the unit's images
  package func decode(unit: Int, into pixels: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    let range = range(ofUnit: unit)
    precondition(pixels.count == range.count * shape.byteCount)
    let (piece, first) = self.piece(of: range.lowerBound)
    let local = (range.lowerBound - first)..<(range.upperBound - first)
    switch piece {
    case .idx(let file): try file.read(local, into: pixels)
    case .folder(let folder):
      try folder.decode(local.lowerBound, channels: shape.channels, into: pixels)
    case .glyphs(let seed, _):
      for (place, image) in local.enumerated() {
        let bytes = Glyphs.draw(seed: seed, image: image).pixels
        UnsafeMutableRawBufferPointer(rebasing: pixels[(place * bytes.count)...]).copyBytes(from: bytes)
      }
    }
  }

  /// The piece that holds image `image`, and the number of its first image.
  func piece(of image: Int) -> (piece: Piece, first: Int) {
    var first = 0
    for piece in pieces {
      if image < first + piece.count { return (piece, first) }
      first += piece.count
    }
    preconditionFailure("there is no image \(image)")
  }

  /// Where image `image` comes from: a file, or a file and a number in it.
  package func source(of image: Int) -> String {
    let (piece, first) = piece(of: image)
    switch piece {
    case .idx(let file): return "\(URL(fileURLWithPath: file.path).lastPathComponent)#\(image - first)"
    case .folder(let folder): return folder.files[image - first]
    case .glyphs: return "glyphs#\(image - first)"
    }
  }

  /// The data set in a few words.
  package var summary: String {
    let sources = pieces.map { piece in
      switch piece {
      case .idx(let file): URL(fileURLWithPath: file.path).lastPathComponent
      case .folder(let folder): "\(URL(fileURLWithPath: folder.path).lastPathComponent)/"
      case .glyphs(let seed, _): "built-in glyphs, seed \(seed)"
      }
    }
    return "\(count) images \(shape.text) from \(sources.joined(separator: ", "))"
  }
}
