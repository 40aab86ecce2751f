import Foundation
import Support
import Testing

@Suite(.serialized) struct BenchmarkTests {
  @Test("every subcommand prints a table, here on one rank", arguments: smallRuns)
  func tables(_ run: [String]) throws {
    let result = try bench(run + ["--repeat", "1"], ranks: 1)
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("dbc-bench \(run[0])") == true, "\(result)")
    #expect(lines[0].contains("1 rank,") && lines.count >= 4 && lines[2].hasPrefix("──"), "\(result)")
  }

  @Test("and with --format json one object per line, with what it ran on, on two", arguments: smallRuns)
  func json(_ run: [String]) throws {
    let result = try bench(run + ["--repeat", "2", "--format", "json"], ranks: 2)
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    let objects = try lines(result)
    #expect(!objects.isEmpty)
    for object in objects {
      #expect(object["benchmark"] as? String == run[0])
      #expect(object["ranks"] as? Int == 2)
      for key in ["host", "cpu", "vectors", "blas", "version"] {
        #expect((object[key] as? String)?.isEmpty == false, "\(key)")
      }
      for key in object.keys where key.hasSuffix("_min") {
        let name = String(key.dropLast(4))
        let spread = try [key, name, name + "_max"].map { try object.number($0) }
        #expect(spread == spread.sorted() && spread[0] >= 0, "\(name) \(spread)")
      }
    }
  }

  @Test("a step's phases fill its time; its rate is counted from the layer shapes")
  func stepTimes() throws {
    let result = try bench(
      ["step", "--architecture", "mnist", "--steps", "4", "--repeat", "2", "--format", "json"], ranks: 2)
    let objects = try lines(result)
    #expect(objects.map { $0["stage"] as? String } == ["fcae", "dbc"])
    // Per image: 5×5·6 on 24², 5×5·6·16 on 8², 4×4·16·120.
    let layers = [86400.0, 153600, 30720]
    let encoder = 3 * layers.reduce(0, +) - layers[0]
    for (object, flops) in zip(objects, [2 * (encoder + 3 * layers.reduce(0, +)), 2 * encoder]) {
      let rate = try object.number("images_per_s")
      let billions = try object.number("gflop_per_s")
      #expect(abs(billions / (flops * rate * 1e-9) - 1) < 1e-9)
      let phases = [
        "data", "forward", "norm_exchange", "backward", "waiting", "gradient_exchange", "optimizer", "other",
      ]
      let sum = try phases.reduce(0) { $0 + (try object.number("\($1)_ms")) }
      let step = 256 / rate * 1e3
      #expect(sum > 0.8 * step && sum < 1.5 * step, "\(sum) of \(step) ms")
    }
  }

  @Test("the map of a NumPy file's rows: their places, the same on any number of ranks, and seconds")
  func map() throws {
    let folder = try TemporaryDirectory()
    let values = (0..<(90 * 3)).map { (place: Int) -> Float in Float(place * 37 % 101 + place / 90 * 200) }
    try writeNPY(
      folder.path("rows.npy"), "{'descr': '<f4', 'fortran_order': False, 'shape': (90, 3), }", values)
    func places(_ ranks: Int, _ sample: Int) throws -> Data {
      let file = folder.path("places.npy")
      let result = try bench(
        ["map", folder.path("rows.npy"), file, "--sample", "\(sample)", "--repeat", "1", "--format", "json"],
        ranks: ranks)
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
      let object = try #require(try lines(result).first)
      #expect(object["benchmark"] as? String == "map" && object["rows"] as? Int == 90)
      #expect(object["mapped"] as? Int ?? 0 <= max(sample, 90))
      return try Data(contentsOf: URL(fileURLWithPath: file))
    }
    for sample in [1000, 48] {
      let one = try places(1, sample)
      #expect(one.count == 128 + 4 * 2 * 90)
      #expect(try places(2, sample) == one)
    }
    let missing = try bench(["map", folder.path("none.npy"), folder.path("x.npy")], ranks: 1)
    #expect(missing.exitCode == 66 && missing.errors.contains("none.npy"), "\(missing)")
  }

  @Test("k-means takes features from a NumPy file, and says what is wrong with one")
  func featureFile() throws {
    let folder = try TemporaryDirectory()
    func write(_ name: String, _ header: String, _ values: [Float]) throws {
      try writeNPY(folder.path(name), header, values)
    }
    // Three points, each many times: the distances to the centres are zero.
    let values = (0..<60).flatMap { [Float($0 % 3), Float($0 % 3) * 2] }
    try write("good.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (60, 2), }", values)
    try write("short.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (61, 2), }", values)
    try write("double.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (30, 2), }", values)
    try Data("no array".utf8).write(to: URL(fileURLWithPath: folder.path("text.npy")))
    func run(_ name: String) throws -> ProcessResult {
      let options = ["--clusters", "3", "--repeat", "1", "--format", "json"]
      return try bench(["kmeans", "--file", folder.path(name)] + options, ranks: 2)
    }
    let good = try lines(try run("good.npy"))
    #expect(good.count == 1 && good[0]["rows"] as? Int == 60 && good[0]["features"] as? Int == 2)
    #expect(try good[0].number("inertia") == 0)
    for (name, part, code) in [
      ("short.npy", "is too short for 61 × 2 numbers", 65), ("double.npy", "expected float32", 65),
      ("text.npy", "is not a NumPy file", 65), ("missing.npy", "No such file or directory", 66),
    ] {
      let result = try run(name)
      #expect(result.exitCode == Int32(code) && result.errors.contains(part), "\(result)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    }
  }

  @Test(
    "wrong options end with 64 and one message, on every rank count",
    arguments: [
      (["step", "--steps", "0"], "--steps must be at least 1, found 0"),
      (["step", "--batch-size", "40"], "--batch-size must be a multiple of 16"),
      (["step", "--batch-size", "16"], "--batch-size must be at least 32, found 16"),
      (["kernels", "--repeat", "0"], "--repeat must be at least 1, found 0"),
      (["encode", "--images", "3"], "--images must be at least 32, found 3"),
      (["kmeans", "--clusters", "0"], "--clusters must be at least 1, found 0"),
      (["kmeans", "--images", "5"], "5 rows are too few for 10 clusters on 2 ranks"),
      (["chain", "--images", "2000000"], "--images must be at most 1048576, found 2000000"),
      (["collectives", "--largest", "2"], "--largest must be at least 4, found 2"),
    ])
  func wrongOptions(_ run: [String], _ message: String) throws {
    let result = try bench(run, ranks: 2)
    #expect(result.exitCode == 64 && result.output.isEmpty, "\(result)")
    #expect(result.errors.hasPrefix("dbc-bench: error: \(message)"), "\(result)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
  }

  @Test("unknown options and subcommands end with 64 and say so once")
  func unknownOptions() throws {
    for run in [["step", "--speed", "9"], ["step", "--architecture", "vgg"], ["stride"]] {
      let result = try bench(run, ranks: 2)
      #expect(result.exitCode == 64 && result.output.isEmpty, "\(result)")
      #expect(result.errors.components(separatedBy: "Error: ").count == 2, "\(result)")
    }
  }
}
