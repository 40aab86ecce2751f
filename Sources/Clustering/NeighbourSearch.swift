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
/// matrix products. **Collective.**
///
/// Every product is a block of 256 queries × 512 keys whose place in the data set is fixed, so that its bits do not
/// depend on the number of ranks. A rank holds its own rows and one block of keys.
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
  keys.makeRows()
  let search = NeighbourSearch(queries, count: count, distinct: distinct)
  let rows = AlignedBuffer<Float>(count: NeighbourSearch.keyBlock * keys.features)
  for first in stride(from: 0, to: keys.images, by: NeighbourSearch.keyBlock) {
    let block = first..<min(first + NeighbourSearch.keyBlock, keys.images)
    rows.clear()
    for (rank, share) in keys.plan.shares.enumerated() {
      let owned = keys.imageNumbers(share)
      let part = owned.clamped(to: block)
      if part.isEmpty { continue }
      let target = rows.base + (part.lowerBound - first) * keys.features
      let floats = part.count * keys.features
      if rank == communicator.rank {
        target.update(
          from: keys.rows.base + (part.lowerBound - owned.lowerBound) * keys.features, count: floats)
      }
      try communicator.broadcast(UnsafeMutableBufferPointer(start: target, count: floats), from: rank)
    }
    search.visit(rows.base, block)
  }
  return search.result
}

/// The search of one rank: its queries and the best neighbours so far.
private struct NeighbourSearch: ~Copyable {
  static let queryBlock = 256
  static let keyBlock = 512

  private let count: Int
  private let distinct: Bool
  private let features: Int
  /// The images of this rank.
  private let own: Range<Int>
  /// The first image of the first block, a multiple of `queryBlock`.
  private let start: Int
  private let blocks: Int
  /// `[blocks·queryBlock][features]`, zero where the images are not this rank's.
  private let queries: AlignedBuffer<Float>
  private let products: AlignedBuffer<Float>
  private let keyNorms: AlignedBuffer<LaneVector>
  /// ‖key‖² − 2·query·key of the best so far, ascending, `[own][count]`.
  private let values: AlignedBuffer<Float>
  private let images: AlignedBuffer<Int32>

  init(_ data: borrowing FeatureSlice, count: Int, distinct: Bool) {
    self.count = count
    self.distinct = distinct
    features = data.features
    own = data.ownImages
    start = own.lowerBound / Self.queryBlock * Self.queryBlock
    blocks = own.isEmpty ? 0 : (own.upperBound - start + Self.queryBlock - 1) / Self.queryBlock
    queries = AlignedBuffer(count: blocks * Self.queryBlock * features, for: "queries")
    (queries.base + (own.lowerBound - start) * features).update(
      from: data.rows.base, count: own.count * features)
    products = AlignedBuffer(count: Self.queryBlock * Self.keyBlock)
    keyNorms = AlignedBuffer(count: Self.keyBlock / laneCount)
    values = AlignedBuffer(count: own.count * count, for: "neighbours")
    values.all.update(repeating: .infinity)
    images = AlignedBuffer(count: own.count * count, for: "neighbours")
    images.all.update(repeating: -1)
  }

  /// Compares every query with the images `block`, whose rows are `keys`, padded with zero rows.
  func visit(_ keys: UnsafePointer<Float>, _ block: Range<Int>) {
    let norms = UnsafeMutableRawPointer(keyNorms.base).assumingMemoryBound(to: Float.self)
    for key in 0..<Self.keyBlock {
      norms[key] = key < block.count ? squaredNorm(keys + key * features, count: features) : .infinity
    }
    for number in 0..<blocks {
      Whereabouts.beat()
      let first = start + number * Self.queryBlock
      BLAS.multiplyTransposed(
        queries.base + number * Self.queryBlock * features, keys, to: products.base, rows: Self.queryBlock,
        columns: Self.keyBlock, inner: features)
      for query in (first..<(first + Self.queryBlock)).clamped(to: own) {
        select(products.base + (query - first) * Self.keyBlock, query, firstKey: block.lowerBound)
      }
    }
  }

  /// Takes the keys of a block that are nearer than the farthest neighbour so far.
  @inline(__always)
  private func select(_ products: UnsafePointer<Float>, _ query: Int, firstKey: Int) {
    let vectors = UnsafeRawPointer(products).assumingMemoryBound(to: LaneVector.self)
    let best = values.base + (query - own.lowerBound) * count
    let neighbours = images.base + (query - own.lowerBound) * count
    var limit = LaneVector(repeating: best[count - 1])
    let minusTwo = LaneVector(repeating: -2)
    for vector in 0..<(Self.keyBlock / laneCount) {
      let value = keyNorms.base[vector].addingProduct(vectors[vector], minusTwo)
      var nearer = dbc_less(value, limit)
      if nearer == 0 { continue }
      while nearer != 0 {
        let lane = nearer.trailingZeroBitCount
        nearer &= nearer - 1
        let image = firstKey &+ vector &* laneCount &+ lane
        if image != query || !distinct { insert(value[lane], Int32(image), best, neighbours) }
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
      let norm = squaredNorm(queries.base + (own.lowerBound - start + query) * features, count: features)
      for place in (query * count)..<((query + 1) * count) {
        distances[place] = max(0, norm + values.base[place])
      }
    }
    return Neighbours(count: count, images: Array(images.all), distances: distances)
  }
}

/// Σ x² of a row, in sixteen partial sums.
private func squaredNorm(_ row: UnsafePointer<Float>, count: Int) -> Float {
  var sum = LaneVector.zero
  let whole = count / laneCount * laneCount
  for first in stride(from: 0, to: whole, by: laneCount) {
    let vector = UnsafeRawPointer(row + first).loadUnaligned(as: LaneVector.self)
    sum = sum.addingProduct(vector, vector)
  }
  for i in whole..<count { sum[i - whole] = sum[i - whole].addingProduct(row[i], row[i]) }
  return Float(sum.doubleSum())
}
