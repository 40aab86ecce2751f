import Basics
import Glibc

/// Bytes that are read in order, wherever they are stored and however they are packed.
protocol ByteSource {
  /// Reads up to `buffer.count` bytes; fewer only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int

  /// Goes `count` bytes forward.
  func skip(_ count: Int) throws(DatasetError)
}

extension ByteSource {
  /// The next `count` bytes; fewer only at the end.
  func read(_ count: Int) throws(DatasetError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    return Array(buffer.prefix(try read(into: buffer)))
  }
}

/// A part of a plain file, read by `pread`: a file that is cut meanwhile is an error, where a mapped one would end the program.
final class FileStream: ByteSource {
  /// The path, for messages.
  let path: String
  /// The length of the file.
  let fileBytes: Int
  private let descriptor: Int32
  private var place = 0
  private var end: Int

  /// Opens the file; throws where it is missing or a folder.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    guard let status = Files.status(path) else {
      throw DatasetError(.missing, path, "cannot be read: \(Files.reason())")
    }
    guard status.isFile else {
      throw DatasetError(.malformed, path, "expected a file with an array, found a folder or something else")
    }
    descriptor = Files.open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw DatasetError(.missing, path, "cannot be read: \(Files.reason())")
    }
    fileBytes = Int(status.st_size)
    end = Int.max
  }

  deinit { close(descriptor) }

  /// Reads only what is in `part` from now on.
  func limit(to part: Range<Int>) { (place, end) = (part.lowerBound, part.upperBound) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, max(0, end - place))])
    guard let count = Files.read(descriptor, into: wanted, from: place) else {
      throw DatasetError(.missing, path, "cannot be read: \(Files.reason())")
    }
    place += count
    return count
  }

  func skip(_ count: Int) throws(DatasetError) { place += count }

  /// The bytes in `part`, or nil where the file ends before.
  func bytes(_ part: Range<Int>) throws(DatasetError) -> [UInt8]? {
    guard part.lowerBound >= 0, part.upperBound <= fileBytes else { return nil }
    limit(to: part)
    let bytes = try read(part.count)
    return bytes.count == part.count ? bytes : nil
  }
}
