import Foundation
import Support

/// One call of the real dbc-train under a real mpirun, in a directory of its own.
struct TrainRun: ~Copyable {
  static let files = ["model.safetensors", "scores.npy", "embeddings.npy", "assignments.csv"]
  /// Small enough for about a second, with a partial last lane group and a partial last mini-batch.
  static let small = [
    "--recipe", "paper", "--built-in-images", "203", "--batch-size", "128", "--pretrain-epochs", "1",
    "--chain-epochs", "2",
    "--kmeans-restarts", "2",
  ]

  let directory: TemporaryDirectory
  let result: ProcessResult

  /// Runs `arguments` with `--quiet --output` into a new directory.
  init(ranks: Int = 2, _ arguments: [String] = TrainRun.small, timeLimitSeconds: Double = 60) throws {
    let directory = try TemporaryDirectory()
    let result = try Self.launch(
      ranks: ranks, arguments + ["--quiet", "--output", directory.path("run")],
      timeLimitSeconds: timeLimitSeconds)
    self.directory = directory
    self.result = result
  }

  static func launch(
    ranks: Int, _ arguments: [String], timeLimitSeconds: Double = 60
  ) throws -> ProcessResult {
    try ProcessRunner.mpirun(
      ranks: ranks, program: "dbc-train", arguments: arguments, timeLimitSeconds: timeLimitSeconds)
  }

  func data(_ file: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: directory.path("run/\(file)")))
  }

  func text(_ file: String) throws -> String { String(decoding: try data(file), as: UTF8.self) }

  /// The bytes of the result files.
  func results() throws -> [Data] { try Self.files.map { try data($0) } }

  /// The lines of metrics.jsonl.
  func metrics() throws -> [[String: Any]] {
    try text("metrics.jsonl").split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }

  /// A float32 .npy file: its rows.
  func rows(_ file: String) throws -> [[Float]] {
    let bytes = try data(file)
    let header = Int(bytes[8]) | Int(bytes[9]) << 8
    let text = String(decoding: bytes[10..<(10 + header)], as: UTF8.self)
    let shape = text.split(separator: "(")[1].split(separator: ")")[0].split(separator: ",")
      .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    let values = bytes[(10 + header)...].withUnsafeBytes { raw in
      (0..<(shape[0] * shape[1])).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
    return (0..<shape[0]).map { Array(values[($0 * shape[1])..<(($0 + 1) * shape[1])]) }
  }
}

/// Writes an IDX file of `count` images of `size` × `size` pseudo-random bytes; with `promised`, another count in the
/// header.
func writeImages(_ path: String, count: Int, size: Int, promised: Int? = nil) throws {
  var bytes = idxHeader([promised ?? count, size, size])
  for image in 0..<count {
    for pixel in 0..<(size * size) {
      let wave = (pixel * (image % 3 + 1) / 7) % 2 == 0 ? 180 : 20
      bytes.append(UInt8(wave + (image * 31 + pixel * 17) % 50))
    }
  }
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Writes an IDX file of labels 0, 1, 2, 0, ….
func writeLabels(_ path: String, count: Int) throws {
  try Data(idxHeader([count]) + (0..<count).map { UInt8($0 % 3) }).write(to: URL(fileURLWithPath: path))
}
