import Foundation
import Support
import Testing

@Suite struct ReportProgramTests {
  private static let training = [
    "--recipe", "paper", "--clusters", "3", "--batch-size", "64", "--pretrain-epochs", "1", "--chain-epochs",
    "1",
    "--kmeans-restarts", "1", "--quiet",
  ]

  /// Runs dbc-train with few images and epochs into the folder `run`.
  func train(
    _ folder: borrowing TemporaryDirectory, _ arguments: [String], ranks: Int = 1
  ) throws {
    let result = try ProcessRunner.mpirun(
      ranks: ranks, program: "dbc-train",
      arguments: Self.training + arguments + ["--output", folder.path("run")],
      directory: folder.url)
    #expect(result.exitCode == 0, "\(result.errors)")
  }

  func report(_ folder: borrowing TemporaryDirectory, _ arguments: [String] = []) throws
    -> ProcessResult
  {
    try ProcessRunner.run(
      try ProcessRunner.built("dbc-report"), [folder.path("run")] + arguments, directory: folder.url,
      timeLimitSeconds: 60)
  }

  func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  /// Writes PGM files of 16×16 pixels into the folder `pictures`.
  func makePictures(_ folder: borrowing TemporaryDirectory, count: Int) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("pictures"), withIntermediateDirectories: true)
    for image in 0..<count {
      let samples = (0..<256).map { UInt8(($0 * (image % 3 + 1) * 7 + image) % 256) }
      try Data(Array("P5 16 16 255\n".utf8) + samples).write(
        to: URL(fileURLWithPath: folder.path("pictures/c\(image % 3)-\(image).pgm")))
    }
  }

  @Test("A run of glyphs gets a page with pictures, its tables and its map, and again the same bytes")
  func glyphs() throws {
    let folder = try TemporaryDirectory()
    try train(folder, ["--built-in-images", "203"])
    let result = try report(folder)
    #expect(result.exitCode == 0 && result.errors == "", "\(result.errors)")
    #expect(result.output.contains("report.html"))
    let page = try text(folder.path("run/report.html"))
    let check = MarkupCheck(page)
    #expect(check.isWellFormed, "\(check.problem)")
    #expect(check.texts.contains("glyphs#") && page.contains("data:image/png;base64"))
    for id in ["run", "clusters", "map", "pairs", "classes", "odd", "curves", "filters", "layers", "time"] {
      #expect(page.contains("id=\"\(id)\""))
    }
    #expect(
      try text(folder.path("run/doubtful.csv")).hasPrefix("index,source,cluster,score,second,second_score\n"))
    #expect(try text(folder.path("run/outliers.csv")).split(separator: "\n").count == 204)
    #expect(
      try text(folder.path("run/duplicates.csv")).hasPrefix("index,source,other,other_source,distance,copy\n")
    )
    let map = try Data(contentsOf: URL(fileURLWithPath: folder.path("run/map.npy")))
    #expect(map.count == 128 + 203 * 2 * 4)
    #expect(try report(folder).exitCode == 0)
    #expect(try text(folder.path("run/report.html")) == page)
  }

  @Test(
    "The page that a run makes at its end, on any number of ranks, is that of dbc-report", arguments: [1, 3])
  func ranks(ranks: Int) throws {
    let folder = try TemporaryDirectory()
    try train(folder, ["--built-in-images", "203"], ranks: ranks)
    let names = ["report.html", "map.npy", "doubtful.csv", "outliers.csv", "duplicates.csv"]
    let first = try names.map { try Data(contentsOf: URL(fileURLWithPath: folder.path("run/\($0)"))) }
    #expect(try report(folder).exitCode == 0)
    for (name, made) in zip(names, first) {
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("run/\(name)"))) == made, "\(name)")
    }
  }

  @Test("Where the model is damaged, or another run's, the page has no filters and says so")
  func otherModel() throws {
    let folder = try TemporaryDirectory()
    try train(folder, ["--built-in-images", "64"])
    let model = URL(fileURLWithPath: folder.path("run/model.safetensors"))
    let own = try Data(contentsOf: model)
    try own.dropLast(8).write(to: model)
    func expect(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let result = try report(folder)
      #expect(
        result.exitCode == 0 && result.errors.contains(words), "\(result)", sourceLocation: sourceLocation)
      let page = try text(folder.path("run/report.html"))
      #expect(
        page.contains("Filters and activations are not shown: ") && !page.contains("id=\"filters\"")
          && page.contains("id=\"map\""), sourceLocation: sourceLocation)
    }
    try expect("not a safetensors file that can be used")
    try FileManager.default.moveItem(atPath: folder.path("run"), toPath: folder.path("first"))
    try train(folder, ["--built-in-images", "80"])
    try own.write(to: model)
    try expect("is not the model of this run")
  }

  @Test(
    "Where the images are gone, or others, the page has no pictures and says so; labels can still be added")
  func gone() throws {
    let folder = try TemporaryDirectory()
    try makePictures(folder, count: 40)
    try train(folder, ["--images", "pictures", "--labels", "none"])
    #expect(try report(folder).errors == "")
    let page = try text(folder.path("run/report.html"))
    #expect(page.contains("data:image/png") && !page.contains("id=\"classes\""))
    #expect(
      try report(folder, ["--label-pattern", "c([0-9])-", "--output", folder.path("other.html")]).exitCode
        == 0)
    #expect(try text(folder.path("other.html")).contains("id=\"classes\""))
    #expect(try text(folder.path("run/report.html")) == page)

    // Names of before: the ends of those of now. The fingerprint says that they are the same images.
    let table = URL(fileURLWithPath: folder.path("run/assignments.csv"))
    let names = try String(contentsOf: table, encoding: .utf8)
    try names.replacing(",c0-", with: ",0-").write(to: table, atomically: true, encoding: .utf8)
    #expect(try report(folder, ["--output", folder.path("old.html")]).errors == "")
    try names.replacing(",c0-", with: ",d0-").write(to: table, atomically: true, encoding: .utf8)
    #expect(try report(folder, ["--output", folder.path("old.html")]).errors.contains("image 0 was"))
    try names.write(to: table, atomically: true, encoding: .utf8)

    // The page of the run has pictures, and keeps them.
    func expectKept(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let result = try report(folder, ["--label-pattern", "c([0-9])-"])
      #expect(
        result.exitCode == 73 && result.errors.contains(words) && result.errors.contains("stays as it is")
          && result.errors.split(separator: "\n").count == 1, "\(result)", sourceLocation: sourceLocation)
      #expect(try text(folder.path("run/report.html")) == page, sourceLocation: sourceLocation)
    }
    try makePictures(folder, count: 41)
    try expectKept("the run had 40 images, and now there are 41")
    try FileManager.default.removeItem(atPath: folder.path("pictures"))
    try expectKept("pictures")
    for _ in 1...2 {
      let without = try report(
        folder, ["--label-pattern", "c([0-9])-", "--output", folder.path("bare.html")])
      #expect(without.exitCode == 0 && without.errors.split(separator: "\n").count == 1, "\(without.errors)")
      let bare = try text(folder.path("bare.html"))
      #expect(
        bare.contains("There are no pictures: ") && bare.contains("id=\"classes\"")
          && bare.contains("c1-1.pgm"))
    }
  }

  @Test("No run, an unfinished one and damaged files are one line and an exit code; an older page stays")
  func errors() throws {
    let folder = try TemporaryDirectory()
    func expect(
      _ code: Int32, _ words: String, _ arguments: [String] = [],
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let result = try report(folder, arguments)
      #expect(
        result.exitCode == code && result.errors.contains(words), "\(result.errors)",
        sourceLocation: sourceLocation)
      #expect(
        result.errors.split(separator: "\n").count == 1, "\(result.errors)", sourceLocation: sourceLocation)
    }
    try expect(66, "expected the output directory of dbc-train")
    try FileManager.default.createDirectory(atPath: folder.path("run"), withIntermediateDirectories: true)
    try expect(66, "config.json is missing")
    try train(folder, ["--built-in-images", "64"])
    #expect(try report(folder).exitCode == 0)
    let page = try text(folder.path("run/report.html"))
    try expect(66, "nowhere.csv: cannot be read", ["--labels", folder.path("nowhere.csv")])
    try expect(73, "is a folder", ["--output", folder.path("run")])

    func damage(_ name: String, _ code: Int32, _ words: String, _ change: (inout Data) -> Void) throws {
      let url = URL(fileURLWithPath: folder.path("run/\(name)"))
      let whole = try Data(contentsOf: url)
      var data = whole
      change(&data)
      try data.write(to: url)
      try expect(code, words)
      try whole.write(to: url)
    }
    try damage("scores.npy", 65, "too short") { $0.removeLast(20) }
    try damage("scores.npy", 65, "row 0, column 0 is nan") {
      $0.replaceSubrange(128..<132, with: [0, 0, 0xc0, 0x7f])
    }
    try damage("embeddings.npy", 65, "is not a NumPy file") { $0[0] = 0 }
    try damage("config.json", 65, "is damaged") { $0.removeLast(30) }
    let names = URL(fileURLWithPath: folder.path("run/names.csv"))
    try Data("cluster,name\n0,cats\n".utf8).write(to: names)
    #expect(try report(folder, ["--output", folder.path("named.html")]).exitCode == 0)
    #expect(try text(folder.path("named.html")).contains("<bdi>cats</bdi> (cluster 0)"))
    try damage("names.csv", 65, "line 2: expected a cluster from 0 to 2") { $0[13] = UInt8(ascii: "7") }
    try FileManager.default.removeItem(at: names)
    try damage("assignments.csv", 65, "expected a cluster below 3") { data in
      let text = String(decoding: data, as: UTF8.self)
      data = Data(text.replacing("1,glyphs#1,", with: "1,glyphs#1,9", maxReplacements: 1).utf8)
    }
    try damage("assignments.csv", 65, "has 63 images") { data in
      data = Data(data.dropLast().split(separator: 10).dropLast().joined(separator: [10]))
    }
    try FileManager.default.removeItem(atPath: folder.path("run/model.safetensors"))
    try expect(66, "unfinished run (model.safetensors is missing)")
    #expect(try text(folder.path("run/report.html")) == page)
  }
}
