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
  let features = data.features
  let width = clusters * (features + 1)
  let leaves = TreeSums<Float>(width: width, schedule: data.plan.local)
  for group in 0..<data.share.count {
    Whereabouts.beat()
    let leaf = leaves.leaf(group)
    leaf.update(repeating: 0, count: width)
    for lane in 0..<data.imageCount(group) {
      let cluster = Int(assignments[group * laneCount + lane])
      addFloats(data.row(group, lane), to: leaf + cluster * features, count: features)
      leaf[clusters * features + cluster] += 1
    }
    leaves.add(group, range: 0..<width)
  }
  try reduction.totals(leaves, range: 0..<width, data.plan, into: sums)
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
