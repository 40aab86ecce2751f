import Foundation
import Support
import Testing

@Suite(.enabled(if: (try? ProcessRunner.tool("python3")) != nil, "needs Python"))
struct ScalingTests {
  // launch/scaling itself would build first, which waits for the build folder that the tests hold.
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../launch/lib/scaling.py").standardizedFileURL.path

  @Test("launch/scaling prints a table and writes CSV, JSON and SVG")
  func files() throws {
    let folder = try TemporaryDirectory()
    let result = try run(
      ["--np", "1,2", "--repeat", "1", "--steps", "2", "--images", "64", "--output", folder.path("scaling")])
    #expect(result.exitCode == 0, "\(result)")
    #expect(result.output.contains("serial fraction"), "\(result)")
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: folder.path("scaling/scaling-strong.\(name)"), encoding: .utf8)
    }
    let lines = try text("csv").split(whereSeparator: \.isNewline)
    #expect(lines.count == 5 && lines[0].hasPrefix("what,ranks,hosts,global_batch,images_per_s_min"))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(text("json").utf8)) as? [String: Any])
    let rows = try #require(json["rows"] as? [[String: Any]])
    #expect(rows.map { $0["what"] as? String } == ["step", "step", "training", "training"])
    #expect(rows.map { $0["ranks"] as? Int } == [1, 2, 1, 2])
    for row in rows {
      let ranks = try row.number("ranks")
      let speedUp = try row.number("speed_up")
      #expect(try abs(row.number("efficiency") * ranks - speedUp) < 1e-9 && speedUp > 0)
      if ranks == 2 { #expect(try abs(row.number("serial_fraction") - (2 / speedUp - 1)) < 1e-9) }
    }
    let picture = try text("svg")
    #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
    #expect(picture.components(separatedBy: "<polyline").count == 3 && picture.contains("stroke-dasharray"))
  }

  @Test("wrong options are told in one line behind the usage")
  func options() throws {
    for (arguments, message) in [
      (["--np", "0,2"], "rank counts must be at least 1"),
      (["--np", "1,2", "--batch-size", "24"], "--batch-size must be a multiple of 16 and at least 32"),
    ] {
      let result = try run(arguments)
      #expect(result.exitCode == 2 && result.output.isEmpty, "\(result)")
      #expect(result.errors.split(separator: "\n").last?.contains(message) == true, "\(result)")
    }
  }

  private func run(_ arguments: [String]) throws -> ProcessResult {
    try ProcessRunner.run(try ProcessRunner.tool("python3"), [Self.script] + arguments)
  }
}
