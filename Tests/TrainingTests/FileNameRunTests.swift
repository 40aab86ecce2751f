import Basics
import Foundation
import Support
import Testing

/// Names of any bytes, through the whole program.
@Suite(.serialized) struct FileNameRunTests {
  private static let names = [
    "1\u{efff}.png", "1\u{effe}.png", "2\n\r\"quoted\", .png", "sub\u{efe9}/\u{ef80}.png", "e\u{301}.png",
    "\u{e9}.png",
  ]
  /// Runs dbc-train in `folder` with arguments of any bytes, which only a shell can give.
  private func run(_ arguments: [String], ranks: Int = 2, in folder: String) throws -> ProcessResult {
    let words =
      [try ProcessRunner.tool("mpirun"), "--quiet", "--oversubscribe", "-np", "\(ranks)"]
      + [try ProcessRunner.built("dbc-train")] + arguments
    let script = words.map { word in
      "\"$(printf '"
        + FileName.bytes(of: word).map { "\\" + String(Int($0) + 512, radix: 8).suffix(3) }.joined() + "_')\""
    }
    // What ends with line ends, a shell would cut off; hence the mark at the end.
    let text =
      "set --\nfor word in \(script.joined(separator: " ")); do set -- \"$@\" \"${word%_}\"; done\nexec \"$@\"\n"
    return try ProcessRunner.run(
      "/bin/sh", ["-c", text], directory: URL(fileURLWithPath: folder), timeLimitSeconds: 120)
  }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    try #require(Files.makeFolders(FileName.folder(path)) == 0)
    let descriptor = Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    #expect(bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    close(descriptor)
  }

  @Test("images, folders and the output directory may have any names; results hold the same bytes")
  func anyBytes() throws {
    let folder = try TemporaryDirectory()
    defer { #expect(Files.removeTree(folder.url.path) == 0) }
    let root = folder.url.path
    // Different pictures, as equal ones cannot be clustered.
    for number in 0..<40 {
      let name = number < Self.names.count ? Self.names[number] : "plain\(number).pgm.png"
      try put(PNGs.grey(8, seed: number), "\(root)/im\u{efff}\n/\(name)")
    }
    let output = "out \u{effe}\n\"/run"
    let options = [
      "--recipe", "paper", "--clusters", "2", "--batch-size", "32", "--pretrain-epochs", "1",
      "--chain-epochs", "1",
    ]
    let arguments = ["--images", "im\u{efff}\n", "--output", output] + options
    let result = try run(arguments, in: root)
    #expect(result.exitCode == 0, "\(result)")
    #expect(result.output.contains(#"out \xFE\n"/run/: assignments.csv"#), "\(result)")
    let bytes = try #require(Files.contents("\(root)/\(output)/assignments.csv"))
    var sources: Set<ExactText> = []
    try CSV.forEachRow(bytes, separator: UInt8(ascii: ",")) { _, fields in
      sources.insert(ExactText(fields[1]))
    }
    #expect(sources.count == 41 && sources.isSuperset(of: Self.names.map(ExactText.init)))
    let config = try #require(Files.contents("\(root)/\(output)/config.json"))
    let json = try JSONSerialization.jsonObject(with: Data(config)) as? [String: Any]
    #expect(((json?["options"] as? [String: Any])?["images"] as? [String])?.first == "im\u{efff}\n")

    let again = try run(arguments, ranks: 1, in: root)
    #expect(
      again.exitCode == 73 && again.errors.contains(#"out \xFE\n"/run: holds a run already"#), "\(again)")
    // Found as the same run, whose end is known, by its own name and by a checkpoint's.
    let generation = try #require(Files.names(in: "\(root)/\(output)/checkpoints")?.max())
    for point in [output, "\(output)/checkpoints/\(generation)"] {
      let resumed = try run(arguments + ["--resume", point], ranks: 1, in: root)
      #expect(
        resumed.exitCode == 0 && resumed.output.contains(#"the run in out \xFE\n"/run is finished"#),
        "\(resumed)")
    }
    let none = try run(["--images", "none\u{effd}", "--output", "x"], ranks: 1, in: root)
    #expect(none.exitCode == 66 && none.errors.contains(#"none\xFD: "#), "\(none)")
  }
}
