import Foundation
import Report
import Support
import Testing

@Suite struct RunFilesTests {
  static let names = [
    "config.json", "metrics.jsonl", "model.safetensors", "embeddings.npy", "scores.npy", "assignments.csv",
  ]

  @Test("Parents are made, and an empty directory stays empty")
  func creation() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("a/b/c")
    for _ in 0..<2 {
      let run = try RunDirectory(path)
      #expect(try listing(run.path) == [])
      #expect(run.file("x") == "\(path)/x")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
  }

  @Test("A directory with any file of a run is refused and left as it was", arguments: names)
  func existingRun(_ name: String) throws {
    let folder = try TemporaryDirectory()
    try put("old", folder.path(name))
    let error = #expect(throws: ReportError.self) { try RunDirectory(folder.url.path, use: .refuse) }
    #expect(error?.kind == .output && error?.path == folder.url.path)
    #expect(error?.message.contains("\(name)); choose another --output, or --overwrite") == true)
    #expect(try listing(folder.url.path) == [name])
    #expect(try text(folder.path(name)) == "old")
  }

  @Test("Other people's files do not make a run and survive one")
  func otherFiles() throws {
    let folder = try TemporaryDirectory()
    try put("mine", folder.path("notes.txt"))
    let run = try RunDirectory(folder.url.path, use: .refuse)
    try run.begin(config: [String: String]())
    #expect(try text(folder.path("notes.txt")) == "mine")
  }

