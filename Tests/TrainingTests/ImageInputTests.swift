import Foundation
import Support
import Testing

/// Images of every kind through the real program.
@Suite struct ImageInputTests {
  static let options = [
    "--recipe", "paper", "--clusters", "3", "--batch-size", "48", "--pretrain-epochs", "1", "--chain-epochs",
    "1",
    "--kmeans-restarts", "2",
  ]

  /// Everything that must be the same of two runs on the same pixels; sources may differ.
  private static func results(_ run: borrowing TrainRun) throws -> [Data] {
    try ["model.safetensors", "scores.npy", "embeddings.npy"].map { try run.data($0) }
  }

  @Test func theSamePixelsInAnyFormGiveTheSameBits() throws {
    let folder = try TemporaryDirectory()
    let images = DrawnImages(count: 40)
    try images.writePGM(folder.path("pgm"))
    try images.writeIDX(folder.path("images-idx3-ubyte"))
    try images.writeNPY(folder.path("images.npy"))
    try images.writeList(folder.path("list.csv"), folder: "pgm")
    let first = try TrainRun(["--images", folder.path("pgm")] + Self.options)
    #expect(first.result.exitCode == 0, "\(first.result)")
    let expected = try Self.results(first)
    for name in ["images-idx3-ubyte", "images.npy", "list.csv"] {
      let run = try TrainRun(["--images", folder.path(name)] + Self.options)
      #expect(run.result.exitCode == 0, "\(run.result)")
      #expect(try Self.results(run) == expected, "\(name)")
    }
    let pattern = try TrainRun(ranks: 1, ["--images", folder.path("pgm/*.pgm")] + Self.options)
    #expect(try Self.results(pattern) == expected)
  }

  @Test(arguments: [1, 2, 3]) func packedImagesAreTakenInsteadOfTheFiles(ranks: Int) throws {
    let folder = try TemporaryDirectory()
    let images = DrawnImages(count: 48)
    try images.writePGM(folder.path("pgm"))
    let arguments =
      ["--images", folder.path("pgm"), "--labels", "none", "--cache", folder.path("cache")] + Self.options
    let plain = try TrainRun(ranks: 1, ["--images", folder.path("pgm"), "--labels", "none"] + Self.options)
    let first = try TrainRun(ranks: ranks, arguments)
    #expect(first.result.exitCode == 0, "\(first.result)")
    #expect(try first.results() == plain.results())
    let packed = try FileManager.default.contentsOfDirectory(atPath: folder.path("cache"))
    #expect(packed.count == 1 && packed[0].hasSuffix(".packed"), "\(packed)")
    // Other pixels under the same name, length and time: only the packed file still has the old ones.
    try images.keepingTimes(folder.path("pgm")) { try DrawnImages(count: 48, seed: 9).writePGM($0) }
    let second = try TrainRun(ranks: ranks, arguments)
    #expect(try second.results() == plain.results())
    // Files with another time are read.
    try DrawnImages(count: 48, seed: 9).writePGM(folder.path("pgm"))
    let third = try TrainRun(ranks: ranks, arguments)
    #expect(try third.results() != plain.results())
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).count == 2)
  }

  @Test func aDamagedPackedFileIsNotTaken() throws {
    let folder = try TemporaryDirectory()
    try DrawnImages(count: 48).writePGM(folder.path("pgm"))
    let arguments = ["--images", folder.path("pgm"), "--cache", folder.path("cache")] + Self.options
    let first = try TrainRun(arguments)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path("cache")).first)
    let packed = folder.path("cache/\(name)")
    let whole = try Data(contentsOf: URL(fileURLWithPath: packed))
    for damaged in [whole.prefix(whole.count / 2), whole.dropLast(), Data(), whole + Data([0])] {
      try Data(damaged).write(to: URL(fileURLWithPath: packed))
      let run = try TrainRun(arguments)
      #expect(run.result.exitCode == 0, "\(run.result)")
      #expect(try run.results() == first.results())
      #expect(try Data(contentsOf: URL(fileURLWithPath: packed)).count == whole.count)
    }
  }

  @Test(arguments: [false, true]) func allBadFilesAreNamedAtOnceOrLeftOut(packs: Bool) throws {
    let folder = try TemporaryDirectory()
    let images = DrawnImages(count: 51)
    try images.writePGM(folder.path("pgm"))
    // One that is cut is found when it is decoded; the others by their headers.
    let cut = folder.path("pgm/007.pgm")
    try FileManager.default.removeItem(atPath: cut)
    try images.pgm(7).prefix(300).write(to: URL(fileURLWithPath: cut))
    try Data().write(to: URL(fileURLWithPath: folder.path("pgm/020.pgm")))
    try Data("<!DOCTYPE html>".utf8).write(to: URL(fileURLWithPath: folder.path("pgm/050.pgm")))
    let cache = packs ? ["--cache", folder.path("cache")] : []
    let arguments = ["--images", folder.path("pgm")] + cache + Self.options
    let refused = try TrainRun(ranks: 2, arguments)
    #expect(refused.result.exitCode == 65, "\(refused.result)")
    for name in ["007.pgm", "020.pgm", "050.pgm"] {
      #expect(refused.result.errors.contains(name), "\(refused.result)")
    }
    #expect(refused.result.errors.contains("--skip-unreadable"))
    #expect(!FileManager.default.fileExists(atPath: refused.directory.path("run/config.json")))

    let run = try TrainRun(ranks: 2, arguments + ["--skip-unreadable"])
    #expect(run.result.exitCode == 0, "\(run.result)")
    let lines = try run.text("assignments.csv").split(separator: "\n")
    #expect(lines.count == 49)
    let sources = lines.dropFirst().map { $0.split(separator: ",")[1] }
    #expect(!sources.contains { ["007.pgm", "020.pgm", "050.pgm"].contains($0) })
    let skipped = try run.text("skipped.csv")
    #expect(skipped.split(separator: "\n").count == 4, "\(skipped)")
    // The rest are the images that a folder without the bad ones has.
    for name in ["007.pgm", "020.pgm", "050.pgm"] {
      try FileManager.default.removeItem(atPath: folder.path("pgm/\(name)"))
    }
    let clean = try TrainRun(ranks: 1, ["--images", folder.path("pgm")] + Self.options)
    #expect(try clean.results() == run.results())
  }
}

