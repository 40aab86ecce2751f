/// Which part of a buffer belongs to which rank, in elements.
package struct Segments: Equatable, Sendable {
  /// The number of elements of each rank.
  package let counts: [Int]
  /// Where each rank's elements start.
  package let offsets: [Int]

  /// Segments that lie one after another without gaps.
  package init(counts: [Int]) {
    var offsets: [Int] = []
    offsets.reserveCapacity(counts.count)
    var total = 0
    for count in counts {
      offsets.append(total)
      total += count
    }
    self.init(counts: counts, offsets: offsets)
  }

  /// Segments at any place; those that are received into must not overlap.
  package init(counts: [Int], offsets: [Int]) {
    precondition(counts.count == offsets.count, "one offset per count")
    precondition(counts.allSatisfy { $0 >= 0 } && offsets.allSatisfy { $0 >= 0 }, "nothing is negative")
    self.counts = counts
    self.offsets = offsets
  }

  /// The number of elements that a buffer needs to hold all segments.
  package var extent: Int { zip(counts, offsets).map { $0 + $1 }.max() ?? 0 }

  /// The part of a buffer that belongs to `rank`.
  package func range(of rank: Int) -> Range<Int> { offsets[rank]..<(offsets[rank] + counts[rank]) }
}

/// Counts and displacements as MPI reads them.
struct MPISegments {
  let counts: [Int32]
  let displacements: [Int32]

  /// Throws where a number does not fit into 32 bits.
  init(_ segments: Segments, _ call: StaticString) throws(MPIError) {
    var (counts, displacements): ([Int32], [Int32]) = ([], [])
    for count in segments.counts { counts.append(try mpiCount(count, call)) }
    for offset in segments.offsets { displacements.append(try mpiCount(offset, call)) }
    (self.counts, self.displacements) = (counts, displacements)
  }
}
