import Clustering
import Dataset
import Foundation
import Support
import Testing

import Page

@Suite struct AnalysisTests {
  private func rows(_ values: [Float], columns: Int, _ body: (FloatRows) -> Void) {
    values.withUnsafeBufferPointer { body(FloatRows($0, rows: values.count / columns, columns: columns)) }
  }

  @Test("Own, second and doubtful scores, and the members in their order")
  func scores() {
    rows([0.7, 0.2, 0.1, 0.5, 0.4, 0.1, 0.1, 0.3, 0.6, 0.8, 0.1, 0.1], columns: 3) { scores in
      let table = ScoreTable(scores, assignments: [0, 0, 2, 0])
      #expect(table.own == [0.7, 0.5, 0.6, 0.8] && table.secondScore == [0.2, 0.4, 0.3, 0.1])
      #expect(table.second == [1, 1, 1, 1])
      #expect(table.members == [[3, 0, 1], [], [2]])
      #expect(table.doubtful == [1, 2])
    }
    rows([1, 1], columns: 1) { scores in
      let table = ScoreTable(scores, assignments: [0, 0])
      #expect(table.second == [0, 0] && table.secondScore == [0, 0] && table.doubtful.isEmpty)
    }
  }

  @Test("Overlaps of clusters are those of a plain sum, also over several blocks")
  func overlaps() {
    var random = SplitMix(state: 3)
    let (images, clusters) = (1300, 4)
    let values = (0..<(images * clusters)).map { _ in Float.random(in: 0...1, using: &random) }
    rows(values, columns: clusters) { scores in
      let pairs = ClusterPairs.most(scores, count: 3)
      var all: [ClusterPairs.Pair] = []
      for a in 0..<clusters {
        for b in (a + 1)..<clusters {
          func sum(_ a: Int, _ b: Int) -> Double {
            (0..<images).reduce(0) {
              $0 + Double(values[$1 * clusters + a]) * Double(values[$1 * clusters + b])
            }
          }
          all.append(.init(a, b, overlap: sum(a, b) / (sum(a, a) * sum(b, b)).squareRoot()))
        }
      }
      all.sort { $0.overlap > $1.overlap }
      for (found, expected) in zip(pairs, all) {
        #expect(found.first == expected.first && found.second == expected.second)
        #expect(abs(found.overlap - expected.overlap) < 1e-5)
      }
      #expect(pairs.count == 3)
    }
  }

