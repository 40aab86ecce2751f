import Lanes
import MPI

extension LloydRun {
  /// Greedy k-means++ seeds: every next centre is the best of 2 + ⌊ln K⌋ images drawn with probability proportional
  /// to the squared distance to the nearest centre so far. **Collective.**
  mutating func seed(_ data: borrowing FeatureSlice, restart: Int) throws {
    if let start = options.start {
      precondition(start.count == centres.count, "one starting centre per cluster")
      centres = start
      return
    }
    var random = CounterRandom(seed: options.seed, purpose: .kmeans, epoch: restart)
    let first = Int(random.next() % UInt64(data.images))
    let start = try rows(data, ofImages: [first])
    centres.replaceSubrange(0..<features, with: start)
    for group in 0..<data.share.count { distances.base[group] = LaneVector(repeating: .infinity) }
    _ = try tryCentres(data, start, count: 1, keep: 0)
    let trials = 2 + Int(Elementary.log(Double(clusters)))
    for cluster in 1..<max(clusters, 1) {
      let thresholds = (0..<trials).map { _ in random.uniform() }
      let images = try drawByDistance(data, thresholds)
      let candidates = try rows(data, ofImages: images)
      let potentials = try tryCentres(data, candidates, count: trials, keep: nil)
      let best = potentials.indices.min { potentials[$0] < potentials[$1] } ?? 0
      let chosen = Array(candidates[(best * features)..<((best + 1) * features)])
      _ = try tryCentres(data, chosen, count: 1, keep: 0)
      centres.replaceSubrange((cluster * features)..<((cluster + 1) * features), with: chosen)
    }
  }

  /// Σ over all images of the squared distance to the nearest centre if candidate j were added, for every j; with
  /// `keep`, `distances` becomes what candidate `keep` makes of it. **Collective.**
  private func tryCentres(
    _ data: borrowing FeatureSlice, _ candidates: [Float], count: Int, keep: Int?
  ) throws -> [Double] {
    let candidateNorms = squaredNorms(ofRows: candidates, features: features)
    let totals = TreeSums<Double>(width: count, schedule: data.plan.local)
    forEachGroup(data, candidates, count: count, in: products.base) { group, products, stride in
      let mask = laneMask(images: data.imageCount(group))
      let leaf = totals.leaf(group)
      let before = distances.base[group]
      for candidate in 0..<count {
        var distance = (norms.base[group] + candidateNorms[candidate]).addingProduct(
          products[candidate * stride], -2)
        distance = distance.replacing(with: 0, where: distance .< 0)
        distance = distance.replacing(with: before, where: before .< distance)
        distance = distance.replacing(with: 0, where: mask .== 0)
        leaf[candidate] = distance.doubleSum()
        if candidate == keep { distances.base[group] = distance }
      }
      totals.add(group)
    }
    return try reduction.totals(totals, data.plan)
  }

  /// The images at the given shares (0…1) of the cumulated squared distances over the whole data set. **Collective.**
  private func drawByDistance(_ data: borrowing FeatureSlice, _ shares: [Double]) throws -> [Int] {
    let own = (0..<data.share.count).map { distances.base[$0].doubleSum() }
    let groupSums = try reduction.communicator.allGatherJoined(own)
    let total = groupSums.reduce(0, +)
    var found: [Int64] = []
    for share in shares {
      var rest = share * total
      var group = 0
      while group < groupSums.count - 1, rest >= groupSums[group] {
        rest -= groupSums[group]
        group += 1
      }
      found.append(data.share.contains(group) ? Int64(imageAt(rest, group, data)) : -1)
    }
    return try reduction.communicator.allReduce(found, .max).map { Int($0) }
  }

  /// The image of this rank's group with global number `group` at which the cumulated distances pass `rest`.
  private func imageAt(_ rest: Double, _ group: Int, _ data: borrowing FeatureSlice) -> Int {
    let own = group - data.share.lowerBound
    var rest = rest
    for lane in 0..<(data.imageCount(own) - 1) {
      rest -= Double(distances.base[own][lane])
      if rest < 0 { return group * laneCount + lane }
    }
    return group * laneCount + data.imageCount(own) - 1
  }

  /// The feature rows of `images`, wherever they are: `[images][features]`. **Collective.**
  private func rows(_ data: borrowing FeatureSlice, ofImages images: [Int]) throws -> [Float] {
    var result = [Float](repeating: 0, count: images.count * features)
    for (number, image) in images.enumerated() where data.share.contains(image / laneCount) {
      let row = data.row(image / laneCount - data.share.lowerBound, image % laneCount)
      for feature in 0..<features { result[number * features + feature] = row[feature] }
    }
    // Exactly one rank has non-zero numbers in a row, so this sum has no order.
    return try reduction.communicator.allReduce(result, .sum)
  }
}
