import Lanes
import MPI

/// How well a partition agrees with classes; 1 is perfect.
package struct PartitionMetrics: Equatable, Sendable {
  /// ACC: the share of images whose cluster is mapped to their class by the best one-to-one map.
  package let accuracy: Double
  /// Mutual information divided by the larger of the two entropies, as the paper has it.
  package let nmi: Double
  /// Mutual information divided by the arithmetic mean of the two entropies, as scikit-learn's `normalized_mutual_info_score` and most papers have
  /// it; never smaller than `nmi`. nil where an older version has not written it down.
  package let nmiByMean: Double?
  /// The adjusted Rand index (Hubert and Arabie 1985).
  package let ari: Double

  /// Metrics that are known.
  package init(accuracy: Double, nmi: Double, nmiByMean: Double?, ari: Double) {
    (self.accuracy, self.nmi, self.nmiByMean, self.ari) = (accuracy, nmi, nmiByMean, ari)
  }

  /// Compares two partitions of the same images; of no images, all are 1.
  ///
  /// - Parameters:
  ///   - assignments: the cluster of every image, 0…
  ///   - labels: the class of every image, 0…
  package init(assignments: [Int32], labels: [Int32]) {
    let counts = Contingency(assignments, labels)
    let (table, rows, columns, count) = (counts.table, counts.rows, counts.columns, counts.count)

    let map = maximumAssignment(table)
    let matched = map.enumerated().reduce(0) { $0 + table[$1.offset][$1.element] }
    accuracy = count == 0 ? 1 : Double(matched) / Double(count)
    nmi = counts.normalizedInformation(max)
    nmiByMean = counts.normalizedInformation { ($0 + $1) / 2 }
    ari = Self.adjustedRand(table, rows, columns, count)
  }

  /// The mean of one of the numbers over all pairs of `partitions`; nil where there is no pair.
  package static func meanOfPairs(
    _ partitions: [[Int32]], _ number: KeyPath<PartitionMetrics, Double>
  ) -> Double? {
    let pairs = partitions.indices.flatMap { first in
      partitions.indices.dropFirst(first + 1).map {
        PartitionMetrics(assignments: partitions[first], labels: partitions[$0])[keyPath: number]
      }
    }
    return pairs.isEmpty ? nil : pairs.reduce(0, +) / Double(pairs.count)
  }

  /// The mean NMI (by the larger entropy) of a partition with `others` of the same images; 1 where there is none.
  package static func agreement(of partition: [Int32], with others: [[Int32]]) -> Double {
    let sum = others.reduce(0.0) {
      Whereabouts.beat()
      return $0 + Contingency(partition, $1).normalizedInformation(max)
    }
    return others.isEmpty ? 1 : sum / Double(others.count)
  }

  private static func adjustedRand(
    _ table: [[Int]], _ rows: [Int], _ columns: [Int], _ count: Int
  ) -> Double {
    func pairs(_ sizes: [Int]) -> Double { sizes.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 } }
    let together = table.reduce(0) { $0 + pairs($1) }
    let inRows = pairs(rows)
    let inColumns = pairs(columns)
    let all = pairs([count])
    let expected = all > 0 ? inRows * inColumns / all : 0
    let largest = (inRows + inColumns) / 2
    // Both partitions are trivial in the same way: they agree.
    guard largest != expected else { return 1 }
    return (together - expected) / (largest - expected)
  }
}

/// How many images two partitions have in common, part by part.
private struct Contingency {
  /// `[rows][columns]`, not more rows than columns.
  let table: [[Int]]
  /// Images of every row.
  let rows: [Int]
  /// Images of every column.
  let columns: [Int]
  /// All images.
  let count: Int

  init(_ assignments: [Int32], _ labels: [Int32]) {
    precondition(assignments.count == labels.count, "every image has a cluster and a class")
    let clusters = Int(assignments.max() ?? -1) + 1
    let classes = Int(labels.max() ?? -1) + 1
    // Which of the two partitions has the rows makes no difference; the assignment wants the smaller one there.
    let (first, second) = clusters <= classes ? (assignments, labels) : (labels, assignments)
    let (height, width) = (min(clusters, classes), max(clusters, classes))
    var table = [[Int]](repeating: [Int](repeating: 0, count: width), count: height)
    for (row, column) in zip(first, second) { table[Int(row)][Int(column)] += 1 }
    rows = table.map { $0.reduce(0, +) }
    var columns = [Int](repeating: 0, count: width)
    for column in second { columns[Int(column)] += 1 }
    self.columns = columns
    self.table = table
    count = labels.count
  }

  /// Mutual information divided by what `norm` makes of the two entropies.
  func normalizedInformation(_ norm: (Double, Double) -> Double) -> Double {
    func entropy(_ sizes: [Int]) -> Double {
      -sizes.filter { $0 > 0 }.reduce(0) {
        let share = Double($1) / Double(count)
        return $0 + share * Elementary.log(share)
      }
    }
    let whole = norm(entropy(rows), entropy(columns))
    // Both partitions have one part: they agree.
    guard whole > 0 else { return 1 }
    var information = 0.0
    for (row, values) in table.enumerated() {
      for (column, value) in values.enumerated() where value > 0 {
        let independent = Double(rows[row]) * Double(columns[column])
        information +=
          Double(value) / Double(count) * Elementary.log(Double(value) * Double(count) / independent)
      }
    }
    return min(max(information / whole, 0), 1)
  }
}
