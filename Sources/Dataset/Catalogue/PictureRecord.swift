/// One picture of a file that holds few: where it is, and what its header says.
package struct PictureRecord: BitwiseCopyable, Sendable {
  /// The number of the file among those whose headers are scanned.
  package var file: Int32
  /// The number of the picture's file in a shard; 0 of files of their own.
  package var member: Int32
  /// The page of a TIFF file.
  package var page: Int32
  /// What the file says of it.
  package var header: PictureHeader
  /// The format, as a place in `StillFormat.allCases`.
  package var format: UInt8

  init(file: Int, member: Int = 0, page: Int, _ header: PictureHeader, _ format: StillFormat) {
    (self.file, self.member, self.page) = (Int32(file), Int32(member), Int32(page))
    (self.header, self.format) = (header, UInt8(StillFormat.allCases.firstIndex(of: format)!))
  }

  /// Stands for a file whose header cannot be read. It keeps the file's place, so that labels in their order fit; its decoding
  /// fails again, and says why.
  init(unreadable file: Int, member: Int = 0) {
    self.init(file: file, member: member, page: 0, PictureHeader(width: 0, height: 0, channels: 1), .png)
  }

  /// Whether a header was read.
  var isReadable: Bool { header.width > 0 }
}

/// A picture, or a file, that cannot be read.
package struct PictureFailure: Codable, Sendable {
  /// The file's number among those that are scanned, or the image's position among all.
  package var place: Int
  /// Whether no picture of the file can be trusted: such a file is never left out.
  package var isWhole = false
  /// What is wrong.
  package var error: DatasetError
}

extension DatasetError {
  /// Failures are named up to this number.
  private static let mostNamed = 20

  /// All of `failures` as one error: the first ones by name, and how many there are.
  static func joined(_ failures: [PictureFailure], canSkip: Bool = true) -> DatasetError {
    let skip = ", or leave out what cannot be read with --skip-unreadable"
    if failures.count == 1, let error = failures.first?.error {
      return DatasetError(
        error.kind, error.file, error.message + (canSkip && !failures[0].isWhole ? skip : ""))
    }
    let named = failures.prefix(mostNamed).map { "\n  \($0.error)" }.joined()
    let more = failures.count > mostNamed ? "\n  and \(failures.count - mostNamed) more" : ""
    return DatasetError(
      failures[0].error.kind, nil,
      "\(failures.count) files cannot be read:\(named)\(more)\nmend or remove them\(canSkip ? skip : "")")
  }
}
