import Basics
import Report

/// The tables beside the page, as `assignments.csv` is written: names are the bytes of the file system.
struct ReportTables {
  let input: ReportInput
  let scores: ScoreTable
  let odd: OddImages

  /// Writes doubtful.csv, outliers.csv and duplicates.csv to a folder; without neighbours, outliers.csv has no rows.
  func write(to folder: String) throws(ReportError) {
    try Self.write(
      "doubtful.csv", to: folder, "index,source,cluster,score,second,second_score",
      scores.doubtful.lazy.map { image in
        let place = Int(image)
        return
          "\(image),\(source(image)),\(scores.clusters[place]),\(scores.own[place]),\(scores.second[place]),\(scores.secondScore[place])"
      })
    try Self.write(
      "outliers.csv", to: folder, "index,source,cluster,distance",
      odd.outliers.lazy.map { outlier in
        let image = outlier.image
        return "\(image),\(source(image)),\(scores.clusters[Int(image)]),\(outlier.distance)"
      })
    try Self.write(
      "duplicates.csv", to: folder, "index,source,other,other_source,distance,copy",
      odd.twins.lazy.map { twins in
        let copy = twins.isCopy.map { $0 ? "yes" : "no" } ?? ""
        return
          "\(twins.first),\(source(twins.first)),\(twins.second),\(source(twins.second)),\(twins.distance),\(copy)"
      })
  }

  private func source(_ image: Int32) -> String { CSV.field(input.source(Int(image))) }

  private static func write(
    _ name: String, to folder: String, _ header: String, _ rows: some Sequence<String>
  ) throws(ReportError) {
    var file = try AtomicFile(FileName.join(folder, name))
    try file.write(header + "\n")
    for row in rows { try file.write(FileName.bytes(of: row + "\n")) }
    try file.finish()
  }
}
