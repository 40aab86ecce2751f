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
/// and one block of keys. Of equally near images those of lower numbers are taken.
///
/// - Complexity: n·m·d/ranks multiply-adds; m·d floats go over the wire to each rank.
package func nearestNeighbours(
  _ queries: borrowing FeatureSlice, among keys: borrowing FeatureSlice, count: Int,
  _ communicator: borrowing Communicator
) throws -> Neighbours {
  precondition(count >= 1 && count <= keys.images)
  precondition(keys.features == queries.features)
  queries.makeRows()
  let search = NeighbourSearch(queries, lists: NearestLists(of: queries.ownImages, count: count))
  try forEachBlock(of: keys, communicator) { search.visit($0, queries: queries.ownImages, .queries) }
  return search.result
}

/// The `count` nearest of all other images for every image of `data`, as above. **Collective.**
///
/// The distance of two images is that from the one and from the other: each pair's product is formed once, and both may take it. Pairs are
/// those of blocks of lane groups. Of the blocks A < B, those with A do it where A + B is even, else those with B: so every rank has
/// to do with about half of its own blocks, whichever block it has been sent.
///
/// - Complexity: n²·d/(2·ranks) multiply-adds; n·d floats go over the wire to each rank, and n·count neighbours from each.
package func nearestNeighbours(
  of data: borrowing FeatureSlice, count: Int, _ communicator: borrowing Communicator
) throws -> Neighbours {
  precondition(count >= 1 && count < data.images)
  data.makeRows()
  let search = NeighbourSearch(data, lists: NearestLists(of: 0..<data.images, count: count))
  let length = NeighbourSearch.keyGroups
  let blocks = (data.plan.tree.groups + length - 1) / length
  try forEachBlock(of: data, communicator) { keys in
    let key = keys.groups.lowerBound / length
    for own in 0..<blocks {
      let queries = data.imageNumbers((own * length..<(own + 1) * length).clamped(to: data.share))
      let isDoneHere = own == key || ((own + key) % 2 == 0) == (own < key)
      if queries.isEmpty || !isDoneHere { continue }
      search.visit(keys, queries: queries, own == key ? .others : .both)
    }
  }
  try search.lists.exchange(data, communicator)
  return search.result
}

/// A block of lane groups of the images that queries are compared with.
private struct KeyBlock {
  /// The features, `[groups][features]` lane vectors.
  let vectors: UnsafePointer<LaneVector>
  let groups: Range<Int>
  /// ‖key‖² of every lane, infinite in padding lanes; `[groups]`.
  let norms: UnsafePointer<LaneVector>
  /// Images of all blocks.
  let images: Int

  /// The first image of the block.
  var firstImage: Int { groups.lowerBound * laneCount }
}

/// Gives all ranks the features of all images, a block of lane groups at a time. **Collective.**
private func forEachBlock(
  of keys: borrowing FeatureSlice, _ communicator: borrowing Communicator,
  _ visit: (KeyBlock) -> Void
) throws {
  let all = keys.plan.tree.groups
  let received = AlignedBuffer<LaneVector>(count: NeighbourSearch.keyGroups * keys.features)
  let norms = AlignedBuffer<LaneVector>(count: NeighbourSearch.keyGroups)
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
    for (place, group) in block.enumerated() {
      let isImage = laneMask(images: min(laneCount, keys.images - group * laneCount)) .> 0
      norms.base[place] = LaneVector(repeating: .infinity)
        .replacing(
          with: squaredNorms(received.base + place * keys.features, count: keys.features), where: isImage)
    }
    visit(KeyBlock(vectors: received.base, groups: block, norms: norms.base, images: keys.images))
  }
}

/// The nearest images so far of some images: for each their values, ascending, and numbers, of equal values the lower number first.
private struct NearestLists: ~Copyable {
  let images: Range<Int>
  let count: Int
  /// ‖other‖² − 2·image·other of the best so far, `[images][count]`.
  private let values: AlignedBuffer<Float>
  private let others: AlignedBuffer<Int32>

  init(of images: Range<Int>, count: Int) {
    (self.images, self.count) = (images, count)
    values = AlignedBuffer(count: images.count * count, for: "neighbours")
    values.all.update(repeating: .infinity)
    others = AlignedBuffer(count: images.count * count, for: "neighbours")
    others.all.update(repeating: .max)
  }

  /// Where the list of image `image` begins.
  private func start(_ image: Int) -> Int { (image - images.lowerBound) * count }

  /// What a value has to be less than to be one of the best of image `image`, where its number is low enough.
  func limit(_ image: Int) -> Float { values.base[start(image) + count - 1].nextUp }

  /// Puts `other` into the list of `image`, if it is among the best.
  func insert(_ value: Float, _ other: Int32, into image: Int) {
    let best = values.base + start(image)
    let numbers = others.base + start(image)
    func isBehind(_ place: Int) -> Bool { (best[place], numbers[place]) > (value, other) }
    var place = count - 1
    guard isBehind(place) else { return }
    while place > 0, isBehind(place - 1) {
      best[place] = best[place - 1]
      numbers[place] = numbers[place - 1]
      place -= 1
    }
    best[place] = value
    numbers[place] = other
  }

