internal import CLanes
import Lanes
import MPI

/// The nearest neighbours of this rank's images among all images.
package struct Neighbours: Sendable {
  /// Neighbours per image.
  package let count: Int
  /// Global image numbers, `[own images][count]`, the nearest first.
  package let images: [Int32]
  /// Squared distances, `[own images][count]`.
  package let distances: [Float]
}

/// The `count` nearest of all images of `keys` for every image of `queries` in feature space, exactly: all pairs, by
/// inner products. **Collective.**
///
/// A product's bits depend on its two vectors alone (`laneProducts`), and equal images are at the distance zero. A rank holds its own rows
/// and one block of keys.
///
/// - Parameter distinct: whether image i of `keys` is image i of `queries`, and not to be its own neighbour
/// - Complexity: n·m·d/ranks multiply-adds; m·d floats go over the wire to each rank.
package func nearestNeighbours(
  _ queries: borrowing FeatureSlice, among keys: borrowing FeatureSlice, count: Int, distinct: Bool,
  _ communicator: borrowing Communicator
) throws -> Neighbours {
  precondition(count >= 1 && count < keys.images + (distinct ? 0 : 1))
  precondition(keys.features == queries.features)
  queries.makeRows()
  let search = NeighbourSearch(queries, count: count, distinct: distinct)
  let all = keys.plan.tree.groups
  let received = AlignedBuffer<LaneVector>(count: NeighbourSearch.keyGroups * keys.features)
  for first in stride(from: 0, to: all, by: NeighbourSearch.keyGroups) {
    let block = first..<min(first + NeighbourSearch.keyGroups, all)
    for (rank, share) in keys.plan.shares.enumerated() {
      let part = share.clamped(to: block)
      if part.isEmpty { continue }
      let target = received.base + (part.lowerBound - first) * keys.features
      let vectors = part.count * keys.features
      if rank == communicator.rank {
        target.update(from: keys.group(part.lowerBound - share.lowerBound), count: vectors)
      }
      try communicator.broadcast(UnsafeMutableBufferPointer(start: target, count: vectors).floats, from: rank)
    }
    search.visit(received.base, block, keys: keys.images)
  }
  return search.result
}

/// The search of one rank: its queries and the best neighbours so far.
private struct NeighbourSearch: ~Copyable {
  /// Queries and groups of keys whose products are formed at a time: they and the keys stay in the cache.
  static let (queryBlock, keyGroups) = (96, 32)

  private let count: Int
  private let distinct: Bool
  private let features: Int
  /// The images of this rank.
  private let own: Range<Int>
  /// `[own][features]`
  private let queries: UnsafePointer<Float>
  /// `[queryBlock][keyGroups]` lane vectors.
  private let products: AlignedBuffer<LaneVector>
  private let keyNorms: AlignedBuffer<LaneVector>
  /// ‖key‖² − 2·query·key of the best so far, ascending, `[own][count]`.
  private let values: AlignedBuffer<Float>
  private let images: AlignedBuffer<Int32>

  init(_ data: borrowing FeatureSlice, count: Int, distinct: Bool) {
    self.count = count
    self.distinct = distinct
    features = data.features
    own = data.ownImages
    queries = UnsafePointer(data.rows.base)
    products = AlignedBuffer(count: Self.queryBlock * Self.keyGroups)
    keyNorms = AlignedBuffer(count: Self.keyGroups)
    values = AlignedBuffer(count: own.count * count, for: "neighbours")
    values.all.update(repeating: .infinity)
    images = AlignedBuffer(count: own.count * count, for: "neighbours")
    images.all.update(repeating: -1)
  }

  /// Compares every query with the images of the groups `block`, of `keys` images, whose features are `vectors`.
  func visit(_ vectors: UnsafePointer<LaneVector>, _ block: Range<Int>, keys: Int) {
    for (place, group) in block.enumerated() {
      let isImage = laneMask(images: min(laneCount, keys - group * laneCount)) .> 0
      keyNorms.base[place] = LaneVector(repeating: .infinity)
        .replacing(with: squaredNorms(vectors + place * features, count: features), where: isImage)
    }
    for first in stride(from: 0, to: own.count, by: Self.queryBlock) {
      Whereabouts.beat()
      let rows = min(Self.queryBlock, own.count - first)
      laneProducts(
        vectors, groupCount: block.count, rows: queries + first * features, rowCount: rows,
        features: features, to: products.base)
      for row in 0..<rows {
        select(
          products.base + row * block.count, groups: block.count, query: first + row,
          firstKey: block.lowerBound * laneCount)
      }
    }
  }

  /// Takes the keys of a block that are nearer than the farthest neighbour so far.
  @inline(__always)
  private func select(_ products: UnsafePointer<LaneVector>, groups: Int, query: Int, firstKey: Int) {
    let best = values.base + query * count
    let neighbours = images.base + query * count
    let number = own.lowerBound + query
    var limit = LaneVector(repeating: best[count - 1])
    let minusTwo = LaneVector(repeating: -2)
    for group in 0..<groups {
      let value = keyNorms.base[group].addingProduct(products[group], minusTwo)
      var nearer = dbc_less(value, limit)
      if nearer == 0 { continue }
      while nearer != 0 {
        let lane = nearer.trailingZeroBitCount
        nearer &= nearer - 1
        let image = firstKey &+ group &* laneCount &+ lane
        if image != number || !distinct { insert(value[lane], Int32(image), best, neighbours) }
      }
      limit = LaneVector(repeating: best[count - 1])
    }
  }

  /// Puts a value behind all that are not larger, if it is among the best; equal ones stay in ascending order.
  private func insert(
    _ value: Float, _ image: Int32, _ best: UnsafeMutablePointer<Float>,
    _ neighbours: UnsafeMutablePointer<Int32>
  ) {
    guard value < best[count - 1] else { return }
    var place = count - 1
    while place > 0, best[place - 1] > value {
      best[place] = best[place - 1]
      neighbours[place] = neighbours[place - 1]
      place -= 1
    }
    best[place] = value
    neighbours[place] = image
  }

  /// What was found, with distances.
  var result: Neighbours {
    var distances = [Float](repeating: 0, count: own.count * count)
    for query in 0..<own.count {
      Whereabouts.beat()
      let norm = squaredNorm(queries + query * features, count: features)
      for place in (query * count)..<((query + 1) * count) {
        distances[place] = max(0, norm + values.base[place])
      }
    }
    return Neighbours(count: count, images: Array(images.all), distances: distances)
  }
}

/// Σ x² of every lane of `count` lane vectors, in the order of `laneProducts`.
func squaredNorms(_ vectors: UnsafePointer<LaneVector>, count: Int) -> LaneVector {
  var norms = LaneVector.zero
  for i in 0..<count { norms = norms.addingProduct(vectors[i], vectors[i]) }
  return norms
}

/// Σ x² of a row, in the order of `laneProducts`.
func squaredNorm(_ row: UnsafePointer<Float>, count: Int) -> Float {
  var norm: Float = 0
  for i in 0..<count { norm = norm.addingProduct(row[i], row[i]) }
  return norm
}
