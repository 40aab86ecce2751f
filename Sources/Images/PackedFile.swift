internal import CZlib
import Basics
import Dataset
import FoundationEssentials
import Glibc
import MPI

/// A file of decoded images, which the next run on the same files takes instead of decoding them.
///
/// Layout: the images, `[count][channel][row][column]` bytes; a few bytes that may be read behind the last; the records of the
/// catalogue; `PackedContents` as JSON; a footer of fixed length with the lengths of all parts and the CRC-32 of records and JSON.
/// The file has its name only when it is complete.
struct PackedFile: Codable {
  let path: String
  /// Bytes of the file, by which other nodes know that they see the same one.
  let fileBytes: Int
  /// What is known of the images.
  let facts: PixelFacts

  static let margin = 4
  private static let magic = "dbc packed images 1\n"
  private static let footerBytes = 64

  /// The name of the file for images whose key is `key`.
  static func name(_ key: UInt64) -> String { "images-\(String(key, radix: 16)).packed" }

  /// The file of `key` in one of the folders, and what it says; nil where there is none that is whole.
  static func find(_ key: UInt64, in folders: [String], _ contents: inout PackedContents?) -> PackedFile? {
    for folder in folders {
      let path = "\(folder)/\(name(key))"
      if let (found, bytes) = read(path) {
        contents = found
        return PackedFile(path: path, fileBytes: bytes, facts: found.facts)
      }
    }
    return nil
  }

  private static func read(_ path: String) -> (PackedContents, fileBytes: Int)? {
    guard let file = try? SystemFile(path, O_RDONLY) else { return nil }
    let size = file.bytes
    guard size >= footerBytes, let footer = try? file.read(footerBytes, at: size - footerBytes),
      footer.starts(with: magic.utf8)
    else { return nil }
    let numbers = footer.withUnsafeBytes { bytes in
      (0..<4).map { Int(bytes.loadUnaligned(fromByteOffset: 32 + 8 * $0, as: Int64.self)) }
    }
    let (images, records, json) = (numbers[0], numbers[1], numbers[2])
    guard numbers[..<3].allSatisfy({ $0 >= 0 && $0 <= size }),
      images + records + json + footerBytes == size,
      let tail = try? file.read(records + json, at: images), Int(crc(tail)) == numbers[3],
      var contents = try? JSON.decode(PackedContents.self, from: Data(tail[records...]))
    else { return nil }
    contents.records = tail[..<records].withUnsafeBytes { bytes in
      (0..<(records / MemoryLayout<PictureRecord>.stride)).map {
        bytes.loadUnaligned(
          fromByteOffset: $0 * MemoryLayout<PictureRecord>.stride, as: PictureRecord.self)
      }
    }
    guard let found = contents.size, images == found.images * found.imageBytes + margin else { return nil }
    return (contents, size)
  }

  private static func crc(_ bytes: [UInt8]) -> UInt { crc32_z(0, bytes, bytes.count) }

  /// The file that `find` finds on rank 0, on all ranks where every one of them sees it; nil on all otherwise. **Collective.**
  static func seenByAll(
    _ world: borrowing Communicator, _ find: () throws -> PackedFile?
  ) throws -> PackedFile? {
    guard let file = try world.onRoot(find) else { return nil }
    let isThere = Files.status(file.path).map { Int($0.st_size) == file.fileBytes } ?? false
    return try world.allReduce(Int64(isThere ? 1 : 0), .min) == 1 ? file : nil
  }

  /// Removes what programs of this host that are no longer there have left in a folder.
  static func removeLeftovers(in folder: String, host: String) {
    for name in Files.names(in: folder) ?? [] where name.hasPrefix("images-") && name.hasSuffix(".tmp") {
      let maker = name.dropLast(4)
      guard let point = maker.lastIndex(of: "."), maker[..<point].hasSuffix(".packed.\(host)"),
        let process = Int32(maker[maker.index(after: point)...]), kill(process, 0) != 0, errno == ESRCH
      else { continue }
      Files.unlink("\(folder)/\(name)")
    }
  }

  /// Removes all packed files of a folder.
  static func removeAll(in folder: String) {
    for name in Files.names(in: folder) ?? [] where name.hasPrefix("images-") && name.hasSuffix(".packed") {
      Files.unlink("\(folder)/\(name)")
    }
  }

  /// What follows the images: records, contents, footer.
  static func tail(_ contents: PackedContents, imageBytes: Int) -> [UInt8] {
    let records = contents.records.withUnsafeBytes { Array($0) }
    let json = Array(JSON.line(contents).utf8)
    var footer = Array(magic.utf8)
    footer += [UInt8](repeating: 0, count: 32 - footer.count)
    for number in [imageBytes, records.count, json.count, Int(crc(records + json))] {
      footer += withUnsafeBytes(of: Int64(number).littleEndian) { Array($0) }
    }
    return records + json + footer
  }
}