  /// Brings the lists of this rank's images of `data` together with those that other ranks have of them. The lists are of all images.
  /// **Collective.**
  func exchange(_ data: borrowing FeatureSlice, _ communicator: borrowing Communicator) throws {
    let sending = Segments(counts: data.plan.shares.map { data.imageNumbers($0).count * count })
    let own = data.ownImages
    let receiving = Segments(counts: Array(repeating: own.count * count, count: communicator.size))
    let received = AlignedBuffer<Float>(count: receiving.extent)
    let numbers = AlignedBuffer<Int32>(count: receiving.extent)
    try communicator.allToAllV(
      UnsafeBufferPointer(values.all), sending: sending, into: received.all, receiving: receiving)
    try communicator.allToAllV(
      UnsafeBufferPointer(others.all), sending: sending, into: numbers.all, receiving: receiving)
    for rank in 0..<communicator.size where rank != communicator.rank {
      for (place, entry) in receiving.range(of: rank).enumerated() {
        insert(received.base[entry], numbers.base[entry], into: own.lowerBound + place / count)
      }
    }
  }

  /// What was found of `own`, some of the images, whose squared lengths are `norms`.
  func result(of own: Range<Int>, norms: [Float]) -> Neighbours {
    let entries = start(own.lowerBound)..<start(own.upperBound)
    let distances = entries.enumerated().map { max(0, norms[$0 / count] + values.base[$1]) }
    return Neighbours(count: count, images: Array(others.all[entries]), distances: distances)
  }
}

/// The search of one rank among blocks of keys.
private struct NeighbourSearch: ~Copyable {
  /// Queries and groups of keys whose products are formed at a time: they and the keys stay in the cache.
  static let (queryBlock, keyGroups) = (96, 32)

  /// Who takes the products of a block.
  enum Takers {
    /// The queries, themselves as well.
    case queries
    /// The queries, others than themselves.
    case others
    /// The queries, and the keys, of which no query is one.
    case both
  }

  let lists: NearestLists
  private let features: Int
  /// The images of this rank.
  private let own: Range<Int>
  /// `[own][features]`
  private let rows: UnsafePointer<Float>
  /// Squared lengths of the rows.
  private let norms: [Float]
  /// `[queryBlock][keyGroups]` lane vectors.
  private let products: AlignedBuffer<LaneVector>
  /// What values have to be less than for the keys to take them.
  private let keyLimits: AlignedBuffer<LaneVector>

  init(_ data: borrowing FeatureSlice, lists: consuming NearestLists) {
    self.lists = lists
    features = data.features
    own = data.ownImages
    let (rows, features) = (UnsafePointer(data.rows.base), data.features)
    self.rows = rows
    norms = (0..<own.count).map {
      Whereabouts.beat()
      return squaredNorm(rows + $0 * features, count: features)
    }
    products = AlignedBuffer(count: Self.queryBlock * Self.keyGroups)
    keyLimits = AlignedBuffer(count: Self.keyGroups)
  }

  private func row(_ image: Int) -> UnsafePointer<Float> { rows + (image - own.lowerBound) * features }

  /// Compares the images `queries`, some of this rank's, with `keys`.
  func visit(_ keys: KeyBlock, queries: Range<Int>, _ takers: Takers) {
    if takers == .both { setLimits(keys) }
    for first in stride(from: queries.lowerBound, to: queries.upperBound, by: Self.queryBlock) {
      Whereabouts.beat()
      let images = first..<min(first + Self.queryBlock, queries.upperBound)
      laneProducts(
        keys.vectors, groupCount: keys.groups.count, rows: row(first), rowCount: images.count,
        features: features, to: products.base)
      for query in images {
        let line = products.base + (query - first) * keys.groups.count
        take(line, keys, query: query, except: takers == .queries ? -1 : query)
        if takers == .both { give(line, keys, query: query) }
      }
    }
  }

  /// `keyLimits` of `keys`; padding lanes take nothing.
  private func setLimits(_ keys: KeyBlock) {
    for (place, group) in keys.groups.enumerated() {
      var limits = LaneVector(repeating: -.infinity)
      for lane in 0..<min(laneCount, keys.images - group * laneCount) {
        limits[lane] = lists.limit(group * laneCount + lane)
      }
      keyLimits.base[place] = limits
    }
  }

  /// The query takes the keys of a block that are nearer than the farthest neighbour so far.
  @inline(__always)
  private func take(_ products: UnsafePointer<LaneVector>, _ keys: KeyBlock, query: Int, except: Int) {
    var limit = LaneVector(repeating: lists.limit(query))
    let minusTwo = LaneVector(repeating: -2)
    for group in 0..<keys.groups.count {
      let value = keys.norms[group].addingProduct(products[group], minusTwo)
      var nearer = dbc_less(value, limit)
      if nearer == 0 { continue }
      while nearer != 0 {
        let lane = nearer.trailingZeroBitCount
        nearer &= nearer - 1
        let image = keys.firstImage &+ group &* laneCount &+ lane
        if image != except { lists.insert(value[lane], Int32(image), into: query) }
      }
      limit = LaneVector(repeating: lists.limit(query))
    }
  }

  /// The keys of a block take the query, where it is nearer than their farthest neighbour so far.
  @inline(__always)
  private func give(_ products: UnsafePointer<LaneVector>, _ keys: KeyBlock, query: Int) {
    let norm = LaneVector(repeating: norms[query - own.lowerBound])
    let minusTwo = LaneVector(repeating: -2)
    for group in 0..<keys.groups.count {
      let value = norm.addingProduct(products[group], minusTwo)
      var nearer = dbc_less(value, keyLimits.base[group])
      while nearer != 0 {
        let lane = nearer.trailingZeroBitCount
        nearer &= nearer - 1
        let key = keys.firstImage &+ group &* laneCount &+ lane
        lists.insert(value[lane], Int32(query), into: key)
        keyLimits.base[group][lane] = lists.limit(key)
      }
    }
  }

  /// What was found of this rank's images.
  var result: Neighbours { lists.result(of: own, norms: norms) }
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
