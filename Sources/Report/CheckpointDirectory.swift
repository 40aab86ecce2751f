import Basics
import FoundationEssentials
import Glibc

/// The checkpoints of a run: one directory per generation, the last two kept.
///
/// A generation is written under a temporary name. Its manifest, with the length and CRC-32 of every file, comes last;
/// then the directory gets its name. Whatever is interrupted, a generation under its final name is complete.
package final class CheckpointDirectory {
  /// A checkpoint that was read.
  package struct Found {
    /// The generation's number.
    package let generation: Int
    /// What the checkpoint holds.
    package let contents: SafeTensors
  }

  /// The name of the folder of checkpoints in a run's directory.
  package static let folderName = "checkpoints"
  /// `RUN/checkpoints`
  package let path: String
  /// Generations that are known to be whole, in ascending order.
  private var whole: [Int] = []
  private static let stateFile = "state.safetensors"
  private static let manifestFile = "manifest.json"
  private static let kept = 2
  /// One with a single file has some 70 bytes.
  private static let longestManifest = 1 << 16

  private struct Manifest: Codable {
    var format = 1
    let files: [String: FileSum]
  }

  /// The checkpoints of the run in the directory `run`.
  package init(run: String) { path = "\(run)/\(Self.folderName)" }

  /// The numbers of the generations that are there, in ascending order.
  ///
  /// A folder that cannot be listed is not one without generations: it throws a `ReportError` of kind `unreadable`.
  package var generations: [Int] {
    get throws(ReportError) {
      try FileOperations.listing.names(in: path).compactMap(Self.number).sorted()
    }
  }

  /// The bytes that the generations take on the disk, and those of an interrupted one that the next one takes the place
  /// of.
  package var bytes: (generations: Int, interrupted: Int) {
    get throws(ReportError) {
      let generations = try self.generations
      let next = "\(directory((generations.last ?? 0) + 1)).tmp"
      return (generations.reduce(0) { $0 + Self.bytes(of: directory($1)) }, Self.bytes(of: next))
    }
  }

  /// What the files of a directory take; nothing where it cannot be told.
  private static func bytes(of directory: String) -> Int {
    (Files.names(in: directory) ?? []).reduce(0) {
      $0 + (Files.linkStatus("\(directory)/\($1)").map { Int($0.st_blocks) * 512 } ?? 0)
    }
  }

  /// The directory of a generation.
  package func directory(_ generation: Int) -> String {
    "\(path)/\(Self.name(generation))"
  }

  private static func name(_ generation: Int) -> String {
    "generation-\(String(printf: "%06ld", generation))"
  }

  /// The number of the generation in a directory of this name; nil where it is no generation's name.
  package static func number(_ name: String) -> Int? {
    // Names that this type does not give are none: another spelling, or a number that cannot be counted on from.
    guard let number = Int(name.dropFirst("generation-".count)), (1...1_000_000_000).contains(number),
      Self.name(number) == name
    else { return nil }
    return number
  }

  /// Writes `contents` as a new generation, then removes those that are no longer kept.
  ///
  /// Where it throws, the older generations are as they were.
  package func write(_ contents: SafeTensors) throws(ReportError) -> (generation: Int, bytes: Int) {
    let generation = try max(generations.last ?? 0, whole.last ?? 0) + 1
    let operations = FileOperations("checkpoint", generation: generation)
    let final = directory(generation)
    let temporary = "\(final).tmp"
    let bytes: Int
    do {
      bytes = try write(contents, to: final, temporary, operations)
    } catch {
      operations.removeDirectory(temporary)
      throw error
    }
    whole = (whole + [generation]).suffix(Self.kept)
    removeOthers(operations)
    return (generation, bytes)
  }

  private func write(
    _ contents: SafeTensors, to final: String, _ temporary: String, _ operations: FileOperations
  ) throws(ReportError) -> Int {
    try operations.makeDirectory(path)
    operations.removeDirectory(temporary)
    try operations.makeDirectory(temporary)
    let state = try contents.write(to: "\(temporary)/\(Self.stateFile)", operations)
    guard let json = try? JSONEncoder().encode(Manifest(files: [Self.stateFile: state])) else {
      preconditionFailure("a manifest is JSON")
    }
    var manifest = try AtomicFile("\(temporary)/\(Self.manifestFile)", operations)
    try manifest.write(json)
    try manifest.finish()
    try operations.syncDirectory(temporary)
    try operations.move(temporary, to: final)
    try operations.syncDirectory(path)
    return state.bytes + json.count
  }

  /// Removes all but the last whole generations, and what interrupted checkpoints have left.
  private func removeOthers(_ operations: FileOperations) {
    for name in Files.names(in: path) ?? []
    where name.hasPrefix("generation-") {
      if let number = Self.number(name), whole.contains(number) { continue }
      operations.removeDirectory("\(path)/\(name)")
    }
  }

  /// Removes the generations after `generation`, the newest first.
  package func remove(after generation: Int) throws(ReportError) {
    for newer in try generations.reversed() where newer > generation {
      FileOperations("checkpoint", generation: newer).removeDirectory(directory(newer))
    }
    whole = [generation]
  }

  /// Removes all checkpoints, and their folder where nothing else is in it.
  package func removeAll() throws(ReportError) {
    for name in try FileOperations.listing.names(in: path) where name.hasPrefix("generation-") {
      guard Files.removeTree("\(path)/\(name)") == 0 else {
        throw ReportError(
          .writing, path, "a checkpoint of an older run cannot be removed: \(ReportError.reason())")
      }
    }
    Files.removeFolder(path)
    whole = []
  }

  /// The newest generation whose files are what its manifest says, and what is wrong with newer ones; nil where there
  /// is none at all.
  ///
  /// - Throws: `ReportError` of kind `malformed` where there are generations, but all are damaged; of kind `unreadable`
  ///   where it cannot be told whether there are any.
  package func newest() throws(ReportError) -> (found: Found, damage: [ReportError])? {
    var damage: [ReportError] = []
    for generation in try generations.reversed() {
      do {
        let contents = try Self.read(directory(generation))
        whole = [generation]
        return (Found(generation: generation, contents: contents), damage)
      } catch {
        damage.append(error)
      }
    }
    guard !damage.isEmpty else { return nil }
    throw ReportError(
      .malformed, path,
      "no checkpoint can be used (\(damage.map(\.description).joined(separator: "; "))); begin anew with "
        + "--overwrite and without --resume")
  }

  /// Reads the generation in `directory` and compares it with its manifest.
  package static func read(_ directory: String) throws(ReportError) -> SafeTensors {
    let manifestPath = "\(directory)/\(manifestFile)"
    let bytes = try InputFile.map(manifestPath, expected: "a manifest", atMost: longestManifest)
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: bytes), manifest.format == 1,
      let wanted = manifest.files[stateFile], manifest.files.count == 1
    else {
      throw ReportError(.malformed, manifestPath, "is damaged: expected a manifest of format 1")
    }
    let path = "\(directory)/\(stateFile)"
    let data = try InputFile.map(path, expected: "a checkpoint's state", atMost: wanted.bytes)
    guard data.count == wanted.bytes else {
      throw ReportError(
        .malformed, path, "is damaged: expected \(wanted.bytes) bytes, found \(data.count)")
    }
    let found = data.withUnsafeBytes { FileSum(of: $0) }
    guard found == wanted else {
      throw ReportError(
        .malformed, path,
        "is damaged: expected the CRC-32 \(String(wanted.crc32, radix: 16)), found "
          + String(found.crc32, radix: 16))
    }
    return try SafeTensors.read(path)
  }
}
