import Basics
import Report

/// What the page calls the clusters: by their numbers, and by the names that people have given them.
extension PageContext {
  /// The name of a cluster, on one line and not too long; nil where it has none.
  private func givenName(_ cluster: some BinaryInteger) -> String? {
    input.names?.names[Int(cluster)].map { Self.shortened(FileName.shown($0), to: 40) }
  }

  /// A cluster as text: `cluster 3`, or `cats (cluster 3)`.
  func title(_ cluster: some BinaryInteger) -> String {
    givenName(cluster).map { "\($0) (cluster \(cluster))" } ?? "cluster \(cluster)"
  }

  /// A cluster over its sheet: `Cluster 3`, or `cats (cluster 3)`.
  func heading(_ cluster: Int) -> HTML {
    givenName(cluster).map { "<bdi>\($0)</bdi> (cluster \(cluster))" } ?? "Cluster \(cluster)"
  }

  /// A cluster where there is little room: `3`, or `cats (3)`.
  func key(_ cluster: Int) -> HTML {
    givenName(cluster).map { "<bdi>\($0)</bdi> (\(cluster))" } ?? "\(cluster)"
  }

  /// A cluster's name, which leads to its sheet where it has one.
  func link(_ cluster: some BinaryInteger) -> HTML {
    link(Int(cluster), givenName(cluster) == nil ? "cluster \(cluster)" : key(Int(cluster)))
  }

  /// What a cluster is called somewhere, as a link to its sheet where it has one.
  func link(_ cluster: Int, _ text: HTML) -> HTML {
    shown.contains(cluster) ? "<a href=\"#cluster-\(cluster)\">\(text)</a>" : text
  }

  /// What a sheet says of the clusters that are merged with its own; nothing where none is.
  func mergedRemark(_ cluster: Int) -> HTML {
    let group = input.names?.group(of: cluster) ?? []
    guard group.count > 1 else { return "" }
    let others = group.filter { $0 != cluster }.prefix(20).map { " \(link($0))" as HTML }
    let images = group.reduce(0) { $0 + scores.members[$1].count }
    return "; by its name one with\(others), \(Numbers.count(images, "image")) together"
  }

  /// The groups of clusters that are merged, for the run's card; nothing where none is.
  var mergedGroups: HTML {
    let groups = input.names?.merged ?? []
    guard !groups.isEmpty else { return "" }
    let texts = groups.prefix(20).map { group -> HTML in
      let numbers = group.prefix(20).map(String.init).joined(separator: ", ")
      return " <bdi>\(givenName(group[0]) ?? "")</bdi> (\(numbers)\(group.count > 20 ? ", …" : ""))"
    }
    return "; merged by name:\(texts)\(groups.count > 20 ? ", …" : "")"
  }

  /// Whether two clusters are merged by their name.
  func areMerged(_ a: Int, _ b: Int) -> Bool { input.names?.group(of: a).contains(b) ?? false }
}
