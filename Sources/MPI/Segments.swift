internal import COpenMPI

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

/// Counts, then displacements, as MPI reads them; they stay in place while an exchange is in flight.
struct MPISegments {
  let counts: UnsafeMutablePointer<Int32>
  let displacements: UnsafeMutablePointer<Int32>

  /// Allocates the two tables; throws where a number does not fit into 32 bits.
  init(_ segments: Segments, _ call: StaticString) throws(MPIError) {
    let ranks = segments.counts.count
    for number in segments.counts + segments.offsets { _ = try mpiCount(number, call) }
    counts = .allocate(capacity: 2 * ranks)
    displacements = counts + ranks
    for rank in 0..<ranks {
      counts[rank] = Int32(segments.counts[rank])
      displacements[rank] = Int32(segments.offsets[rank])
    }
  }

  func free() { counts.deallocate() }
}
