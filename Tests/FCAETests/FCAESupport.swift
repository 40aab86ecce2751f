import FCAE
import Lanes

/// The statistics of one process: its groups are all there are.
struct OneProcess: StatisticsReduction {
  func totals(_ sums: borrowing TreeSums<Double>) throws -> [Double] { Array(sums.nodes) }
}

/// A mini-batch of `images` images in one process.
func batchContext(images: Int) -> BatchContext {
  let groups = laneGroups(images: images)
  return BatchContext(
    images: images, normalizedImages: images,
    masks: (0..<groups).map { laneMask(images: min(laneCount, images - $0 * laneCount)) },
    schedule: ReductionTree(groups: groups).schedule(groups: 0..<groups), statistics: OneProcess())
}

/// A small network with everything in it: padding, a pool that drops a column, no pool, a feature layer.
func testArchitecture() throws -> Architecture {
  try Architecture(
    name: "test", channels: 2, rows: 10, columns: 10,
    stages: [
      .init(kernel: 4, channels: 3, pool: true),  // 7 × 7 → 3 × 3
      .init(kernel: 3, channels: 4, padding: 1),  // 3 × 3
      .init(kernel: 3, channels: 6),  // 1 × 1
    ])
}

/// Fills the mini-batch with smooth pseudo-random images in 0…1.
func fillImages(_ network: borrowing AutoEncoder, images: Int, seed: UInt64 = 3) {
  for group in 0..<laneGroups(images: images) {
    let into = network.imageGroup(group)
    for lane in 0..<laneCount {
      var random = CounterRandom(seed: seed, purpose: .glyphs, index: group * laneCount + lane)
      for i in 0..<network.imageCount {
        into[i][lane] = group * laneCount + lane < images ? Float(random.uniform()) : 0
      }
    }
  }
}
