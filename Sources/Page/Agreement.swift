import Clustering

/// How clusters and classes fit together.
package struct Agreement {
  /// Images by class and cluster, `[classes][clusters]`.
  package let table: [[Int]]
  /// The class that a cluster stands for in the best one-to-one map; nil where there are more clusters than classes.
  package let classOfCluster: [Int?]
  /// The clusters in the order of their classes, those without a class last.
  package let order: [Int]
  /// ACC, both NMIs, ARI.
  package let metrics: PartitionMetrics

  /// The best map of `clusters` clusters to the classes.
  package init(assignments: [Int32], clusters: Int, labels: ReportInput.Labels) {
    let classes = max(labels.names.count, 1)
    var table = [[Int]](repeating: [Int](repeating: 0, count: clusters), count: classes)
    for (cluster, label) in zip(assignments, labels.numbers) { table[Int(label)][Int(cluster)] += 1 }
    var classOf = [Int?](repeating: nil, count: clusters)
    if classes <= clusters {
      for (label, cluster) in maximumAssignment(table).enumerated() { classOf[cluster] = label }
    } else {
      let turned = (0..<clusters).map { cluster in table.map { $0[cluster] } }
      for (cluster, label) in maximumAssignment(turned).enumerated() { classOf[cluster] = label }
    }
    self.table = table
    classOfCluster = classOf
    order = (0..<clusters).sorted { (classOf[$0] ?? classes, $0) < (classOf[$1] ?? classes, $1) }
    metrics = PartitionMetrics(assignments: assignments, labels: labels.numbers)
  }

  /// The class that most of a cluster's images have, and how many; nil of an empty cluster.
  func commonest(_ cluster: Int) -> (label: Int32, count: Int)? {
    let best = table.indices.max { (table[$0][cluster], -$0) < (table[$1][cluster], -$1) } ?? 0
    let count = table[best][cluster]
    return count > 0 ? (Int32(best), count) : nil
  }
}
