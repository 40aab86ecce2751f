import Foundation
import Report
import Support
import Testing

/// Damaged and lying files: each reads, or is an error that names a file; none ends the program, takes memory for what it
/// only claims to hold, or makes the program touch what lies elsewhere.
@Suite struct MutationTests {
  private static let rounds = 1000

  /// A size that no computer has.
  private static let huge: UInt64 = 1 << 40

  /// Whether `body` reads; an error must be of one of `kinds` and name `path` or a file in it.
  private func reads(
    _ path: String, _ comment: String, _ kinds: [ReportError.Kind] = [.malformed], _ body: () throws -> Void
  ) throws -> Bool {
    do {
      try body()
      return true
    } catch let error as ReportError {
      #expect(kinds.contains(error.kind), "\(comment): \(error)")
      #expect(error.path.hasPrefix(path) && !error.message.isEmpty, "\(comment): \(error)")
      #expect(error.message.utf8.count < 1 << 20)
      return false
    }
  }

  /// Makes the file so long, without room on the disk.
  private func stretch(_ path: String, to length: UInt64) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: length)
    try file.close()
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  // MARK: - NumPy

  /// 7 × 5 numbers under a header that says `shape`, in format 1.0 or 2.0.
  private func matrix(_ shape: String = "(7, 5)", version: UInt8) -> (header: [UInt8], data: [UInt8]) {
    let text = Array("{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n".utf8)
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    header += (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return (header + text, (0..<35).flatMap { withUnsafeBytes(of: Float($0), Array.init) })
  }

  /// Reads all numbers, which must be within the file.
  private func sum(_ path: String) throws -> Int {
    let matrix = try NPYMatrix(path)
    var count = 0
    for row in 0..<matrix.rows { matrix.forEach(row: row) { _, _ in count += 1 } }
    #expect(count == matrix.rows * matrix.columns && count <= 64)
    return count
  }

  @Test("NumPy files", arguments: [UInt8(1), 2])
  func numPy(version: UInt8) throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("a.npy")
    var random = SplitMix(state: UInt64(version))
    let (header, data) = matrix(version: version)
    var good = 0
    for round in 0..<Self.rounds {
      // Changes of the numbers themselves are right, too: most go to the header.
      let file = round % 5 == 0 ? mutated(header + data, &random) : mutated(header, &random) + data
      try put(file, path)
      good += try reads(path, "round \(round)") { _ = try sum(path) } ? 1 : 0
    }
    #expect(good > 0 && good < Self.rounds, "\(good) of \(Self.rounds) read")
  }

  @Test("NumPy headers that promise other sizes than there are")
  func numPySizes() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("a.npy")
    let sizes = [
      "0", "-1", "1", "5", "7", "35", "36", "2147483648", "4294967296", "4611686018427387904",
      "9223372036854775807", "-9223372036854775808", "18446744073709551617", "1e3", "", "(", ")",
    ]
    for first in sizes {
      for second in sizes {
        let (header, data) = matrix("(\(first), \(second))", version: 1)
        try put(header + data, path)
        let isThere = Int(first).map { (1...35).contains($0) } ?? false
        let isGood = isThere && (Int(second).map { $0 >= 1 && $0 <= 35 / Int(first)! } ?? false)
        let comment = "(\(first), \(second))"
        #expect(try reads(path, comment) { _ = try sum(path) } == isGood, "\(comment)")
      }
    }
  }

  @Test("A NumPy header of four gigabytes, and a pipe, are not read")
  func numPyLength() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("a.npy")
    try put([0x93] + Array("NUMPY".utf8) + [2, 0, 0xf0, 0xff, 0xff, 0xff], path)
    try stretch(path, to: Self.huge)
    // Where the system does not even map it, that is as well.
    #expect(try !reads(path, "long", [.malformed, .unreadable]) { _ = try NPYMatrix(path) })
    mkfifo(folder.path("pipe"), 0o600)
    #expect(try !reads(folder.path("pipe"), "pipe", [.unreadable]) { _ = try NPYMatrix(folder.path("pipe")) })
  }

  // MARK: - Checkpoints

  private static let contents = SafeTensors(
    tensors: [
      .init(name: "parameters", shape: [4], values: [1, -0.0, .infinity, 4]),
      .init(name: "target", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
    ], metadata: ["progress": "{\"part\":\"dbc\"}", "metrics_bytes": "123"])

  /// One generation in `run` in `folder`.
  private func generation(_ folder: borrowing TemporaryDirectory) throws -> String {
    let checkpoints = CheckpointDirectory(run: folder.path("run"))
    try FileManager.default.createDirectory(
      atPath: folder.path("run"), withIntermediateDirectories: true)
    _ = try checkpoints.write(Self.contents)
    return checkpoints.directory(1)
  }

  private func manifest(_ files: [String: (bytes: String, sum: String)]) -> [UInt8] {
    let entries = files.map { "\"\($0)\":{\"bytes\":\($1.bytes),\"crc32\":\($1.sum)}" }
    return Array("{\"format\":1,\"files\":{\(entries.joined(separator: ","))}}".utf8)
  }

  private func isWhole(_ read: SafeTensors) -> Bool {
    Self.contents.tensors.allSatisfy { read[$0.name] == $0 } && read.metadata == Self.contents.metadata
  }

  @Test("Manifests: what reads is what was written")
  func manifests() throws {
    let folder = try TemporaryDirectory()
    let directory = try generation(folder)
    let path = "\(directory)/manifest.json"
    let original = try bytes(path)
    var random = SplitMix(state: 11)
    for round in 0..<Self.rounds {
      try put(mutated(original, &random), path)
      _ = try reads(directory, "round \(round)") {
        let read = try CheckpointDirectory.read(directory)
        #expect(isWhole(read), "round \(round)")
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["run"])
  }

  @Test("Manifests that lie about lengths, sums and names")
  func lyingManifests() throws {
    let folder = try TemporaryDirectory()
    let directory = try generation(folder)
    let state = try bytes("\(directory)/state.safetensors")
    let sum = state.withUnsafeBytes { FileSum(of: $0) }
    let path = "\(directory)/manifest.json"
    let numbers = [
      "0", "-1", "\(sum.bytes)", "\(sum.crc32)", "4294967296", "9223372036854775807", "1e300", "1.5", "null",
      "\"1\"", "[1]", "99999999999999999999999",
    ]
    let names = [
      "state.safetensors", "../generation-000001/state.safetensors", "/etc/passwd", "../../../outside", "",
      "\\u0000",
    ]
    for name in names {
      for bytes in numbers {
        for crc32 in numbers {
          try put(manifest([name: (bytes, crc32)]), path)
          let isGood = name == names[0] && bytes == "\(sum.bytes)" && crc32 == "\(sum.crc32)"
          let comment = "\(name), \(bytes), \(crc32)"
          let isRead = try reads(directory, comment) { _ = try CheckpointDirectory.read(directory) }
          #expect(isRead == isGood, "\(comment)")
        }
      }
    }
    try put(manifest([names[0]: ("\(sum.bytes)", "\(sum.crc32)"), "../outside": ("0", "0")]), path)
    #expect(try !reads(directory, "two files") { _ = try CheckpointDirectory.read(directory) })
    try put(Array(String(repeating: "[", count: 60000).utf8), path)
    #expect(try !reads(directory, "nested") { _ = try CheckpointDirectory.read(directory) })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["run"])
  }

  @Test("States whose length and sum are right")
  func states() throws {
    let folder = try TemporaryDirectory()
    let directory = try generation(folder)
    let path = "\(directory)/state.safetensors"
    let original = try bytes(path)
    var random = SplitMix(state: 12)
    var good = 0
    for round in 0..<Self.rounds {
      let state = mutated(original, &random)
      try put(state, path)
      let sum = state.withUnsafeBytes { FileSum(of: $0) }
      try put(
        manifest(["state.safetensors": ("\(sum.bytes)", "\(sum.crc32)")]), "\(directory)/manifest.json")
      good += try reads(directory, "round \(round)") { _ = try CheckpointDirectory.read(directory) } ? 1 : 0
    }
    #expect(good > 0 && good < Self.rounds, "\(good) of \(Self.rounds) read")
  }

  @Test("Files that are longer than any memory are not read")
  func longFiles() throws {
    let folder = try TemporaryDirectory()
    let directory = try generation(folder)
    for name in ["state.safetensors", "manifest.json"] {
      try stretch("\(directory)/\(name)", to: Self.huge)
      #expect(try !reads(directory, name) { _ = try CheckpointDirectory.read(directory) })
    }
  }

  @Test("Names of generations that this program does not give, and links, lead nowhere else")
  func names() throws {
    let folder = try TemporaryDirectory()
    _ = try generation(folder)
    let files = FileManager.default
    try files.createDirectory(atPath: folder.path("outside"), withIntermediateDirectories: true)
    try put([1], folder.path("outside/precious"))
    let checkpoints = folder.path("run/checkpoints")
    for name in ["9223372036854775807", "99999999999999999999", "-1", "+7", "7", "x", "", "000003.tmp/x"] {
      try files.createDirectory(
        atPath: "\(checkpoints)/generation-\(name)", withIntermediateDirectories: true)
    }
    for name in ["000008", "000009.tmp", "link"] {
      try files.createSymbolicLink(
        atPath: "\(checkpoints)/generation-\(name)", withDestinationPath: folder.path("outside"))
    }
    let resumed = CheckpointDirectory(run: folder.path("run"))
    #expect(try resumed.generations == [1, 8])
    let found = try #require(try resumed.newest())
    #expect(found.found.generation == 1 && found.damage.count == 1)
    #expect(try resumed.write(Self.contents).generation == 9)
    #expect(try resumed.generations == [1, 9])
    #expect(try files.contentsOfDirectory(atPath: folder.path("outside")) == ["precious"])
  }
}
