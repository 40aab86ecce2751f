import Basics
import Report

/// What the folders of the clusters are called.
enum ClusterNames {
  /// The numbers, all of one length, or what names.csv (`cluster,name`), where it is there, says in their place. Two clusters may
  /// have one name.
  static func folders(_ path: String, clusters: Int) throws(ReportError) -> [String] {
    let digits = max(2, "\(clusters - 1)".count)
    var names = (0..<clusters).map { String(repeating: "0", count: digits - "\($0)".count) + "\($0)" }
    let numbers = names
    guard Files.exists(path) else { return names }
    guard let bytes = Files.contents(path, limit: 100 << 20) else {
      throw ReportError(.unreadable, path, "cannot be read: \(Files.reason())")
    }
    var known: Set<Int> = []
    var isFirst = true
    do {
      try CSV.forEachRow(bytes, separator: UInt8(ascii: ",")) { line, fields in
        func fail(_ expected: String, _ found: String) -> ReportError {
          ReportError(
            .malformed, path,
            "line \(line): expected \(expected), found \(FileName.shown(String(found.prefix(100))))")
        }
        if isFirst {
          guard fields == ["cluster", "name"] else {
            throw fail("the columns cluster,name", fields.joined(separator: ","))
          }
          isFirst = false
          return
        }
        guard fields.count == 2, let cluster = Int(fields[0]), (0..<clusters).contains(cluster) else {
          throw fail("a cluster from 0 to \(clusters - 1) and its name", fields.joined(separator: ","))
        }
        guard known.insert(cluster).inserted else { throw fail("each cluster once", "\(cluster) again") }
        let name = FileName.bytes(of: fields[1])
        guard (1...255).contains(name.count), !name.contains(UInt8(ascii: "/")), !name.contains(0),
          fields[1] != ".", fields[1] != ".."
        else { throw fail("a name that a folder can have", fields[1]) }
        names[cluster] = fields[1]
      }
    } catch let error as CSV.OpenQuote {
      throw ReportError(.malformed, path, "line \(error.line): a field in quotation marks has no end")
    } catch let error as ReportError {
      throw error
    } catch { preconditionFailure("\(error)") }
    for (cluster, name) in names.enumerated() {
      if let other = numbers.firstIndex(of: name), other != cluster, !known.contains(other) {
        throw ReportError(
          .malformed, path, "cluster \(cluster) is called \(name), which is the folder of cluster \(other)")
      }
    }
    return names
  }
}
