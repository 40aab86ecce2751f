import Basics
import Report

/// What is said of one image.
struct Row {
  let index: Int
  /// What the image is in, and its number there (`ImageCatalogue.sourceParts`).
  let source: (name: String, number: Int?)
  let label: String?
  /// The name of the cluster, empty where it has none; nil where no cluster has one.
  let name: String?
  let found: Assignment

  /// The first line of details.csv.
  static func header(named: Bool) -> String {
    "index,source,cluster,score,second,second_score,margin,distance_quantile\(named ? ",name" : "")\n"
  }

  /// Where the model does not tell, nil.
  private var quantile: Float? { found.shareNearer.isNaN ? nil : found.shareNearer }
  private var margin: Float { found.score - found.secondScore }

  /// Adds the fields that the lines of both tables begin with.
  func addFirst(to line: inout CSVRow) {
    line.add(index)
    line.add(source.name, number: source.number)
    line.add(Int(found.cluster))
    line.add(found.score)
  }

  /// Adds the other fields of a line of details.csv.
  func addDetails(to line: inout CSVRow) {
    line.add(Int(found.second))
    line.add(found.secondScore)
    line.add(margin)
    line.add(quantile)
    if let name { line.add(name) }
  }

  /// A line of assignments.jsonl.
  var json: [UInt8] {
    var line = JSONLine()
    line.add("index", index)
    line.add("source", source.number.map { "\(source.name)#\($0)" } ?? source.name)
    line.add("cluster", Int(found.cluster))
    line.add("score", found.score)
    line.add("second", Int(found.second))
    line.add("second_score", found.secondScore)
    line.add("margin", margin)
    line.add("distance_quantile", quantile)
    if let label { line.add("label", label) }
    if let name { line.add("name", name) }
    return Array("\(line.text)\n".utf8)
  }
}
