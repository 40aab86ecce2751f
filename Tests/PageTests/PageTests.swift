import Clustering
import Dataset
import Foundation
import Report
import Support
import Testing
import Training

import Page

@Suite struct PageTests {
  /// Whether nothing in the page leads outside of it.
  private func expectAlone(_ html: String, sourceLocation: SourceLocation = #_sourceLocation) {
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
    #expect(!html.contains("@import"), sourceLocation: sourceLocation)
    let links = check.elements.compactMap { $0.attributes["href"] }.filter { $0.hasPrefix("#") }
    let places = Set(check.elements.compactMap { $0.attributes["id"] })
    #expect(links.allSatisfy { places.contains(String($0.dropFirst())) }, sourceLocation: sourceLocation)
    let values = check.elements.flatMap { $0.attributes.values }
    #expect(!values.contains { ["nan", "inf"].contains($0.lowercased()) }, sourceLocation: sourceLocation)
  }

  private func labels(_ images: Int, _ classes: Int) -> ReportInput.Labels {
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
