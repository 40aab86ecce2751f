import Basics
import Report

/// What is said of one image.
struct Row {
  let index: Int
  let source: String
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

  /// A line of details.csv.
  var csv: [UInt8] {
    FileName.bytes(
      of:
        "\(index),\(CSV.field(source)),\(found.cluster),\(found.score),\(found.second),\(found.secondScore),"
        + "\(margin),\(quantile.map { "\($0)" } ?? "")\(name.map { ",\(CSV.field($0))" } ?? "")\n")
  }

  /// A line of assignments.jsonl.
  var json: [UInt8] {
    var line = JSONLine()
    line.add("index", index)
    line.add("source", source)
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
