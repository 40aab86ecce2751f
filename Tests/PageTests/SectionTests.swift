import Clustering
import Foundation
import Report
import Testing
import Training

import Page

/// What single parts of the page say.
extension PageTests {
  @Test("Near-duplicates and outliers are told by the usual distance; where there are none, the page says so")
  func nearDuplicates() {
    let run = MadeRun(images: 30, clusters: 3)
    var input = run.input()
    func texts(_ squares: [Float]) -> String {
      let table = NeighbourTable(count: 1, images: (0..<30).map { Int32($0 ^ 1) }, distances: squares)
      input.neighbours = .init(images: (0..<30).map { Int32($0) }, table: table)
      let html = ReportPage(input).html
      expectAlone(html)
      return MarkupCheck(html).texts.split(separator: "\n").joined(separator: " ")
    }
    var squares = [Float](repeating: 4, count: 30)
    let none = texts(squares)
    #expect(
      none.contains("There are none: no two images are at most 25 % as far apart as the usual distance"))
    #expect(none.contains("neighbour (2)") && none.contains("1.0×"))
    (squares[4], squares[5], squares[8], squares[9]) = (0.04, 0.04, 100, 100)
    let one = texts(squares)
    #expect(one.contains("10.0 % of the usual distance") && one.contains("5.0×"))
    #expect(
      one.contains("1 pair at most 25 % as far apart as the usual distance, the median")
        && !one.contains("There are none"))
  }

  @Test(
    "The suggested number is marked, and those whose score is nearly as high are named, the smallest first")
  func counts() throws {
    let run = MadeRun(images: 30, clusters: 3)
    func counts(_ scores: [(Int, Double)]) throws -> String {
      var input = run.input()
      let rows = scores.map {
        #"{"clusters":\#($0.0),"stability":1,"modularity":\#($0.1),"eigengap":0.1}"#
      }
      let best = try #require(scores.max { $0.1 < $1.1 }).0
      let line =
        #"{"stage":"cluster_count","clusters":\#(best),"candidates":[\#(rows.joined(separator: ","))]}"#
      input.records = MetricsLog.records(MetricsRecord.self, in: [Data(line.utf8)])
      let html = ReportPage(input).html
      expectAlone(html)
      let start = try #require(html.firstRange(of: "id=\"counts\"")).upperBound
      return html[start...].components(separatedBy: "</section>")[0]
    }
    let several = try counts([(3, 0.5), (4, 0.75), (5, 0.74), (9, 0.775), (10, 0.73), (12, 0.69)])
    #expect(
      several.contains("highest one (0.775): <strong>4 (0.750), 5 (0.740), 10 (0.730)</strong>"),
      "\(several)")
    // Score, stability, modularity and eigengap.
    #expect(several.components(separatedBy: "class=\"mark\"").count == 5)
    #expect(several.components(separatedBy: ">9</text>").count == 5)
    #expect(several.components(separatedBy: "<circle").count == 5)
    #expect(try counts([(3, 0.5), (4, 0.75)]).contains("No other number has a score within 10 %"))
    #expect(try counts([(3, -0.5), (4, 0)]).contains("No other number has a score within 10 %"))
  }

  @Test("The paper is named once, where the page speaks of it first, with labels and without")
  func paper() {
    let run = MadeRun(images: 30, clusters: 3)
    var input = run.input()
    for labels in [nil, labels(30, 3)] {
      input.labels = labels
      let parts = ReportPage(input).html.components(separatedBy: "the paper")
      #expect(parts.count > 2 - (labels == nil ? 1 : 0))
      #expect(parts[1].hasPrefix(" [Li, Qiao, Xi, Zhang 2017, arXiv:1703.07980]"))
      #expect(parts.count { $0.contains("1703.07980") } == 1)
    }
  }
}
