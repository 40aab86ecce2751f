import Lanes
import MPI

/// The mean of the features of every cluster, `[clusters][features]`, and the clusters' sizes. **Collective.**
///
/// A cluster without images keeps its centre, or, where none is given, takes the place of one of the images that are
/// farthest from their own cluster's mean.
///
/// - Parameters:
///   - assignments: of this rank's images
///   - old: `[clusters][features]`, alike on all ranks: the centres before; nil where there are none
package func classMeans(
  _ data: borrowing FeatureSlice, _ assignments: [Int32], clusters: Int, keeping old: [Float]? = nil,
  _ reduction: GroupReduction
) throws -> (means: [Float], sizes: [Int]) {
  precondition(assignments.count == data.localImages)
  precondition(old.map { $0.count == clusters * data.features } ?? true)
  data.makeRows()
  let features = data.features
  let sums = AlignedBuffer<Float>(count: clusters * (features + 1))
  try assignments.withUnsafeBufferPointer {
    try addClusters(data, $0, clusters: clusters, reduction, to: sums.base)
  }
  let sizes = (0..<clusters).map { sums.base[clusters * features + $0] }
  var means = (0..<(clusters * features)).map { sums.base[$0] / max(sizes[$0 / features], 1) }
  let empty = sizes.indices.filter { sizes[$0] == 0 }
  if let old {
    for i in empty.flatMap({ ($0 * features)..<(($0 + 1) * features) }) { means[i] = old[i] }
  } else if !empty.isEmpty {
    let farthest = try farthestImages(data, empty.count, reduction.communicator) { group, lane in
      let cluster = assignments[group * laneCount + lane]
      let row = data.row(group, lane)
      let distance = (0..<features).reduce(Float(0)) {
        let difference = row[$1] - means[Int(cluster) * features + $1]
        return $0.addingProduct(difference, difference)
      }
      return (distance, cluster)
    }
    for (cluster, image) in zip(empty, farthest) {
      means.replaceSubrange((cluster * features)..<((cluster + 1) * features), with: image.row)
    }
  }
  return (means, sizes.map { Int($0) })
}

/// Adds up the rows of every cluster's images. **Collective.**
///
/// - Parameters:
///   - assignments: of this rank's images, at least
///   - sums: becomes `[clusters][features]` sums, then `[clusters]` counts
func addClusters(
  _ data: borrowing FeatureSlice, _ assignments: UnsafeBufferPointer<Int32>, clusters: Int,
  _ reduction: GroupReduction, to sums: UnsafeMutablePointer<Float>
) throws {
  let tree = ClusterSums(clusters: clusters, features: data.features, schedule: data.plan.local)
  for group in 0..<data.share.count {
    Whereabouts.beat()
    tree.add(
      group, data.row(group, 0), assignments.baseAddress! + group * laneCount, images: data.imageCount(group))
  }
  tree.fill()
  try reduction.totals(tree.sums, range: 0..<tree.sums.width, data.plan, into: sums)
}

/// Sums of rows and counts per cluster, added in the order of a `ReductionTree`: only the clusters that a lane group has images
/// of are cleared and added, at most 16 of perhaps thousands.
///
/// What is left out would add +0 to a number that is never −0: the bits are those of whole sums.
private struct ClusterSums: ~Copyable {
  /// Per node `[clusters][features]` sums, then `[clusters]` counts; as a whole only after `fill`.
  let sums: TreeSums<Float>
  private let clusters: Int
  private let features: Int
  /// Per node one bit for every cluster that has images in it, `[nodes][words]`.
  private let present: AlignedBuffer<UInt64>
  private let words: Int
  /// Whether all clusters are cleared and added: cheaper than to look for those with images while a node fits the first-level cache.
  private var whole: Bool { sums.width <= 8192 }

  init(clusters: Int, features: Int, schedule: ReductionTree.Schedule) {
    self.clusters = clusters
    self.features = features
    sums = TreeSums(width: clusters * (features + 1), schedule: schedule)
    words = (clusters + 63) / 64
    present = AlignedBuffer(count: words * max(schedule.depth, 1))
  }