/// Grey images of three kinds of stripes, with noise.
private struct DrawnImages {
  let count: Int
  let side = 20
  let pixels: [[UInt8]]

  init(count: Int, seed: UInt64 = 1) {
    self.count = count
    var random = SplitMix(state: seed)
    pixels = (0..<count).map { image in
      (0..<400).map { place in
        let wave = [place % 20 / 4, place / 80, (place % 20 + place / 20) / 4][image % 3] % 2
        return UInt8(40 + 150 * wave) + UInt8(truncatingIfNeeded: random.next() >> 58)
      }
    }
  }

  func pgm(_ image: Int) -> Data { Data("P5\n\(side) \(side)\n255\n".utf8) + Data(pixels[image]) }

  private func name(_ image: Int) -> String { String(format: "%03d.pgm", image) }

  func writePGM(_ folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for image in 0..<count {
      try pgm(image).write(to: URL(fileURLWithPath: "\(folder)/\(name(image))"))
    }
  }

  func writeIDX(_ path: String) throws {
    try Data(idxHeader([count, side, side]) + pixels.joined()).write(to: URL(fileURLWithPath: path))
  }

  func writeNPY(_ path: String) throws {
    var text = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(count), \(side), \(side)), }"
    text += String(repeating: " ", count: (64 - (text.count + 11) % 64) % 64) + "\n"
    let header: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 255), UInt8(text.count >> 8)]
    try Data(header + Array(text.utf8) + pixels.joined()).write(to: URL(fileURLWithPath: path))
  }

  func writeList(_ path: String, folder: String) throws {
    let lines = (0..<count).map { "\(folder)/\(name($0)),kind\($0 % 3)\r\n" }
    try Data(("path,label\r\n" + lines.joined()).utf8).write(to: URL(fileURLWithPath: path))
  }

  /// Runs `change` on a folder and gives its files their times back.
  func keepingTimes(_ folder: String, _ change: (String) throws -> Void) throws {
    var times: [String: stat] = [:]
    for image in 0..<count {
      var status = stat()
      #expect(stat("\(folder)/\(name(image))", &status) == 0)
      times[name(image)] = status
    }
    try change(folder)
    for (name, status) in times {
      let stamps = [status.st_atim, status.st_mtim]
      #expect(utimensat(AT_FDCWD, "\(folder)/\(name)", stamps, 0) == 0)
    }
  }
}
