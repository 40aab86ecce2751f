import Clustering
import Dataset
import Foundation
import Report
import Support
import Testing
import Training
import dbc_train

import Page

@Suite struct PageTests {
  /// Whether nothing in the page leads outside of it.
  func expectAlone(_ html: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let check = MarkupCheck(html)
    #expect(check.isWellFormed, "\(check.problem)", sourceLocation: sourceLocation)
    let policy = check.elements.first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
    let directives =
      "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    #expect(policy?.attributes["content"]?.hasPrefix(directives) == true, sourceLocation: sourceLocation)
    for (name, attributes) in check.elements {
      for key in ["src", "href", "action", "data", "srcset", "poster"] {
        guard let value = attributes[key] else { continue }
        #expect(
          value.hasPrefix("#") || value.hasPrefix("data:"), "\(name) \(key)", sourceLocation: sourceLocation)
      }
      #expect(!["link", "iframe", "object", "embed", "base"].contains(name), sourceLocation: sourceLocation)
    }
    #expect(!html.contains("http://") && !html.contains("https://"), sourceLocation: sourceLocation)
    #expect(!html.contains("HTML(") && !html.contains("Optional("), sourceLocation: sourceLocation)
    #expect(!html.contains("@import"), sourceLocation: sourceLocation)
    let links = check.elements.compactMap { $0.attributes["href"] }.filter { $0.hasPrefix("#") }
    let places = Set(check.elements.compactMap { $0.attributes["id"] })
    #expect(links.allSatisfy { places.contains(String($0.dropFirst())) }, sourceLocation: sourceLocation)
    let values = check.elements.flatMap { $0.attributes.values }
    #expect(!values.contains { ["nan", "inf"].contains($0.lowercased()) }, sourceLocation: sourceLocation)
  }

  func labels(_ images: Int, _ classes: Int) -> ReportInput.Labels {
    .init(
      numbers: (0..<images).map { Int32($0 % classes) }, names: (0..<classes).map { "class \($0)" },
      origin: "\(classes) classes")
  }

  @Test(
    "Any number of images and clusters makes a page",
    arguments: [(1, 1, 0), (2, 1, 0), (3, 2, 1), (40, 3, 0), (50, 30, 10), (700, 300, 0), (1300, 1100, 0)])
  func sizes(images: Int, clusters: Int, empty: Int) {
    let run = MadeRun(images: images, clusters: clusters, empty: empty)
    var input = run.input()
    expectAlone(ReportPage(input).html)
    input.pictures = MadeRun.noise(ImageShape(channels: 1, height: 5, width: 7))
    expectAlone(ReportPage(input).html)
    input.labels = labels(images, min(images, 7))
    expectAlone(ReportPage(input).html)
    input.labels = labels(images, min(images, 60))
    expectAlone(ReportPage(input).html)
  }

  @Test("The parts are there in their order, and those without data are left out")
  func order() {
    let run = MadeRun(images: 30, clusters: 3)
    var input = run.input()
    func parts() -> [String] {
      MarkupCheck(ReportPage(input).html).elements.filter { $0.name == "section" }.compactMap {
        $0.attributes["id"]
      }
    }
    #expect(parts() == ["run", "clusters", "sizes", "map", "pairs", "histogram"])
    input.labels = labels(30, 3)
    let table = NeighbourTable(
      count: 1, images: (0..<30).map { Int32($0 ^ 1) }, distances: (0..<30).map { Float($0 / 2) })
    input.neighbours = .init(images: (0..<30).map { Int32($0) }, table: table)
    let lines = [
      #"{"stage":"dbc","epoch":0,"learning_rate":0.1,"changed":30,"mean_max_score":0.5,"seconds":{"target":0.5}}"#,
      #"{"stage":"dbc","epoch":1,"loss":null,"changed":5,"mean_max_score":0.6,"seconds":{"forward":0.5}}"#,
      #"{"stage":"dbc","epoch":2,"loss":0.5,"changed":1,"mean_max_score":null,"seconds":{"forward":1}}"#,
    ]
    input.records = MetricsLog.records(MetricsRecord.self, in: lines.map { Data($0.utf8) })
    #expect(input.records.count == 3)
    #expect(
      parts() == [
        "run", "clusters", "sizes", "map", "pairs", "classes", "odd", "curves", "histogram", "time",
      ])
    let check = MarkupCheck(ReportPage(input).html)
    #expect(check.texts.contains("edges") && check.texts.contains("gain by merging"))
    expectAlone(ReportPage(input).html)
  }

  @Test("Pairs that the graph holds for one come before those whose scores overlap")
  func pairs() throws {
    let run = MadeRun(images: 60, clusters: 4)
    var input = run.input()
    // The neighbours of cluster 1's images are cluster 3's and the other way round; those of the others their own.
    let steps: [Int32] = [4, 2, 4, 2]
    let near = (0..<60).map { (Int32($0) + steps[$0 % 4]) % 60 }
    input.neighbours = .init(
      images: (0..<60).map { Int32($0) },
      table: NeighbourTable(count: 1, images: near, distances: [Float](repeating: 1, count: 60)))
    let html = ReportPage(input).html
    let start = try #require(html.firstRange(of: "id=\"pairs\"")).upperBound
    let end = try #require(html[start...].firstRange(of: "</section>")).lowerBound
    let rows = html[start..<end].components(separatedBy: "<tr>").dropFirst(2)
    #expect(rows.first?.contains("cluster 1</a> (15)") == true)
    #expect(rows.first?.contains("cluster 3</a> (15)") == true)
    #expect(rows.first?.contains("<td class=\"n\">4.00×</td><td class=\"n\">+0.3750</td>") == true)
    // The scores of MadeRun overlap with those of the next cluster.
    #expect(rows.count == 5)
    #expect(rows.dropFirst().allSatisfy { $0.contains("0.00×") && $0.contains("−0.1250") })
    #expect(!html.contains("No gain is positive"))
    // Each image's neighbour is of its own cluster.
    input.neighbours = .init(
      images: (0..<60).map { Int32($0) },
      table: NeighbourTable(
        count: 1, images: (0..<60).map { ($0 + 4) % 60 }, distances: [Float](repeating: 1, count: 60)))
    #expect(
      ReportPage(input).html.contains(
        "No gain is positive. That says little: stage II pulls clusters apart, and a gain is rarely positive after it."
      ))
    input.neighbours = nil
    #expect(!ReportPage(input).html.contains("No gain is positive"))
  }

  @Test(
    "Histograms and features by epoch are in the page where the run has kept them, and the end in any case")
  func epochs() {
    let run = MadeRun(images: 40, clusters: 3)
    var input = run.input()
    func shown() -> (charts: Int, planes: [String]) {
      let html = ReportPage(input).html
      expectAlone(html)
      let check = MarkupCheck(html)
      let planes = check.elements.filter { $0.attributes["class"] == "plane" }
      let charts = check.elements.count { $0.attributes["aria-label"]?.contains("by score") == true }
      return (charts, planes.map { String($0.attributes["alt"]!.prefix { $0 != ":" }) })
    }
    #expect(shown() == (1, []))
    let counts = Array(repeating: 2, count: 20)
    let lines = (0...4).map { epoch in
      // An epoch that is not kept, one without a histogram, and one whose histogram no run writes.
      let histogram = epoch == 1 ? "" : #","score_histogram":\#(epoch == 3 ? [40] : counts)"#
      return #"{"stage":"dbc","epoch":\#(epoch),"changed":1,"mean_max_score":0.5\#(histogram)}"#
    }
    input.records = MetricsLog.records(MetricsRecord.self, in: lines.map { Data($0.utf8) })
    #expect(shown() == (2, []))
    var features = EpochFeatures(images: 40, sample: 2000, columns: 4)
    for epoch in [0, 1, 9] {
      features.add(.init(epoch, (0..<160).map { Float($0 % 7) * Float(epoch + 1) }))
    }
    input.features = features
    // An epoch behind the end is left from a longer chain.
    #expect(shown() == (2, ["Before the first epoch", "After epoch 1", "At the end (epoch 4)"]))
    // Features of other images, or of one epoch only.
    input.features = EpochFeatures(images: 41, sample: 2000, columns: 4)
    #expect(shown().planes.isEmpty)
    input.features?.add(.init(0, [Float](repeating: 1, count: 164)))
    #expect(shown().planes.isEmpty)
    // Features that are all the same have no plane, and a picture all the same.
    input.features = EpochFeatures(images: 40, sample: 2000, columns: 4)
    input.features?.add(.init(0, [Float](repeating: 1, count: 160)))
    #expect(shown().planes.count == 2)
    input.records = []
    #expect(shown() == (1, []))
  }

  @Test("Reconstructions are drawn below their images, in rows of eight")
  func reconstructions() {
    let shape = ImageShape(channels: 3, height: 2, width: 1)
    let images = (0..<9).map { image in (0..<6).map { UInt8(10 * image + $0) } }
    let raster = ReconstructionGrid(
      Reconstructions(shape: shape, originals: images, reconstructions: images.map { $0.map { 200 - $0 } })
    ).raster
    #expect((raster.width, raster.height, raster.channels) == (8, 10, 3))
    func pixel(_ row: Int, _ column: Int) -> [UInt8] {
      Array(raster.samples[(3 * (8 * row + column))...].prefix(3))
    }
    // [channel][row] of the image becomes [row][channel] of the picture.
    #expect(pixel(0, 7) == [70, 72, 74] && pixel(1, 7) == [71, 73, 75])
    #expect(pixel(2, 7) == [130, 128, 126] && pixel(3, 7) == [129, 127, 125])
    #expect(pixel(4, 0) == [0, 0, 0] && pixel(6, 0) == [80, 82, 84] && pixel(9, 0) == [119, 117, 115])
    #expect(pixel(6, 1) == [0, 0, 0])
    let grey = ReconstructionGrid(
      Reconstructions(
        shape: ImageShape(channels: 2, height: 1, width: 1), originals: [[5, 6]], reconstructions: [[7, 8]])
    ).raster
    #expect(grey.samples == [5, 7] && grey.channels == 1)
  }

  @Test(
    "Every kind of channels has pictures; of those that are neither grey nor RGB the first, which is said")
  func channels() {
    let run = MadeRun(images: 20, clusters: 2)
    for channels in [1, 2, 3, 5] {
      var input = run.input()
      input.pictures = MadeRun.noise(ImageShape(channels: channels, height: 130, width: 3))
      let html = ReportPage(input).html
      expectAlone(html)
      #expect(html.contains("the first of their channels") == [2, 5].contains(channels))
      #expect(html.contains(".s0{background-image:url(data:image/"))
    }
  }

  @Test("A page of 100000 images that nothing makes smaller stays below 20 MB")
  func limit() {
    let run = MadeRun(images: 100_000, clusters: 40)
    var input = run.input { "\(String(repeating: "\($0 % 97)<&é", count: 12))\($0).png" }
    input.pictures = MadeRun.noise(ImageShape(channels: 3, height: 64, width: 64))
    let html = ReportPage(input).html
    #expect(html.utf8.count < ReportPage.mostBytes && html.utf8.count > 5_000_000)
    expectAlone(html)
  }

  @Test("Without pictures, the page names the images and says why")
  func noPictures() {
    let run = MadeRun(images: 20, clusters: 2)
    var input = run.input()
    input.remarks = ["There are no pictures: gone"]
    let check = MarkupCheck(ReportPage(input).html)
    #expect(check.texts.contains("There are no pictures: gone") && check.texts.contains("image0.png"))
    #expect(!check.elements.contains { $0.attributes["class"]?.hasPrefix("t ") == true })
  }
}
