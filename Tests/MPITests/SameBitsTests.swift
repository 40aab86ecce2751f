import Support
import Testing

/// Sums and partitions that must not depend on the number of ranks.
@Suite(.serialized) struct SameBitsTests {
  @Test("Sums over lane groups have the bits of one process", arguments: rankCounts + [5, 7, 8])
  func reduction(ranks: Int) throws {
    try expectPasses(
      "reduction", ["fixed-order-doubles", "fixed-order-floats", "native-agrees", "late-ranks"], ranks: ranks)
  }

  @Test("k-means and targets have the same bits on any number of ranks and nodes")
  func clustering() throws {
    var digests: Set<String> = []
    for ranks in rankCounts + [7] {
      let result = try launch("clustering", ranks: ranks)
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
      let lines = result.output.split(separator: "\n").filter { $0.hasPrefix("digest") }.map(String.init)
      #expect(lines.count == (ranks == 1 ? 3 : 5), "\(result)")
      digests.formUnion(lines)
    }
    #expect(digests.count == 2, "one for k-means, one for the targets: \(digests.sorted())")
  }

  @Test("neighbours, eigenvectors and partitions of the graph have the same bits on any number of ranks")
  func graph() throws {
    var digests: Set<String> = []
    for ranks in rankCounts + [7] {
      let result = try launch("graph", ranks: ranks)
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
      digests.formUnion(
        result.output.split(separator: "\n").filter { $0.hasPrefix("digest") }.map(String.init))
    }
    #expect(digests.count == 1, "\(digests.sorted())")
  }
}
