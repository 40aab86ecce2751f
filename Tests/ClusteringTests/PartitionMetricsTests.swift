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
    // scikit-learn's default, the arithmetic mean of log 2 and log 4.
    #expect(abs(single.nmiByMean! - 2.0 / 3) < 1e-12 && one.nmiByMean == 0)
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
        let width = size + Int(random.next() % 3)
        let table = (0..<size).map { _ in (0..<width).map { _ in Int(random.next() % 50) } }
        let map = maximumAssignment(table)
        #expect(Set(map).count == size)
        #expect(
          map.enumerated().reduce(0) { $0 + table[$1.offset][$1.element] } == best(table, 0, Array(0..<width))
        )
      }
    }
  }
}

/// Expected values without an explanation were computed with scikit-learn and SciPy (NMI with the maximum).
@Suite struct PartitionAgreementTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let assignments: [Int32]
    let labels: [Int32]
    let expected: [Double]
  }

  static let cases = [
    Case(
      testDescription: "as many clusters as classes", assignments: [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 1, 0],
      labels: [1, 1, 2, 0, 0, 0, 2, 2, 2, 1, 0, 1],
      expected: [0.8333333333333334, 0.6587603285713901, 0.5416666666666666]),
    Case(
      testDescription: "more clusters than classes", assignments: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 0],
      labels: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 1, 2],
      expected: [0.5, 0.4778391326595393, 0.21115537848605578]),
    Case(
      testDescription: "more classes than clusters", assignments: [0, 0, 0, 1, 1, 1, 0, 1, 0, 1],
      labels: [0, 1, 2, 3, 4, 3, 0, 4, 1, 1], expected: [0.4, 0.3225153848477292, 0.12903225806451613]),
    Case(
      testDescription: "500 images by formula", assignments: (0..<500).map { ($0 * $0 + 3 * $0) % 7 },
      labels: (0..<500).map { $0 % 3 != 0 ? ($0 * 7919 / 13) % 5 : ($0 * $0 + 3 * $0) % 7 % 5 },
      expected: [0.374, 0.07760952044779493, 0.08585294312420004]),
    Case(
      testDescription: "worse than chance", assignments: [0, 0, 1, 1, 2, 2], labels: [0, 1, 0, 2, 1, 2],
      expected: [0.5, 0.3690702464285424, -0.25]),
    Case(
      testDescription: "independent", assignments: [0, 0, 1, 1], labels: [0, 1, 0, 1],
      expected: [0.5, 0, -0.5]),
    Case(
      testDescription: "one cluster, one class", assignments: .init(repeating: 0, count: 6),
      labels: .init(repeating: 0, count: 6), expected: [1, 1, 1]),
    Case(
      testDescription: "one cluster, three classes", assignments: .init(repeating: 0, count: 6),
      labels: [0, 1, 2, 0, 1, 2], expected: [1.0 / 3, 0, 0]),
    Case(
      testDescription: "three clusters, one class", assignments: [0, 1, 2, 0, 1, 2],
      labels: .init(repeating: 0, count: 6), expected: [1.0 / 3, 0, 0]),
    Case(
      testDescription: "all singletons", assignments: [0, 1, 2, 3, 4, 5], labels: [0, 1, 2, 3, 4, 5],
      expected: [1, 1, 1]),
    Case(
      testDescription: "singletons in one class", assignments: [0, 1, 2, 3, 4, 5],
      labels: .init(repeating: 0, count: 6), expected: [1.0 / 6, 0, 0]),
    Case(
      testDescription: "singletons in two classes", assignments: [0, 1, 2, 3, 4, 5],
      labels: [0, 0, 0, 1, 1, 1], expected: [1.0 / 3, 0.3868528072345413, 0]),
    Case(testDescription: "one image", assignments: [0], labels: [0], expected: [1, 1, 1]),
    Case(testDescription: "no image", assignments: [], labels: [], expected: [1, 1, 1]),
  ]

  @Test("Accuracy, NMI and ARI are those of scikit-learn", arguments: cases)
  func agreement(_ example: Case) {
    let found = PartitionMetrics(assignments: example.assignments, labels: example.labels)
    for (value, expected) in zip([found.accuracy, found.nmi, found.ari], example.expected) {
      #expect(abs(value - expected) < 1e-12, "\(found)")
    }
  }

  @Test("Other numbers for clusters and classes, with gaps, change nothing", arguments: cases)
  func relabelling(_ example: Case) {
    let names: [Int32] = [5, 0, 9, 3, 11, 2, 7]
    let found = PartitionMetrics(assignments: example.assignments, labels: example.labels)
    let renamed = PartitionMetrics(
      assignments: example.assignments.map { names[Int($0)] },
      labels: example.labels.map { names[6 - Int($0)] })
    #expect(found.accuracy == renamed.accuracy)
    #expect(abs(found.nmi - renamed.nmi) < 1e-12)
    #expect(abs(found.ari - renamed.ari) < 1e-12)
  }

  @Test("NMI and ARI do not tell clusters from classes", arguments: cases)
  func symmetry(_ example: Case) {
    let found = PartitionMetrics(assignments: example.assignments, labels: example.labels)
    let swapped = PartitionMetrics(assignments: example.labels, labels: example.assignments)
    #expect(found.accuracy == swapped.accuracy)
    #expect(abs(found.nmi - swapped.nmi) < 1e-12)
    #expect(abs(found.ari - swapped.ari) < 1e-12)
  }

  @Test("Seventy thousand images overflow nothing")
  func manyImages() {
    let labels = (0..<70_000).map { Int32($0 % 10) }
    let one = PartitionMetrics(assignments: .init(repeating: 0, count: labels.count), labels: labels)
    #expect(abs(one.accuracy - 0.1) < 1e-12 && one.nmi == 0 && abs(one.ari) < 1e-12)
    let perfect = PartitionMetrics(assignments: labels.map { ($0 + 3) % 10 }, labels: labels)
    #expect(perfect.accuracy == 1 && abs(perfect.nmi - 1) < 1e-12 && abs(perfect.ari - 1) < 1e-12)
  }

  @Test("A label of its own for every image costs no more memory than clusters times labels")
  func manyClasses() {
    let labels = (0..<20_000).map { Int32($0) }
    let found = PartitionMetrics(assignments: labels.map { $0 % 10 }, labels: labels)
    #expect(abs(found.accuracy - 10.0 / 20_000) < 1e-12 && abs(found.ari) < 1e-12)
    let swapped = PartitionMetrics(assignments: labels, labels: labels.map { $0 % 10 })
    #expect(found.accuracy == swapped.accuracy && abs(found.nmi - swapped.nmi) < 1e-12)
  }

  @Test("The agreement with other partitions is the mean NMI, and 1 with none")
  func agreement() {
    let one: [Int32] = [0, 0, 1, 1, 2, 2]
    let others: [[Int32]] = [[2, 2, 0, 0, 1, 1], [0, 0, 1, 1, 1, 1], [0, 1, 0, 1, 0, 1]]
    let expected = others.map { PartitionMetrics(assignments: one, labels: $0).nmi }.reduce(0, +) / 3
    #expect(abs(PartitionMetrics.agreement(of: one, with: others) - expected) < 1e-12)
    #expect(PartitionMetrics.agreement(of: one, with: [others[0]]) == 1)
    #expect(PartitionMetrics.agreement(of: one, with: []) == 1)
  }

  @Test("An empty table has the empty map")
  func emptyTable() { #expect(maximumAssignment([]).isEmpty) }
}
