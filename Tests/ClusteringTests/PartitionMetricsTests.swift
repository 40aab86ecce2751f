import Clustering
import Lanes
import Testing

@Suite struct PartitionMetricsTests {
  @Test("values agree with scikit-learn's")
  func published() {
    // sklearn.metrics: adjusted_rand_score, normalized_mutual_info_score(average_method="max")
    let labels: [Int32] = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    let clusters: [Int32] = [1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2, 1]
    let metrics = PartitionMetrics(assignments: clusters, labels: labels)
    #expect(abs(metrics.accuracy - 0.75) < 1e-12)
    #expect(abs(metrics.nmi - 0.48814049) < 1e-8)
    #expect(abs(metrics.ari - 0.3125) < 1e-8)
  }

  @Test("renaming clusters changes nothing, a perfect partition has 1 everywhere")
  func renaming() {
    let labels: [Int32] = (0..<100).map { Int32($0 % 7) }
    let renamed = labels.map { (3 * $0 + 2) % 7 }
    let metrics = PartitionMetrics(assignments: renamed, labels: labels)
    #expect(metrics.accuracy == 1 && abs(metrics.nmi - 1) < 1e-12 && abs(metrics.ari - 1) < 1e-12)
  }

  @Test("one cluster, and as many clusters as images, have defined values")
  func degenerate() {
    let labels: [Int32] = [0, 0, 1, 1]
    let one = PartitionMetrics(assignments: [0, 0, 0, 0], labels: labels)
    #expect(one.accuracy == 0.5 && one.nmi == 0 && one.ari == 0)
    let single = PartitionMetrics(assignments: [0, 1, 2, 3], labels: labels)
    #expect(single.accuracy == 0.5 && abs(single.nmi - 0.5) < 1e-12 && single.ari == 0)
    let both = PartitionMetrics(assignments: [0, 0], labels: [5, 5])
    #expect(both.accuracy == 1 && both.nmi == 1 && both.ari == 1)
  }

  @Test("more clusters than classes, and fewer, are mapped one to one")
  func unequal() {
    let more = PartitionMetrics(assignments: [0, 0, 1, 2, 2, 2], labels: [0, 0, 0, 1, 1, 1])
    #expect(abs(more.accuracy - 5.0 / 6) < 1e-12)
    let fewer = PartitionMetrics(assignments: [0, 0, 0, 0, 1, 1], labels: [0, 0, 1, 2, 2, 2])
    #expect(abs(fewer.accuracy - 4.0 / 6) < 1e-12)
  }

  @Test("the Hungarian method finds the best of all permutations")
  func bruteForce() {
    func best(_ table: [[Int]], _ row: Int, _ free: [Int]) -> Int {
      if row == table.count { return 0 }
      return free.map { column in table[row][column] + best(table, row + 1, free.filter { $0 != column }) }
        .max()!
    }
    var random = CounterRandom(seed: 1, purpose: .kmeans)
    for size in 1...6 {
      for _ in 0..<20 {
        let table = (0..<size).map { _ in (0..<size).map { _ in Int(random.next() % 50) } }
        let map = maximumAssignment(table)
        #expect(Set(map).count == size)
        #expect(
          map.enumerated().reduce(0) { $0 + table[$1.offset][$1.element] } == best(table, 0, Array(0..<size)))
      }
    }
  }
}
