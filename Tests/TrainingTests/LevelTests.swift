import Clustering
import Dataset
import Foundation
import Lanes
import Support
import Testing

/// What the defaults reach, on a small set of built-in images: twenty seconds each on two cores.
@Suite(.serialized) struct LevelTests {
  @Test(
    "the default recipe finds the glyphs' classes, where k-means of the pixels does not, and no cluster is empty; a quarter of the images is enough for the graph",
    arguments: [([], 0.9), (["--graph-images", "500"], 0.85)])
  func glyphs(_ options: [String], partition: Double) throws {
    let run = try TrainRun(
      ranks: 2, ["--built-in-images", "2000", "--pixel-kmeans"] + options, timeLimitSeconds: 240)
    #expect(run.result.exitCode == 0, "\(run.result)")
    let metrics = try run.metrics()
    func accuracy(_ stage: String) throws -> Double {
      try #require(metrics.last { $0["stage"] as? String == stage }?["acc"] as? Double, "no line of \(stage)")
    }
    let (pixels, clustered) = try (accuracy("pixel-kmeans"), accuracy("dbc"))
    #expect(try accuracy("graph") > partition)
    #expect(clustered > pixels + 0.3 && clustered > 0.9, "k-means of pixels \(pixels), DBC \(clustered)")
    for line in metrics where line["stage"] as? String == "dbc" {
      let sizes = try #require(line["cluster_sizes"] as? [Int])
      #expect(sizes.count == 10 && sizes.allSatisfy { $0 > 0 }, "\(sizes)")
    }
  }

  @Test(
    "clusters of very unequal sizes are found: ten kinds of 600 to 60 images, and three of which two are rare",
    arguments: [(UnevenImages.glyphs, 0.9), (UnevenImages.shapes, 0.95)])
  func uneven(_ images: UnevenImages, least: Double) throws {
    let folder = try TemporaryDirectory()
    try images.write(folder.path("x"), labels: folder.path("y"))
    let run = try TrainRun(
      ranks: 2,
      ["--images", folder.path("x"), "--labels", folder.path("y"), "--clusters", "\(images.sizes.count)"],
      timeLimitSeconds: 240)
    #expect(run.result.exitCode == 0, "\(run.result)")
    let last = try #require(run.metrics().last { $0["stage"] as? String == "dbc" })
    let accuracy = try #require(last["acc"] as? Double)
    #expect(accuracy >= least, "\(accuracy)")
    // The rarest kind is there.
    let smallest = try #require((last["cluster_sizes"] as? [Int])?.min())
    #expect(smallest <= 2 * images.sizes.min()!, "\(smallest)")
  }

  @Test(
    "a run whose partition is uneven comes to the same bits, interrupted in an epoch on R, on other ranks")
  func unevenResumed() throws {
    let folder = try TemporaryDirectory()
    try UnevenImages.shapes.write(folder.path("x"), labels: folder.path("y"))
    let options = [
      "--images", folder.path("x"), "--clusters", "3", "--pretrain-epochs", "4", "--refinement-epochs", "4",
      "--chain-epochs", "4", "--partition-epochs", "1",
    ]
    let whole = try TrainRun(options)
    #expect(whole.result.exitCode == 0, "\(whole.result)")
    let partition = try #require(whole.metrics().first { $0["stage"] as? String == "graph" })
    let sizes = try #require(partition["cluster_sizes"] as? [Int])
    #expect(PartitionChoice.isUneven(sizes), "\(sizes)")
    let output = ["--quiet", "--output", folder.path("run")]
    let stopped = try ProcessRunner.mpirun(
      ranks: 1, program: "dbc-train", arguments: options + output,
      environment: ["DBC_FAULT": "usr1:rank=0:at=step:stage=dbc:epoch=3:step=2"])
    #expect(stopped.exitCode == 75, "\(stopped)")
    let resumed = try TrainRun.launch(ranks: 2, ["--resume"] + output)
    #expect(resumed.exitCode == 0, "\(resumed)")
    for file in TrainRun.files {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: folder.path("run/\(file)"))) == whole.data(file), "\(file)")
    }
  }
}

/// Images of several kinds, some of which are rare.
enum UnevenImages {
  /// The built-in images; the sizes of their classes fall geometrically.
  case glyphs
  /// A disc, a cross or stripes somewhere near the middle, of some brightness, with noise.
  case shapes

  /// Images of every kind.
  var sizes: [Int] {
    switch self {
    case .glyphs: (0..<10).map { Int((600 * pow(10, -Double($0) / 9)).rounded()) }
    case .shapes: [250, 12, 12]
    }
  }

  /// Writes IDX files of the images, in random order, and of their kinds.
  func write(_ path: String, labels: String) throws {
    var left = sizes
    var (pixels, kinds, number) = ([UInt8](), [UInt8](), 0)
    var random = CounterRandom(seed: 17, purpose: .kmeans)
    while left.contains(where: { $0 > 0 }) {
      let kind: Int
      switch self {
      case .glyphs:
        let (image, label) = Glyphs.draw(seed: 5, image: number)
        kind = label
        if left[kind] > 0 { pixels += image }
      case .shapes:
        // Of those that are left, each as often.
        var place = Int(random.next() % UInt64(left.reduce(0, +)))
        kind = left.indices.first { index in
          place -= left[index]
          return place < 0
        }!
        pixels += Self.shape(kind, &random)
      }
      number += 1
      if left[kind] > 0 {
        left[kind] -= 1
        kinds.append(UInt8(kind))
      }
    }
    try Data(idxHeader([kinds.count, Glyphs.size, Glyphs.size]) + pixels)
      .write(to: URL(fileURLWithPath: path))
    try Data(idxHeader([kinds.count]) + kinds).write(to: URL(fileURLWithPath: labels))
  }

  private static func shape(_ kind: Int, _ random: inout CounterRandom) -> [UInt8] {
    let (row, column) = (random.uniform(in: 10...18), random.uniform(in: 10...18))
    let (radius, light) = (random.uniform(in: 5...8), random.uniform(in: 150...230))
    let phase = Int(random.next() % 8)
    return (0..<(Glyphs.size * Glyphs.size)).map { pixel in
      let (y, x) = (pixel / Glyphs.size, pixel % Glyphs.size)
      let (dy, dx) = (Double(y) - row, Double(x) - column)
      let isInside =
        [dy * dy + dx * dx < radius * radius, abs(dy) < 2 || abs(dx) < 2, (y + phase) / 4 % 2 == 1][kind]
      return UInt8(min(max((isInside ? light : 0) + 15 + 8 * random.normal(), 0), 255))
    }
  }
}
