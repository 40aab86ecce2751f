import Dataset
import FCAE
import Foundation
import Report
import Testing
import Training

import Page

/// A network with drawn weights.
final class MadeNetwork {
  private let network: AutoEncoder

  init(_ shape: ImageShape, _ activation: FeatureActivation = .relu) throws {
    let architecture = try Architecture.named(
      "auto", channels: shape.channels, rows: shape.height, columns: shape.width)
    var network = AutoEncoder(architecture, activation: activation, capacity: 1)
    network.initialize(seed: 1)
    self.network = network
  }

  /// For the page; valid as long as this is there.
  var access: ReportInput.Network { { body in body(self.network) } }
}

@Suite struct NetworkTests {
  @Test(
    "Grey and colour filters are tiles, those for many maps a table; zero is a middle grey, and few weights decide nothing"
  )
  func filters() {
    let grey = FilterPicture(name: "encoder.conv1", shape: [2, 1, 1, 2], weights: [0, 1, -2, 2])
    #expect(grey.raster.width == 5 && grey.raster.height == 1 && grey.shown == 2)
    #expect(
      grey.raster.samples == [
        128, 128, 128, 255, 156, 156, 156, 255, 0, 0, 0, 0, 72, 72, 72, 255, 184, 184, 184, 255,
      ])
    let colour = FilterPicture(name: "encoder.conv1", shape: [1, 3, 1, 1], weights: [0, 4, -4])
    #expect(colour.raster.samples == [128, 180, 76, 255])
    let outlier = FilterPicture(
      name: "encoder.conv1", shape: [1, 1, 1, 11], weights: [-99] + [Float](repeating: 1, count: 10))
    #expect(outlier.raster.samples[0] == 1 && outlier.raster.samples[4] == 129)
    let table = FilterPicture(
      name: "encoder.conv2", shape: [20, 18, 2, 2], weights: [Float](repeating: 0, count: 20 * 18 * 4))
    #expect(table.shown == 16 && table.shownChannels == 16 && table.raster.width == 47)
    #expect(table.raster.height == 47 && table.raster.samples[0] == 128)
    let many = FilterPicture(
      name: "encoder.feature", shape: [100, 1, 6, 5], weights: [Float](repeating: 1, count: 3000))
    #expect(many.shown == 64 && many.raster.width == 47 && many.raster.height == 55)
  }

  @Test("Maps are scaled by the largest value of all maps of a layer, and shrunk by means of blocks")
  func maps() {
    let maps = LayerPictures("encoder.conv1", maps: 2, rows: 1, columns: 2, [0, 1, 2, 4])
    #expect(maps.pictures == [[0, 128], [180, 255]] && maps.summary == "2 maps of 2×1" && maps.zoom == 24)
    let negative = LayerPictures("encoder.conv1", maps: 1, rows: 1, columns: 3, [-1, 0, 1])
    #expect(negative.pictures == [[0, 180, 255]])
    let nothing = LayerPictures("encoder.conv1", maps: 1, rows: 1, columns: 1, [0])
    #expect(nothing.pictures == [[0]])
    let large = LayerPictures(
      "encoder.conv1", maps: 17, rows: 60, columns: 41, (0..<(17 * 60 * 41)).map { Float($0 / 41 % 2) })
    #expect(large.pictures.count == 16 && large.columns == 21 && large.rows == 30)
    #expect(large.pictures[15].allSatisfy { $0 == 180 } && large.summary == "16 of 17 maps of 41×60")
    let features = LayerPictures("encoder.feature", features: [Float](repeating: 1, count: 120))
    #expect(features.columns == 40 && features.rows == 3 && features.zoom == 6)
    let few = LayerPictures("encoder.feature", features: [1, 2])
    #expect(few.columns == 2 && few.rows == 1 && few.pictures == [[180, 255]])
    let prime = LayerPictures("encoder.feature", features: [Float](repeating: 1, count: 41))
    #expect(prime.columns == 40 && prime.rows == 2 && prime.pictures[0].suffix(39).allSatisfy { $0 == 0 })
  }

  @Test("Pictures of a sheet do not cover each other")
  func sheet() {
    var sheet = MapSheet()
    let sizes = [(40, 3, 13), (7, 5, 1), (1, 1, 4), (480, 2, 2)]
    var pictures: [(x: Int, y: Int, columns: Int, rows: Int, value: UInt8)] = []
    for (number, (columns, rows, count)) in sizes.enumerated() {
      let own = (0..<count).map { _ in [UInt8](repeating: UInt8(number + 1), count: columns * rows) }
      for place in sheet.add(own, columns: columns, rows: rows) {
        pictures.append((place.x, place.y, columns, rows, UInt8(number + 1)))
      }
    }
    let raster = sheet.raster
    #expect(raster.samples.count == raster.width * raster.height)
    for picture in pictures {
      for y in picture.y..<(picture.y + picture.rows) {
        for x in picture.x..<(picture.x + picture.columns) {
          #expect(raster.samples[y * raster.width + x] == picture.value)
        }
      }
    }
    #expect(raster.samples.count { $0 > 0 } == sizes.reduce(0) { $0 + $1.0 * $1.1 * $1.2 })
  }

  /// The page of a run with a network.
  private func page(
    _ shape: ImageShape, networkOf other: ImageShape? = nil, withPictures: Bool = true, clusters: Int = 6,
    empty: Int = 1, _ change: (inout ReportInput) -> Void = { _ in }
  ) throws -> String {
    let run = MadeRun(images: 40, clusters: clusters, empty: empty)
    let network = try MadeNetwork(other ?? shape)
    return withExtendedLifetime((run, network)) {
      var input = run.input()
      if withPictures { input.pictures = MadeRun.noise(shape) }
      input.network = network.access
      change(&input)
      return ReportPage(input).html
    }
  }

  private func sections(_ html: String) -> [String] {
    MarkupCheck(html).elements.filter { $0.name == "section" }.compactMap { $0.attributes["id"] }
  }

  @Test(
    "A page with a network has filters, and with pictures the layers of some; every part of a sheet that it shows is there",
    arguments: [
      ImageShape(channels: 1, height: 28, width: 28), ImageShape(channels: 3, height: 40, width: 70),
      ImageShape(channels: 2, height: 16, width: 16), ImageShape(channels: 1, height: 5, width: 4),
    ])
  func parts(shape: ImageShape) throws {
    let html = try page(shape)
    let check = MarkupCheck(html)
    #expect(check.isWellFormed, "\(check.problem)")
    #expect(sections(html).suffix(3) == ["histogram", "filters", "layers"])
    // Of a deep network fewer images are shown.
    #expect(check.texts.contains(shape.width == 70 ? "clusters 0 and 1, and" : "clusters 0, 1, 2 and 3, and"))
    let filters = check.elements.filter { $0.attributes["class"] == "filters" }
    #expect(filters.count == (max(shape.height, shape.width) > 6 ? 4 : 2))
    #expect(filters.allSatisfy { $0.attributes["src"]?.hasPrefix("data:image/png;base64,") == true })
    // Where a sheet ends, and where what is shown of it does.
    var found = 0
    var sizes: [Substring: [Int]] = [:]
    for element in check.elements where element.attributes["class"]?.hasPrefix("t a a") == true {
      let name = element.attributes["class"]!.split(separator: " ").last!
      if sizes[name] == nil {
        let rule = try #require(html.range(of: "\n.\(name){")).upperBound
        sizes[name] = html[rule...].prefix { $0 != "}" }.split { !$0.isNumber }.compactMap { Int($0) }
      }
      let numbers = sizes[name] ?? []
      let place = element.attributes["style"]!.split { !$0.isNumber }.compactMap { Int($0) }
      #expect(place[0] + numbers[0] <= numbers[2] && place[1] + numbers[1] <= numbers[3])
      found += 1
    }
    #expect(found >= 4)
    #expect(sections(try page(shape, withPictures: false)).suffix(2) == ["histogram", "filters"])
    #expect(try page(shape, clusters: 1, empty: 0).contains("typical image of cluster 0, and"))
  }

  @Test("A cluster's name stands over what the layers make of its image")
  func names() throws {
    let html = try page(ImageShape(channels: 1, height: 8, width: 8)) {
      $0.names = ClusterNames(["<cats>", nil, nil, nil, nil, nil])
    }
    let layers = html[try #require(html.range(of: "id=\"layers\"")).upperBound...]
    #expect(layers.contains("<h3><a href=\"#cluster-0\"><bdi>&lt;cats&gt;</bdi> (cluster 0)</a></h3>"))
    #expect(layers.contains("<h3><a href=\"#cluster-1\">Cluster 1</a></h3>"))
  }

  @Test("A network for images of another size has no layers to show")
  func otherSize() throws {
    let html = try page(
      ImageShape(channels: 1, height: 28, width: 28),
      networkOf: ImageShape(channels: 1, height: 20, width: 20))
    #expect(sections(html).last == "filters")
  }

  @Test("It is said that the decoder has not followed the features, where that is so")
  func reconstruction() throws {
    let shape = ImageShape(channels: 1, height: 8, width: 8)
    func says(_ weight: Double, epoch: Int, stage: Stage = .chain) throws -> Bool {
      try page(shape) { input in
        input.config.options = ["reconstruction_weight": .number(weight)]
        input.records = [
          .epoch(
            EpochRecord(
              stage: stage, epoch: epoch, origin: nil, loss: 1, learningRate: 0.1, imagesPerSecond: 1,
              seconds: 1,
              phases: [], chain: nil, metrics: nil))
        ]
      }.contains("trained in stage I only")
    }
    #expect(try says(0, epoch: 1) && says(0, epoch: 1, stage: .refinement))
    #expect(try !says(0, epoch: 0) && !says(0.1, epoch: 1) && !says(0, epoch: 1, stage: .pretraining))
  }

  @Test("The sheet of all layers stays below 600 kB, whatever the images are")
  func size() throws {
    let html = try page(ImageShape(channels: 3, height: 256, width: 256))
    let start = try #require(html.range(of: "\n.a{background-image:url(")).upperBound
    let uri = html[start...].prefix { $0 != ")" }
    #expect(uri.utf8.count > 10_000 && uri.utf8.count < 600_000, "\(uri.utf8.count)")
  }
}
