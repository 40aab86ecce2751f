import Basics
import Foundation
import Support
import Testing

/// A run of dbc-train, and calls of dbc-assign beside it, in a directory of its own.
struct AssignedRun: ~Copyable {
  static let results = ["assignments.csv", "scores.npy", "embeddings.npy"]
  /// Small enough for about a second, with a partial last lane group.
  static let options = [
    "--recipe", "paper", "--clusters", "3", "--batch-size", "64", "--pretrain-epochs", "1", "--chain-epochs",
    "1", "--kmeans-restarts", "2",
  ]
  static let glyphs = ["--built-in-images", "203"]

  let directory: TemporaryDirectory
  /// The run's directory.
  var run: String { directory.path("run") }

  /// Trains on the built-in images, or on 45 pictures of 8 × 8 pixels in the folder `images`.
  init(pictures: [String]? = nil, ranks: Int = 2, _ options: [String] = []) throws {
    let directory = try TemporaryDirectory()
    var arguments = Self.options + options + ["--quiet", "--output", directory.path("run")]
    if let pictures {
      try Self.putPictures(pictures, directory.path("images"))
      arguments += ["--images", directory.path("images")]
    } else {
      arguments += Self.glyphs
    }
    let result = try ProcessRunner.mpirun(ranks: ranks, program: "dbc-train", arguments: arguments)
    try #require(result.exitCode == 0, "\(result)")
    self.directory = directory
  }

  /// Puts pictures of 8 × 8 pixels, all different, into `folder`.
  static func putPictures(_ names: [String], _ folder: String) throws {
    for (number, name) in names.enumerated() { try put(PNGs.grey(8, seed: number), "\(folder)/\(name)") }
  }

  static func put(_ bytes: [UInt8], _ path: String) throws {
    try #require(Files.makeFolders(FileName.folder(path)) == 0)
    let descriptor = Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    #expect(bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    close(descriptor)
  }

  /// Names of pictures.
  static func names(_ count: Int) -> [String] { (0..<count).map { "picture\($0).png" } }

  /// Runs `dbc-assign` with `--quiet`; without mpirun where `ranks` is nil.
  func assign(ranks: Int? = nil, _ arguments: [String], quiet: Bool = true) throws -> ProcessResult {
    let all = arguments + (quiet ? ["--quiet"] : [])
    guard let ranks else { return try ProcessRunner.run(try ProcessRunner.built("dbc-assign"), all) }
    return try ProcessRunner.mpirun(ranks: ranks, program: "dbc-assign", arguments: all)
  }

  /// The fields of the rows of a table, without its header.
  static func rows(_ text: [UInt8]) throws -> [[String]] {
    var rows: [[String]] = []
    try CSV.forEachRow(text, separator: UInt8(ascii: ",")) { _, fields in rows.append(fields) }
    return Array(rows.dropFirst())
  }

  /// The bytes of a file below the directory.
  func bytes(_ path: String) throws -> [UInt8] {
    try #require(Files.contents(directory.path(path)), "\(path)")
  }
}

/// A NumPy file of bytes.
func npy(_ shape: [Int], _ bytes: [UInt8]) -> [UInt8] {
  let sizes = shape.map(String.init).joined(separator: ", ")
  var text = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(sizes)), }"
  text += String(repeating: " ", count: (64 - (text.count + 11) % 64) % 64) + "\n"
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)] + text.utf8
    + bytes
}
