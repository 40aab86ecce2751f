import Clustering
import Foundation
import Lanes
import Testing

@Suite struct MapTests {
  private typealias Rows = [[Float]]

  /// `count` rows of eight numbers around each of `clouds` places far from each other.
  private func clouds(_ clouds: Int, of count: Int) -> Rows {
    var random = CounterRandom(seed: 3, purpose: .kmeans)
    let centres = (0..<clouds).map { _ in (0..<8).map { _ in Float(random.normal()) * 10 } }
    return (0..<(clouds * count)).map { row in centres[row % clouds].map { $0 + Float(random.normal()) } }
  }

  /// The `count` nearest of `keys` for every row, by brute force; without the row of the same number where `distinct`.
  private func table(_ rows: Rows, among keys: Rows, count: Int, distinct: Bool) -> NeighbourTable {
    var (images, distances): ([Int32], [Float]) = ([], [])
    for (number, row) in rows.enumerated() {
      var all: [(distance: Float, image: Int32)] = []
      for (image, key) in keys.enumerated() where image != number || !distinct {
        all.append((zip(row, key).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }, Int32(image)))
      }
      let nearest = all.sorted(by: <).prefix(count)
      images += nearest.map(\.image)
      distances += nearest.map(\.distance)
    }
    return NeighbourTable(
      count: min(count, keys.count - (distinct ? 1 : 0)), images: images, distances: distances)
  }

  private func map(_ rows: Rows, neighbours: Int = 10, seed: UInt64 = 1) -> Rows {
    let table = table(rows, among: rows, count: neighbours, distinct: true)
    let points = rows.flatMap(\.self).withUnsafeBufferPointer {
      EmbeddingMap(features: $0, dimensions: rows[0].count, neighbours: table, seed: seed).points
    }
    return pairs(points)
  }

  private func pairs(_ points: [Float]) -> Rows {
    stride(from: 0, to: points.count, by: 2).map { [points[$0], points[$0 + 1]] }
  }

  /// How far from being neighbours those are that a map shows as neighbours: 1 where all of them are (Venna and Kaski 2001).
  private func trustworthiness(_ map: Rows, of rows: Rows, neighbours: Int) -> Double {
    let n = rows.count
    let all = table(rows, among: rows, count: n - 1, distinct: true)
    let shown = table(map, among: map, count: neighbours, distinct: true)
    var penalty = 0
    for row in 0..<n {
      let order = Array(all.images[(row * (n - 1))..<((row + 1) * (n - 1))])
      for entry in (row * neighbours)..<((row + 1) * neighbours) {
        penalty += max(0, order.firstIndex(of: shown.images[entry])! + 1 - neighbours)
      }
    }
    return 1 - 2 * Double(penalty) / Double(n * neighbours * (2 * n - 3 * neighbours - 1))
  }

  /// The share of the places whose five nearest are all of the row's own cloud.
  private func share(inOwnCloud map: Rows, among keys: Rows, clouds: Int, distinct: Bool) -> Double {
    let shown = table(map, among: keys, count: 5, distinct: distinct)
    let own = map.indices.filter { row in
      shown.images[(row * 5)..<(row * 5 + 5)].allSatisfy { Int($0) % clouds == row % clouds }
    }
    return Double(own.count) / Double(map.count)
  }

  @Test("clouds of points stay apart, whether their graph is connected or not", arguments: [5, 10, 40])
  func clouds(neighbours: Int) {
    let rows = clouds(6, of: 30)
    let map = map(rows, neighbours: neighbours)
    #expect(share(inOwnCloud: map, among: map, clouds: 6, distinct: true) > 0.98)
    #expect(trustworthiness(map, of: rows, neighbours: 10) > 0.9)
  }

  @Test("neighbours on a ring, and on a grid in space, stay neighbours")
  func ringAndGrid() {
    let ring: Rows = (0..<300).map { step in
      let angle = 2 * Double.pi * Double(step) / 300
      return [Float(cos(angle)), Float(sin(angle)), 0.3 * Float(sin(2 * angle))]
    }
    #expect(trustworthiness(map(ring, neighbours: 6), of: ring, neighbours: 6) > 0.99)
    let grid: Rows = (0..<400).map { cell in
      let (x, y) = (Float(cell % 20), Float(cell / 20))
      return [x, 0.8 * y, 0.6 * y, 5]
    }
    #expect(trustworthiness(map(grid), of: grid, neighbours: 10) > 0.97)
  }

  @Test("a seed gives the same bits again, and another seed another map")
  func sameBits() {
    let rows = clouds(4, of: 25)
    #expect(map(rows) == map(rows))
    #expect(map(rows) != map(rows, seed: 2))
  }

  @Test("few images: as many places, all different", arguments: [1, 2, 3, 4, 15, 16, 17, 18, 33, 49])
  func few(images: Int) {
    let map = map(clouds(1, of: images), neighbours: max(1, min(10, images - 1)))
    #expect(map.count == images && Set(map).count == images)
    #expect(map.joined().allSatisfy { abs($0) < 100 })
  }

  @Test("equal images, one number per image, numbers that overflow or are none: places are finite")
  func degenerate() {
    let equal = Rows(repeating: [1, 2, 3], count: 60)
    let line: Rows = (0..<60).map { [Float($0)] }
    let large: Rows = (0..<60).map { [Float($0) * 1e30, -3e37] }
    var broken = line
    broken[7] = [.nan]
    broken[9] = [.infinity]
    for rows in [equal, line, large, broken] {
      let map = map(rows)
      #expect(map.count == 60 && map.joined().allSatisfy { abs($0) < 1000 })
    }
    let lacking = NeighbourTable(count: 1, images: [-1, 0], distances: [.infinity, .nan])
    let points = [Float](arrayLiteral: 0, 1).withUnsafeBufferPointer {
      EmbeddingMap(features: $0, dimensions: 1, neighbours: lacking, seed: 0).points
    }
    #expect(points.count == 4 && points.allSatisfy(\.isFinite))
    #expect(EmbeddingMap.placed(lacking, among: points) == [0, 0] + points[0..<2])
    let none = NeighbourTable(count: 0, images: [], distances: [])
    let empty = UnsafeBufferPointer<Float>(start: nil, count: 0)
    #expect(EmbeddingMap(features: empty, dimensions: 3, neighbours: none, seed: 0).points.isEmpty)
    #expect(EmbeddingMap.placed(none, among: points).isEmpty)
  }

  @Test("further images stand among their cloud, and one that is in the map where it stands there")
  func placing() {
    let all = clouds(6, of: 60)
    let (rows, others) = (Array(all[..<180]), Array(all[180...]))
    let map = map(rows)
    let points = map.flatMap(\.self)
    let placed = pairs(
      EmbeddingMap.placed(table(others, among: rows, count: 8, distinct: false), among: points))
    #expect(share(inOwnCloud: placed, among: map, clouds: 6, distinct: false) > 0.98)
    #expect(
      EmbeddingMap.placed(table(rows, among: rows, count: 8, distinct: false), among: points) == points)
  }

  @Test("an image between two places of the map stands at that with more weight, not in the gap")
  func gap() {
    let table = NeighbourTable(count: 3, images: [0, 1, 2], distances: [1, 1.25, 1.25])
    let placed = EmbeddingMap.placed(table, among: [50, 0, 0, 0.3, 0, -0.3])
    #expect(abs(placed[0]) < 0.1 && abs(placed[1]) <= 0.3)
    let alone = EmbeddingMap.placed(
      NeighbourTable(count: 2, images: [0, 1], distances: [1, 4]), among: [8, 0, 0, 0])
    #expect(abs(alone[0] - 8) < 0.1 && alone[1] == 0)
  }
}
