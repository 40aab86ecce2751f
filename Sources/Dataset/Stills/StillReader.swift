import Glibc
import Lanes

/// Reads still image files, one after another, into memory that is used again.
package final class StillReader {
  private var buffer = AlignedBuffer<UInt8>(count: 0)
  /// The TIFF file that was read last, for its other pages.
  private var last: (path: String, opened: OpenedFile, file: StillFile)?

  /// So much of a file is read for its header; where that is too little, all is.
  private static let startBytes = 1 << 16
  /// A longer file than this is not read as a whole: only TIFF files may be longer, of which parts are read.
  private static let mostBytes = 1 << 31

  /// Nothing is read yet.
  package init() {}

  /// What the file is, and one header per page; mostly, only its start is read.
  package func headers(_ path: String) throws(DatasetError) -> (format: StillFormat, pages: [PictureHeader]) {
    try withFile(path, wholeOf: { _ in false }) { file throws(DatasetError) in
      try file.headersIfThere().map { (file.format, $0) }
    }
  }

  /// Decodes page `page` of the file, see `StillFile`. The pages of one file should be decoded one after another.
  package func decode(
    _ path: String, page: Int = 0, atLeast: (width: Int, height: Int)? = nil, known: PictureHeader? = nil,
    into picture: Picture
  ) throws(DatasetError) {
    try withFile(path, wholeOf: { $0 != .tiff }) { file throws(DatasetError) in
      try file.decode(page: page, atLeast: atLeast, known: known, into: picture)
    }
  }

  /// Runs `body` with the file's start in memory, or all of it where its format wants that or `body` gives nil.
  private func withFile<Result>(
    _ path: String, wholeOf isWholeNeeded: (StillFormat) -> Bool,
    _ body: (StillFile) throws(DatasetError) -> Result?
  ) throws(DatasetError) -> Result {
    if let last, last.path == path, let result = try body(last.file) { return result }
    last = nil
    let opened = try OpenedFile(path)
    var count = try read(opened, from: 0, to: min(Self.startBytes, opened.fileBytes))
    func source() -> StillSource {
      // Fewer bytes than there were: the file has been cut meanwhile.
      let fileBytes = count < min(Self.startBytes, opened.fileBytes) ? count : opened.fileBytes
      return StillSource(
        start: UnsafeRawBufferPointer(start: buffer.base, count: count), fileBytes: fileBytes,
        descriptor: opened.descriptor)
    }
    // What is no still image may be far longer than the memory.
    guard let format = StillFormat.of(source().start) else { throw ForeignFile(source().start).error(path) }
    if !isWholeNeeded(format) {
      let file = try StillFile(source(), path: path)
      if let result = try body(file) {
        if format == .tiff { last = (path, opened, file) }
        return result
      }
    }
    guard opened.fileBytes <= Self.mostBytes else {
      throw DatasetError(
        .malformed, path,
        "is a \(format.name) file of \(opened.fileBytes) bytes; expected at most \(Self.mostBytes), as it is read whole; "
          + "make it smaller or convert it to TIFF")
    }
    count = try read(opened, from: count, to: opened.fileBytes)
    let whole = UnsafeRawBufferPointer(start: buffer.base, count: count)
    guard let result = try body(StillFile(whole, path: path)) else {
      preconditionFailure("a whole file needs no more")
    }
    return result
  }

  /// Reads the bytes `start..<end` to their place in the buffer; returns the place where the file ends, if that is sooner.
  private func read(_ opened: borrowing OpenedFile, from start: Int, to end: Int) throws(DatasetError) -> Int
  {
    if buffer.count < end {
      var larger = AlignedBuffer<UInt8>(count: end + end / 4, for: "an image file")
      memcpy(larger.base, buffer.base, start)
      swap(&buffer, &larger)
    }
    return try opened.read(
      into: UnsafeMutableRawBufferPointer(start: buffer.base + start, count: end - start), from: start)
      + start
  }
}
