import Basics

/// What people call the clusters of a run: names.csv (`cluster,name`) in its directory. Clusters of one name are merged: they are
/// one group.
package struct ClusterNames: Sendable {
  /// The file's name.
  package static let fileName = "names.csv"
  /// The name of every cluster; nil where it has none.
  package let names: [String?]
  private let path: String

  /// Names that are not from a file.
  package init(_ names: [String?]) { (self.names, path) = (names, Self.fileName) }

  /// Reads the names of `clusters` clusters from the file at `path`; nil where there is no such file. Throws where it names other
  /// clusters, one of them twice, or one by what no folder can be called.
  package init?(_ path: String, clusters: Int) throws(ReportError) {
    guard Files.exists(path) else { return nil }
    guard let bytes = Files.contents(path, limit: 100 << 20) else {
      throw ReportError(.unreadable, path, "cannot be read: \(Files.reason())")
    }
    var names = [String?](repeating: nil, count: clusters)
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
        guard names[cluster] == nil else { throw fail("each cluster once", "\(cluster) again") }
        guard !fields[1].allSatisfy(\.isWhitespace) else {
          throw fail("a name of cluster \(cluster)", "none")
        }
        let name = FileName.bytes(of: fields[1])
        guard name.count <= 255, !name.contains(UInt8(ascii: "/")), !name.contains(0), fields[1] != ".",
          fields[1] != ".."
        else { throw fail("a name that a folder can have", fields[1]) }
        names[cluster] = fields[1]
      }
    } catch let error as CSV.OpenQuote {
      throw ReportError(.malformed, path, "line \(error.line): a field in quotation marks has no end")
    } catch let error as ReportError {
      throw error
    } catch { preconditionFailure("\(error)") }
    (self.names, self.path) = (names, path)
  }

  /// What the folders of `clusters` clusters are called: their numbers, all of one length, or in their place the names, where there
  /// are any. Throws where the name of one is the number of another.
  package static func folders(_ names: ClusterNames?, clusters: Int) throws(ReportError) -> [String] {
    let digits = max(2, "\(clusters - 1)".count)
    let numbers = (0..<clusters).map { String(repeating: "0", count: digits - "\($0)".count) + "\($0)" }
    guard let names else { return numbers }
    for (cluster, name) in names.names.enumerated() {
      if let other = numbers.firstIndex(where: { $0 == name }), other != cluster, names.names[other] == nil {
        throw ReportError(
          .malformed, names.path,
          "cluster \(cluster) is called \(numbers[other]), which is the folder of cluster \(other)")
      }
    }
    return zip(names.names, numbers).map { $0 ?? $1 }
  }

  /// The clusters that share their name with another one, by the smallest of each group.
  package var merged: [[Int]] {
    Dictionary(grouping: names.indices.filter { names[$0] != nil }) { ExactText(names[$0]!) }.values
      .filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }

  /// The clusters that have the name of `cluster`, this one included; none where it has no name.
  package func group(of cluster: Int) -> [Int] {
    guard let name = names[cluster].map(ExactText.init) else { return [] }
    return names.indices.filter { names[$0].map(ExactText.init) == name }
  }
}