  @Test("What merging two clusters gains is the difference of the graph's modularities")
  func links() {
    var random = SplitMix(state: 5)
    let (images, clusters, count) = (90, 4, 5)
    let table = NeighbourTable(
      count: count,
      images: (0..<(images * count)).map {
        let (image, step) = ($0 / count, $0 % count + 1 + Int(random.next() % 3) * count)
        return Int32((image + step) % images)
      }, distances: (0..<(images * count)).map { Float($0 % count + 1) })
    let graph = NeighbourGraph(table)
    let own = (0..<images).map { Int32($0 * 3 / images) }
    // They are every second image of all.
    let assignments = (0..<(2 * images)).map { $0 % 2 == 0 ? own[$0 / 2] : 3 }
    let near = ReportInput.NearImages(images: (0..<Int32(images)).map { 2 * $0 }, table: table)
    let links = ClusterLinks(near, assignments: assignments, clusters: clusters)
    let modularity = graph.quality(own, clusters: clusters).modularity
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
      let merged = own.map { Int($0) == b ? Int32(a) : $0 }
      let gain = graph.quality(merged, clusters: clusters).modularity - modularity
      let link = links[a, b]
      #expect(abs((link?.gain ?? .nan) - gain) < 1e-12 && link == links[b, a])
      #expect(link.map { ($0.ratio > 1) == ($0.gain > 0) } == true)
    }
    #expect(links[0, 3] == nil && links[3, 3] == nil)
    // One cluster cut at random has as many edges between its parts as chance would put there.
    let halves = ClusterLinks(
      near, assignments: (0..<(2 * images)).map { _ in Int32(random.next() % 2) }, clusters: 2)
    #expect(abs((halves[0, 1]?.ratio ?? 0) - 1) < 0.25)
  }

  @Test("Clusters stand for classes by the best map, with more clusters than classes and with fewer")
  func agreement() {
    func agreement(_ assignments: [Int32], _ clusters: Int, _ labels: [Int32], _ classes: Int) -> Agreement {
      Agreement(
        assignments: assignments, clusters: clusters,
        labels: .init(numbers: labels, names: (0..<classes).map { "\($0)" }, origin: ""))
    }
    let more = agreement([0, 0, 1, 2, 2], 4, [1, 1, 1, 0, 0], 2)
    #expect(more.classOfCluster == [1, nil, 0, nil] && more.order == [2, 0, 1, 3])
    #expect(more.metrics.accuracy == 0.8 && more.metrics.nmiByMean! >= more.metrics.nmi)
    let fewer = agreement([0, 0, 1, 1], 2, [2, 2, 0, 1], 3)
    #expect(fewer.classOfCluster == [2, 0] && fewer.order == [1, 0])
    // scikit-learn: normalized_mutual_info_score([2, 2, 0, 1], [0, 0, 1, 1])
    #expect(abs(fewer.metrics.nmiByMean! - 0.8) < 1e-12 && abs(fewer.metrics.nmi - 2.0 / 3) < 1e-12)
  }

  @Test("Copies, near-duplicates and outliers")
  func odd() {
    let run = MadeRun(images: 8, clusters: 2)
    let features: [Float] = [0, 0, 5, 5, 0, 0, 5, 5.5, 0, 0, 90, 90, 200, 90, 90, 200]
    rows(features, columns: 2) { embeddings in
      var input = run.input()
      input.embeddings = embeddings
      #expect(OddImages(input).twins.map { [$0.first, $0.second] } == [[0, 2], [0, 4]])
      #expect(OddImages(input).copies == 2 && OddImages(input).outliers.isEmpty)
      #expect(OddImages(input).median == nil)
      input.neighbours = .init(
        images: [0, 1, 2, 3, 4, 5, 6, 7],
        table: NeighbourTable(
          count: 2, images: [2, 4, 3, 0, 0, 4, 1, 0, 0, 2, 6, 7, 5, 7, 5, 6],
          distances: [
            0, 0, 0.25, 50, 0, 0, 0.25, 55.25, 0, 0, 12100, 12100, 12100, 24200, 12100, 24200,
          ]))
      input.pictures = .init(shape: ImageShape(channels: 1, height: 1, width: 1)) { image, body in
        let byte = [UInt8(image == 4 ? 1 : 0)]
        byte.withUnsafeBufferPointer(body)
      }
      let odd = OddImages(input)
      #expect(odd.median == 110, "copies are left out")
      #expect(odd.twins.map(\.isCopy) == [true, false, true])
      #expect(odd.twins.map { [$0.first, $0.second] } == [[0, 2], [0, 4], [1, 3]])
      #expect(odd.twins[2].distance == 0.5)
      #expect(odd.outliers.first?.image == 6 && odd.outliers.count == 8)
      // The same two images are usual neighbours where all are as near.
      input.neighbours = .init(
        images: [1, 3], table: NeighbourTable(count: 1, images: [1, 0], distances: [0.25, 0.25]))
      #expect(OddImages(input).median == 0.5 && OddImages(input).twins.count == 2)
    }
  }

  @Test("PNG and JPEG files read back by the program's own decoders", arguments: [1, 3, 4])
  func encoders(channels: Int) throws {
    var random = SplitMix(state: 9)
    var raster = Raster(width: 33, height: 17, channels: channels)
    for place in raster.samples.indices {
      raster.samples[place] = UInt8(truncatingIfNeeded: random.next() >> 24)
    }
    let png = try #require(raster.png)
    #expect(try decoded(png, channels: channels) == raster.samples)
    guard channels < 4 else { return }
    // A smooth picture, of which JPEG loses little.
    for place in raster.samples.indices { raster.samples[place] = UInt8(40 + place / channels % 33 * 5) }
    let jpeg = try #require(raster.jpeg(quality: 95))
    let samples = try decoded(jpeg, channels: channels)
    #expect(zip(samples, raster.samples).allSatisfy { abs(Int($0) - Int($1)) <= 6 })
    #expect(jpeg.count < raster.samples.count)
  }

  private func decoded(_ file: Data, channels: Int) throws -> [UInt8] {
    try file.withUnsafeBytes { bytes in
      let picture = Picture()
      let still = try StillFile(bytes, path: "sheet")
      try still.decode(into: picture)
      #expect(Int(picture.header.channels) == channels && picture.header.width == 33)
      return Array(picture.bytes)
    }
  }
}
