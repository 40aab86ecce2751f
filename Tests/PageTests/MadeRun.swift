import Dataset
import Foundation
import FoundationXML
import Support
import Training

import Page

/// A run that a test makes up: clusters of points, scores that follow them, and images of one shade each.
final class MadeRun {
  let images: Int
  let clusters: Int
  private let features = 4
  private let embeddings: UnsafeMutableBufferPointer<Float>
  private let scores: UnsafeMutableBufferPointer<Float>
  private var assignments: [Int32] = []

  /// - Parameter empty: the last so many clusters have no images
  init(images: Int, clusters: Int, empty: Int = 0, seed: UInt64 = 1) {
    (self.images, self.clusters) = (images, clusters)
    embeddings = .allocate(capacity: images * features)
    scores = .allocate(capacity: images * clusters)
    var random = SplitMix(state: seed)
    for image in 0..<images {
      let cluster = image % (clusters - empty)
      assignments.append(Int32(cluster))
      for feature in 0..<features {
        embeddings[image * features + feature] =
          Float(cluster * (feature + 1)) + Float.random(in: 0..<1, using: &random)
      }
      let own = Float.random(in: 0.5...1, using: &random)
      for other in 0..<clusters {
        scores[image * clusters + other] =
          other == cluster ? own : other == (cluster + 1) % clusters ? 1 - own : 0
      }
    }
  }

  deinit {
    embeddings.deallocate()
    scores.deallocate()
  }

  /// What the page is made of; valid as long as the run is there.
  func input(source: @escaping (Int) -> String = { "image\($0).png" }) -> ReportInput {
    let features = FloatRows(UnsafeBufferPointer(embeddings), rows: images, columns: features)
    return ReportInput(
      name: "run", config: RunConfig(), records: [], embeddings: features,
      scores: FloatRows(UnsafeBufferPointer(scores), rows: images, columns: clusters),
      assignments: assignments,
      map: (0..<features.rows).flatMap { row in
        [0, features.columns - 1].map { features.values[row * features.columns + $0] }
      },
      source: source)
  }

  /// Images whose bytes are pseudo-random: nothing makes them smaller.
  static func noise(_ shape: ImageShape) -> ReportInput.Pictures {
    ReportInput.Pictures(shape: shape) { image, body in
      var random = SplitMix(state: UInt64(image))
      let bytes = (0..<shape.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next() >> 32) }
      bytes.withUnsafeBufferPointer(body)
    }
  }
}

/// Checks markup as XML: every element is closed, every attribute quoted, every character allowed. What script and style
/// elements hold is no markup, and is left out.
struct MarkupCheck {
  let texts: String
  let elements: [(name: String, attributes: [String: String])]
  let isWellFormed: Bool
  let problem: String

  init(_ html: String) {
    var rest = html[...]
    var markup = ""
    while let start = rest.range(of: "<(script|style)[^>]*>", options: .regularExpression) {
      let name = rest[start].hasPrefix("<script") ? "script" : "style"
      let end = rest[start.upperBound...].range(of: "</\(name)>")
      markup += rest[..<start.upperBound] + "</\(name)>"
      rest = end.map { rest[$0.upperBound...] } ?? ""
    }
    let parser = XMLParser(data: Data((markup + rest).utf8))
    let collector = Collector()
    parser.delegate = collector
    isWellFormed = parser.parse()
    problem = parser.parserError.map { "\($0) at line \(parser.lineNumber)" } ?? ""
    (texts, elements) = (collector.texts, collector.elements)
  }

  private final class Collector: NSObject, XMLParserDelegate {
    var texts = ""
    var elements: [(name: String, attributes: [String: String])] = []

    func parser(_: XMLParser, foundCharacters text: String) { texts += text }

    func parser(
      _: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements.append((name, attributes))
    }
  }
}
