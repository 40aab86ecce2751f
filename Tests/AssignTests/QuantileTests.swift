import Clustering
import Testing

/// The table of the training images' distances.
@Suite struct QuantileTests {
  /// Points on a line around the centres 0 and 100, and an empty cluster at 1000.
  private static func table(_ first: [Float], _ second: [Float]) -> DistanceQuantiles {
    let rows = first + second.map { 100 + $0 }
    let clusters = first.map { _ in Int32(0) } + second.map { _ in 1 }
    return DistanceQuantiles(rows, features: 1, assignments: clusters, centres: [0, 100, 1000])
  }

  @Test(
    "with up to 101 images the share is exact, and 1 is farther than all", arguments: [1, 2, 7, 100, 101])
  func exact(count: Int) {
    let distances = (0..<count).map { Float($0 * $0 + 1) }
    let table = Self.table(distances.reversed().map { -$0 }, [3])
    #expect(table.sizes == [count, 1, 0])
    for (place, distance) in distances.enumerated() {
      #expect(table.shareNearer(than: distance, in: 0) == Float(place) / Float(count))
      #expect(table.shareNearer(than: distance.nextUp, in: 0) == Float(place + 1) / Float(count))
    }
    #expect(table.shareNearer(than: 0, in: 0) == 0)
    #expect(table.shareNearer(than: 3, in: 1) == 0 && table.shareNearer(than: 4, in: 1) == 1)
    #expect(table.shareNearer(than: 0.5, in: 2) == 1)
  }

  @Test(
    "with more images the share is within one of a hundred, grows with the distance, and is below 1 within")
  func many() {
    let count = 12345
    var distances = (0..<count).map { Float(($0 * 7919) % count) * 0.25 }
    // Many of the same distance.
    for place in 0..<2000 { distances[place] = 700 }
    let table = Self.table(distances, [])
    let sorted = distances.sorted()
    var last: Float = 0
    for (place, distance) in sorted.enumerated() {
      let share = table.shareNearer(than: distance, in: 0)
      let nearer = sorted[..<place].last { $0 < distance }.map { sorted.lastIndex(of: $0)! + 1 } ?? 0
      if place % 97 == 0 {
        #expect(abs(share - Float(nearer) / Float(count)) <= 0.0101, "\(place)")
      }
      #expect(share >= last && share < 1)
      last = share
    }
    #expect(table.shareNearer(than: sorted.last!.nextUp, in: 0) == 1)
  }
}