  /// Leaf number `leaf`: `images` rows, `[images][features]`, of the clusters `assignments`. It is added to the nodes that it
  /// completes.
  func add(_ leaf: Int, _ rows: UnsafePointer<Float>, _ assignments: UnsafePointer<Int32>, images: Int) {
    let push = sums.schedule.pushes[leaf]
    let node = sums.node(push.slot)
    let bits = present.base + push.slot * words
    bits.update(repeating: whole ? ~0 : 0, count: words)
    if whole { clear(0..<clusters, of: node) }
    for image in 0..<images {
      let cluster = Int(assignments[image])
      let bit = UInt64(1) << UInt64(cluster % 64)
      if bits[cluster / 64] & bit == 0 { clear(cluster..<(cluster + 1), of: node) }
      bits[cluster / 64] |= bit
      addFloats(rows + image * features, to: node + cluster * features, count: features)
      node[clusters * features + cluster] += 1
    }
    if whole { return sums.add(leaf, range: 0..<sums.width) }
    for right in stride(from: push.slot, to: push.slot - push.merges, by: -1) {
      merge(right, into: right - 1)
    }
  }

  /// Clears what the remaining nodes have no images of.
  func fill() {
    for node in sums.schedule.remaining.indices {
      for word in 0..<words {
        forRuns(ofBits: ~present.base[node * words + word], word) { clear($0, of: sums.node(node)) }
      }
    }
  }

  @inline(__always)
  private func merge(_ right: Int, into left: Int) {
    let (source, target) = (sums.node(right), sums.node(left))
    for word in 0..<words {
      let added = present.base[right * words + word]
      let before = present.base[left * words + word]
      forRuns(ofBits: added & ~before, word) { clear($0, of: target) }
      forRuns(ofBits: added, word) {
        let first = $0.lowerBound * features
        addFloats(source + first, to: target + first, count: $0.count * features)
        let count = clusters * features + $0.lowerBound
        addFloats(source + count, to: target + count, count: $0.count)
      }
      present.base[left * words + word] = before | added
    }
  }

  @inline(__always)
  private func clear(_ run: Range<Int>, of node: UnsafeMutablePointer<Float>) {
    (node + run.lowerBound * features).update(repeating: 0, count: run.count * features)
    (node + clusters * features + run.lowerBound).update(repeating: 0, count: run.count)
  }

  /// Visits the clusters whose bits are set in word number `word`, neighbours together.
  @inline(__always)
  private func forRuns(ofBits bits: UInt64, _ word: Int, _ visit: (Range<Int>) -> Void) {
    let first = word * 64
    let end = min(clusters - first, 64)
    var rest = bits
    var place = 0
    while rest != 0 {
      place += rest.trailingZeroBitCount
      if place >= end { return }
      let length = (~(bits >> UInt64(place))).trailingZeroBitCount
      let next = min(place + length, end)
      visit((first + place)..<(first + next))
      if next >= 64 { return }
      place = next
      rest = bits >> UInt64(place)
    }
  }
}

/// The `count` images farthest from their centres, over all ranks, the farthest first. **Collective.**
///
/// - Parameter place: the distance of an image of this rank, by group and lane, and its cluster
func farthestImages(
  _ data: borrowing FeatureSlice, _ count: Int, _ communicator: borrowing Communicator,
  _ place: (_ group: Int, _ lane: Int) -> (distance: Float, cluster: Int32)
) throws -> [(row: [Float], cluster: Int32)] {
  var own: [(distance: Float, group: Int, lane: Int)] = []
  for group in 0..<data.share.count {
    for lane in 0..<data.imageCount(group) { own.append((place(group, lane).distance, group, lane)) }
  }
  own.sort { ($0.distance, $1.group, $1.lane) > ($1.distance, $0.group, $0.lane) }
  let mine = own.prefix(count)
  let features = data.features
  let stride = features + 2
  var packed: [Float] = []
  for image in mine {
    packed += [image.distance, Float(place(image.group, image.lane).cluster)]
    packed += UnsafeBufferPointer(start: data.row(image.group, image.lane), count: features)
  }
  // Ranks hold ascending images, so a stable order by distance is the same on any number of ranks.
  let all = try communicator.allGatherJoined(packed)
  let order = (0..<(all.count / stride)).sorted {
    (all[$0 * stride], $1) > (all[$1 * stride], $0)
  }
  return order.prefix(count).map {
    (Array(all[($0 * stride + 2)..<(($0 + 1) * stride)]), Int32(all[$0 * stride + 1]))
  }
}
