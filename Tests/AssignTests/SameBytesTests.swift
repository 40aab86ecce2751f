import Basics
import Foundation
import Support
import Testing

/// A run's own images have the results that the run has, to the last byte.
@Suite struct SameBytesTests {
  private static func expectSame(_ run: borrowing AssignedRun, _ output: String) throws {
    for file in AssignedRun.results {
      #expect(try run.bytes("run/\(file)") == run.bytes("\(output)/\(file)"), "\(output)/\(file)")
    }
  }

  @Test("built-in images, by the run's directory, on one to three ranks")
  func glyphs() throws {
    let run = try AssignedRun()
    for ranks in 1...3 {
      let output = run.directory.path("out\(ranks)")
      let result = try run.assign(ranks: ranks, [run.run, "--output", output])
      #expect(result.exitCode == 0 && result.output.isEmpty && result.errors.isEmpty, "\(result)")
      try Self.expectSame(run, "out\(ranks)")
      #expect(try run.bytes("out1/details.csv") == run.bytes("out\(ranks)/details.csv"))
    }
    let rows = try AssignedRun.rows(run.bytes("out1/details.csv"))
    #expect(rows.count == 203)
    for row in rows {
      let numbers = row[2...].map { Float($0) ?? .nan }
      let (score, second, margin, quantile) = (numbers[1], numbers[3], numbers[4], numbers[5])
      #expect(score >= second && second >= 0 && margin == score - second && row[2] != row[4], "\(row)")
      #expect((0..<1).contains(quantile), "no image of the training is farther than all of these: \(row)")
    }
    let table = try run.assign([run.run])
    #expect(try table.exitCode == 0 && Array(table.output.utf8) == run.bytes("out1/details.csv"), "\(table)")
  }

  @Test("a folder of PNG files with names of any bytes, by the model file, on one to three ranks")
  func folder() throws {
    let hostile = [
      "2\n\r\"quoted\", .png", "1\u{efff}.png", "sub\u{efe9}/\u{ef80}.png", "-q;$(x) '.png", "e\u{301}.png",
    ]
    let run = try AssignedRun(pictures: hostile + AssignedRun.names(40), ["--labels", "none"])
    defer { #expect(Files.removeTree(run.directory.url.path) == 0) }
    let arguments = [
      "\(run.run)/model.safetensors", "--images", run.directory.path("images"), "--labels", "none",
    ]
    for ranks in 1...3 {
      let result = try run.assign(
        ranks: ranks,
        arguments + [
          "--output", run.directory.path("out\(ranks)"), "--sort", run.directory.path("sorted\(ranks)"),
        ])
      #expect(result.exitCode == 0, "\(result)")
      try Self.expectSame(run, "out\(ranks)")
    }
    for row in try AssignedRun.rows(run.bytes("out1/details.csv")) {
      let sorted = run.directory.path("sorted1/0\(row[2])/\(FileName.last(row[1]))")
      #expect(
        Files.status(sorted)?.identity == Files.status(run.directory.path("images/\(row[1])"))?.identity,
        "\(sorted)")
    }
    let lines = try run.assign(arguments + ["--format", "jsonl"])
    let sources = try lines.output.split(separator: "\n").map {
      (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["source"] as? String ?? ""
    }
    #expect(Set(sources.map(ExactText.init)).isSuperset(of: hostile.map(ExactText.init)), "\(sources)")
    #expect(sources.count == 45)
  }

  @Test("images of many blocks, which the ranks divide by their speed, are in order on one to three ranks")
  func blocks() throws {
    let run = try AssignedRun(pictures: AssignedRun.names(45))
    let count = 5003
    let bytes = (0..<(count * 64)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
    try AssignedRun.put(npy([count, 8, 8], bytes), run.directory.path("many.npy"))
    for ranks in 1...3 {
      let result = try run.assign(
        ranks: ranks,
        [
          run.run, "--images", run.directory.path("many.npy"), "--output", run.directory.path("out\(ranks)"),
        ])
      #expect(result.exitCode == 0, "\(result)")
      for file in AssignedRun.results + ["details.csv"] {
        #expect(try run.bytes("out1/\(file)") == run.bytes("out\(ranks)/\(file)"), "\(file), \(ranks) ranks")
      }
    }
    let rows = try AssignedRun.rows(run.bytes("out1/details.csv"))
    #expect(rows.map { $0[1] } == (0..<count).map { "many.npy#\($0)" })
    // One of them alone has the same numbers as among the others.
    for image in [0, 1024, 3071, 5002] {
      try AssignedRun.put(
        npy([1, 8, 8], Array(bytes[(64 * image)..<(64 * image + 64)])), run.directory.path("one.npy"))
      let one = try run.assign([run.run, "--images", run.directory.path("one.npy")])
      let row = try #require(try AssignedRun.rows(Array(one.output.utf8)).first)
      #expect(row[2...] == rows[image][2...], "\(image)")
    }
  }
}
