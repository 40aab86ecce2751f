import Foundation
import Support
import Testing

extension FaultTests {
  /// Memory that is not there: one message that says what it was for, and the documented code.
  @Suite(.serialized) struct MemoryTests {
    /// An IDX file of black images, of which the disk holds the header only.
    private func writeBlackImages(_ path: String, count: Int, rows: Int, columns: Int) throws {
      let header = idxHeader([count, rows, columns])
      try Data(header).write(to: URL(fileURLWithPath: path))
      try #require(truncate(path, header.count + count * rows * columns) == 0)
    }

    /// Runs `program` on ranks whose address space is limited to `mebibytes`.
    private func launch(
      _ program: String, _ arguments: [String], ranks: Int, mebibytes: Int
    ) throws -> ProcessResult {
      let words = try ([ProcessRunner.built(program)] + arguments).map { "'\($0)'" }
      let command = "ulimit -v \(1024 * mebibytes); exec " + words.joined(separator: " ")
      return try ProcessRunner.run(
        try ProcessRunner.tool("mpirun"),
        ["--quiet", "--oversubscribe", "-np", "\(ranks)", "sh", "-c", command],
        environment: ["OMPI_MCA_odls_base_sigkill_timeout": "0"])
    }

    private func expectOneLine(_ result: ProcessResult, _ code: Int32, _ mentions: [String]) {
      #expect(result.exitCode == code && !result.timedOut, "\(result)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
      for text in mentions { #expect(result.errors.contains(text), "\(text): \(result)") }
    }

    @Test("images that no machine has room for", arguments: [1, 2])
    func hugeImages(ranks: Int) throws {
      let folder = try TemporaryDirectory()
      // Larger than the memory, but for the size that they are brought to.
      try writeBlackImages(folder.path("images"), count: 640_000, rows: 1000, columns: 1000)
      let result = try ProcessRunner.mpirun(
        ranks: ranks, program: "dbc-train",
        arguments: [
          "--images", folder.path("images"), "--size", "1001x1000", "--labels", "none", "--output",
          folder.path("run"),
        ])
      // 640 000 × 1001 · 1000 bytes and a few.
      expectOneLine(result, 73, ["images-", ".packed", "cannot be given 610961 MiB", "--cache"])
    }

    @Test("photos whose activations the limit of the batch job has no room for", arguments: [1, 2])
    func photos(ranks: Int) throws {
      let folder = try TemporaryDirectory()
      try writeBlackImages(folder.path("images"), count: 32, rows: 1500, columns: 2000)
      let result = try launch(
        "dbc-train",
        [
          "--images", folder.path("images"), "--size", "keep", "--clusters", "2", "--output",
          folder.path("run"),
        ],
        ranks: ranks, mebibytes: 3000)
      expectOneLine(
        result, 64,
        ["images of 2000×1500 pixels take ", " are left by the limit of ulimit -v for ", "--batch-size"])
    }

    @Test("an array that the limit of the batch job has no room for", arguments: [1, 2])
    func features(ranks: Int) throws {
      let result = try launch(
        "dbc-bench", ["kmeans", "--images", "2000000", "--features", "2000"], ranks: ranks, mebibytes: 3000)
      expectOneLine(
        result, 71,
        [
          "[rank 0 of \(ranks), ", "] out of memory: \(ranks == 1 ? 15259 : 7630) MiB for features, but ",
          " are left by the limit of ulimit -v; use ", "fewer ranks per node",
        ])
    }
  }
}