  @Test("With overwrite the old run is whole until the new one begins, and gone afterwards")
  func overwrite() throws {
    let folder = try TemporaryDirectory()
    for name in Self.names { try put("old", folder.path(name)) }
    let run = try RunDirectory(folder.url.path, use: .replace)
    for name in Self.names { #expect(try text(folder.path(name)) == "old") }
    try run.begin(config: [String: String]())
    #expect(try listing(run.path) == ["config.json"])
  }

  @Test("An old file that cannot be removed is an error, not a result of the new run")
  func stubbornFile() throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: folder.path("scores.npy"), withIntermediateDirectories: true)
    let run = try RunDirectory(folder.url.path, use: .replace)
    let error = #expect(throws: ReportError.self) { try run.begin(config: [String: String]()) }
    #expect(error?.kind == .writing && error?.path == folder.path("scores.npy"))
  }

  @Test("When config.json cannot be written the old results stay")
  func failingBegin() throws {
    let folder = try TemporaryDirectory()
    for name in ["scores.npy", "model.safetensors"] { try put("old", folder.path(name)) }
    try FileManager.default.createDirectory(
      atPath: folder.path("config.json"), withIntermediateDirectories: true)
    let run = try RunDirectory(folder.url.path, use: .replace)
    #expect(throws: ReportError.self) { try run.begin(config: [String: String]()) }
    #expect(try listing(run.path) == ["config.json", "model.safetensors", "scores.npy"])
    #expect(try text(folder.path("model.safetensors")) == "old")
  }

  @Test("A file in the place of the directory, or of its parent, is refused")
  func fileInTheWay() throws {
    let folder = try TemporaryDirectory()
    try put("text", folder.path("file"))
    for path in [folder.path("file"), folder.path("file/run")] {
      let error = #expect(throws: ReportError.self) { try RunDirectory(path, use: .replace) }
      #expect(error?.kind == .output && error?.path == path, "\(String(describing: error))")
      let reason = path.hasSuffix("run") ? "cannot be created: Not a directory" : "is a file"
      #expect(error?.message.hasPrefix(reason) == true, "\(String(describing: error))")
    }
    #expect(try text(folder.path("file")) == "text")
  }

  @Test("A place without permission to write is refused", .enabled(if: geteuid() != 0))
  func readOnly() throws {
    let folder = try TemporaryDirectory()
    chmod(folder.url.path, 0o555)
    defer { chmod(folder.url.path, 0o755) }
    for path in [folder.url.path, folder.path("run")] {
      let error = #expect(throws: ReportError.self) { try RunDirectory(path, use: .replace) }
      #expect(error?.kind == .output && error?.message.contains("Permission denied") == true)
    }
  }

  @Test(
    "A place where nobody can make files is refused",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func proc() {
    for path in ["/proc/self", "/proc/run"] {
      let error = #expect(throws: ReportError.self) { try RunDirectory(path, use: .replace) }
      #expect(error?.kind == .output && error?.path == path, "\(String(describing: error))")
    }
  }

  @Test("config.json is indented, sorted, and keeps numbers as they were given")
  func config() throws {
    let folder = try TemporaryDirectory()
    let run = try RunDirectory(folder.path("run"), use: .refuse)
    struct Options: Encodable { let rate = 0.1, large = Int.max }
    struct Config: Encodable { let z = "a/b \"c\"", options = Options() }
    try run.begin(config: Config())
    let written = try text(run.file("config.json"))
    #expect(written.hasPrefix("{\n  \"options\"") && written.hasSuffix("}\n"))
    #expect(written.contains("\"rate\" : 0.1\n") && written.contains("\"large\" : 9223372036854775807"))
    #expect(written.contains("\"z\" : \"a/b \\\"c\\\"\""))
  }

  @Test("Each line of metrics.jsonl is in the file as soon as it was added")
  func metrics() throws {
    let folder = try TemporaryDirectory()
    let run = try RunDirectory(folder.path("run"), use: .refuse)
    for epoch in 1...2 {
      try run.metrics.append(["epoch": epoch])
      let lines = (1...epoch).map { "{\"epoch\":\($0)}\n" }
      #expect(try text(run.file("metrics.jsonl")) == lines.joined())
    }
  }

  @Test("Metrics that cannot be written name the file and the reason")
  func failingMetrics() throws {
    let folder = try TemporaryDirectory()
    let run = try RunDirectory(folder.path("run"), use: .refuse)
    // A device that is always full.
    symlink("/dev/full", run.file("metrics.jsonl"))
    let error = #expect(throws: ReportError.self) { try run.metrics.append(["epoch": 1]) }
    #expect(error?.kind == .writing && error?.path == run.file("metrics.jsonl"))
    #expect(
      error?.message
        == "cannot be written: No space left on device; free some space or choose another --output")
  }

  @Test("assignments.csv quotes what RFC 4180 quotes, and scores read back to the same float")
  func assignments() throws {
    let folder = try TemporaryDirectory()
    let run = try RunDirectory(folder.path("run"), use: .refuse)
    let sources = ["plain.png", "a,b", "say \"hi\"", "two\r\nlines", ",\u{301}", ""]
    let scores: [Float] = [1, 0.1, 1 / 3, 1.2e-38, 0.99999994, .leastNonzeroMagnitude]
    try run.writeAssignments([0, 1, 2, 3, 4, 5], scores: scores, labels: nil) { sources[$0] }
    var expected = "index,source,cluster,score\n"
    let quoted = ["plain.png", "\"a,b\"", "\"say \"\"hi\"\"\"", "\"two\r\nlines\"", "\",\u{301}\"", ""]
    for image in sources.indices { expected += "\(image),\(quoted[image]),\(image),\(scores[image])\n" }
    #expect(try Array(text(run.file("assignments.csv")).utf8) == Array(expected.utf8))
    for score in scores { #expect(Float("\(score)") == score) }

    try run.writeAssignments([3], scores: [0.5], labels: { _ in "7" }) { _ in "x#0" }
    #expect(try text(run.file("assignments.csv")) == "index,source,cluster,score,label\n0,x#0,3,0.5,7\n")
    try run.writeAssignments([], scores: [], labels: { _ in "" }) { _ in "" }
    #expect(try text(run.file("assignments.csv")) == "index,source,cluster,score,label\n")
    #expect(try listing(run.path) == ["assignments.csv"])
  }

  @Test("A run asks for the space of the checkpoints that are not there yet")
  func space() throws {
    let folder = try TemporaryDirectory()
    // 64 KiB each, and results of 16 KiB.
    let (one, results) = (64 << 10, 16 << 10)
    func need(_ use: RunDirectory.Use, _ bytes: Int, _ comment: String) throws {
      let run = try RunDirectory(folder.url.path, use: use)
      try run.requireSpace(checkpointBytes: one, resultBytes: results, free: bytes)
      let error = #expect(throws: ReportError.self, "\(comment)") {
        try run.requireSpace(checkpointBytes: one, resultBytes: results, free: bytes - 1)
      }
      #expect(error?.kind == .output && error?.message.contains("of free space") == true)
    }
    func make(_ name: String, _ bytes: Int) throws {
      let directory = folder.path("checkpoints/\(name)")
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try Data(repeating: 1, count: bytes).write(to: URL(fileURLWithPath: "\(directory)/state.safetensors"))
      let descriptor = open("\(directory)/state.safetensors", O_RDONLY)
      // Only now does it take blocks on every file system.
      fsync(descriptor)
      close(descriptor)
    }
    try need(.refuse, 3 * one + results, "nothing is there")
    try make("generation-000007", one)
    try need(.resume, 2 * one + results, "one is there")
    try make("generation-000008", one)
    try need(.resume, one + results, "two are there")
    try make("generation-000009.tmp", one / 2)
    try need(.resume, one / 2 + results, "half of the third is there")
    try need(.replace, one / 2 + results, "all of them go first")
    try make("generation-000009", one)
    try need(.resume, one + results, "of three, two of them damaged, none goes before the fourth is written")
    try need(.replace, results, "three go first")
  }

  @Test("A file that is not finished leaves the old one and nothing else")
  func unfinished() throws {
    let folder = try TemporaryDirectory()
    try put("old", folder.path("file"))
    do {
      var file = try AtomicFile(folder.path("file"))
      try file.write(String(repeating: "x", count: 3 << 20))
      #expect(try text(folder.path("file")) == "old")
    }
    #expect(try listing(folder.url.path) == ["file"])
    #expect(try text(folder.path("file")) == "old")
    var file = try AtomicFile(folder.path("file"))
    try file.write("new")
    try file.finish()
    #expect(try listing(folder.url.path) == ["file"])
    #expect(try text(folder.path("file")) == "new")
  }

  @Test("A file that cannot get its name or place is an error and leaves nothing")
  func failingFile() throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: folder.path("taken/x"), withIntermediateDirectories: true)
    let renamed = #expect(throws: ReportError.self) {
      var file = try AtomicFile(folder.path("taken"))
      try file.write("x")
      try file.finish()
    }
    #expect(renamed?.kind == .writing && renamed?.message == "cannot be written: Is a directory")
    let placed = #expect(throws: ReportError.self) { _ = try AtomicFile(folder.path("none/file")) }
    #expect(placed?.message == "cannot be written: No such file or directory")
    #expect(try listing(folder.url.path) == ["taken"])
  }

  private func put(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func listing(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { $0 != ".lock" }.sorted()
  }
}
