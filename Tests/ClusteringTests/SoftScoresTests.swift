import Clustering
import Foundation
import Lanes
import Testing

/// One lane group of features around random centres.
private struct Problem: ~Copyable {
  let rule: SoftScores
  let features: AlignedBuffer<LaneVector>
  var centres: [Float]
  let mask: LaneVector

  init(clusters: Int, features count: Int, degreesOfFreedom: Float, images: Int = 16) {
    rule = SoftScores(clusters: clusters, features: count, degreesOfFreedom: degreesOfFreedom)
    features = AlignedBuffer(count: count)
    var random = CounterRandom(seed: 7, purpose: .kmeans)
    centres = (0..<(clusters * count)).map { _ in Float(random.normal()) }
    mask = laneMask(images: images)
    for lane in 0..<images {
      for feature in 0..<count {
        features.base[feature][lane] =
          centres[lane % clusters * count + feature] + 0.6 * Float(random.normal())
      }
    }
  }

  func scores() -> (scores: [LaneVector], kernels: [LaneVector]) {
    var scores = [LaneVector](repeating: .zero, count: rule.clusters)
    var kernels = scores
    rule.score(features.base, centres: centres, mask: mask, scores: &scores, kernels: &kernels)
    return (scores, kernels)
  }

  /// KL(R‖S) in double precision from the definition.
  func loss(_ target: [LaneVector]) -> Double {
    let nu = Double(rule.degreesOfFreedom)
    var sum = 0.0
    for lane in 0..<laneCount where mask[lane] > 0 {
      let kernels = (0..<rule.clusters).map { cluster in
        let distance = (0..<rule.features).reduce(0.0) {
          let d = Double(features.base[$1][lane]) - Double(centres[cluster * rule.features + $1])
          return $0 + d * d
        }
        return pow(1 + distance / nu, -(nu + 1) / 2)
      }
      let total = kernels.reduce(0, +)
      for cluster in 0..<rule.clusters {
        let r = Double(target[cluster][lane])
        if r > 0 { sum += r * log(r / (kernels[cluster] / total)) }
      }
    }
    return sum
  }

  func target(boost: Double = 2, _ normalization: TargetNormalization = .dbc) -> [LaneVector] {
    let rule = BoostedTarget(boost: boost, normalization: normalization, clusters: self.rule.clusters)
    var sums = [Double](repeating: 0, count: rule.clusters)
    let scores = scores().scores
    rule.columnSums(scores, to: &sums)
    var target = [LaneVector](repeating: .zero, count: rule.clusters)
    rule.rows(scores, totals: sums, to: &target)
    return target
  }
}

private func rowSum(_ values: [LaneVector], _ lane: Int) -> Float { values.reduce(0) { $0 + $1[lane] } }

@Suite struct SoftScoresTests {
  @Test(
    "scores are positive, sum to 1 per image and are zero in padding lanes", arguments: [Float(1), 3, 0.5])
  func rows(degreesOfFreedom: Float) {
    let problem = Problem(clusters: 5, features: 7, degreesOfFreedom: degreesOfFreedom, images: 11)
    let scores = problem.scores().scores
    for lane in 0..<11 {
      #expect(abs(rowSum(scores, lane) - 1) < 1e-6)
      #expect(scores.allSatisfy { $0[lane] > 0 })
    }
    for lane in 11..<16 { #expect(rowSum(scores, lane) == 0) }
  }

  @Test("KL(R‖S) is the definition's, not negative, and 0 where R = S", arguments: [Float(1), 3])
  func divergence(degreesOfFreedom: Float) {
    let problem = Problem(clusters: 4, features: 6, degreesOfFreedom: degreesOfFreedom)
    let (scores, kernels) = problem.scores()
    func loss(_ target: [LaneVector]) -> Double {
      var dFeatures = [LaneVector](repeating: .zero, count: 6)
      var dCentres = [Float](repeating: 0, count: 24)
      let scratch = AlignedBuffer<LaneVector>(count: problem.rule.gradientScratch)
      return problem.rule.gradients(
        problem.features.base, centres: problem.centres, scores: scores, kernels: kernels, target: target,
        scale: 1,
        dFeatures: &dFeatures, dCentres: &dCentres, scratch: scratch.base)
    }
    let target = problem.target()
    #expect(loss(target) > 0)
    #expect(abs(loss(target) - problem.loss(target)) < 1e-4)
    #expect(abs(loss(scores)) < 1e-5)
  }

  @Test("far from all centres, where every power vanishes, rows still sum to 1 and the loss is finite")
  func farAway() {
    var problem = Problem(clusters: 4, features: 6, degreesOfFreedom: 30)
    for i in problem.centres.indices { problem.centres[i] += i < 6 ? 900 : 1000 }
    let (scores, kernels) = problem.scores()
    for lane in 0..<16 { #expect(abs(rowSum(scores, lane) - 1) < 1e-6) }
    var nearest = [LaneVector](repeating: .zero, count: 4)
    nearest[0] = LaneVector(repeating: 1)
    let logarithms = (0..<16).reduce(0.0) { $0 - log(Double(scores[0][$1])) }
    #expect(abs(logarithms - problem.loss(nearest)) < 1e-3)
    // The second cluster is wanted, the scores of which are nothing beside those of the first.
    for i in 6..<24 { problem.centres[i] += 1e6 }
    var target = [LaneVector](repeating: .zero, count: 4)
    target[1] = LaneVector(repeating: 1)
    var dFeatures = [LaneVector](repeating: .zero, count: 6)
    var dCentres = [Float](repeating: 0, count: 24)
    let scratch = AlignedBuffer<LaneVector>(count: problem.rule.gradientScratch)
    let (far, farKernels) = problem.scores()
    let loss = problem.rule.gradients(
      problem.features.base, centres: problem.centres, scores: far, kernels: farKernels, target: target,
      scale: 1, dFeatures: &dFeatures, dCentres: &dCentres, scratch: scratch.base)
    #expect(far[1] == .zero && loss.isFinite && loss > 100, "\(loss)")
    #expect(kernels.allSatisfy { $0.min() > 0 } && dFeatures.allSatisfy { $0.max().isFinite })
  }

  @Test("the gradients (4) and (5) agree with finite differences", arguments: [Float(1), 3, 10])
  func gradients(degreesOfFreedom: Float) {
    var problem = Problem(clusters: 4, features: 6, degreesOfFreedom: degreesOfFreedom, images: 13)
    let target = problem.target()
    let (scores, kernels) = problem.scores()
    var dFeatures = [LaneVector](repeating: .zero, count: 6)
    var dCentres = [Float](repeating: 0, count: 24)
    let scratch = AlignedBuffer<LaneVector>(count: problem.rule.gradientScratch)
    _ = problem.rule.gradients(
      problem.features.base, centres: problem.centres, scores: scores, kernels: kernels, target: target,
      scale: 0.5,
      dFeatures: &dFeatures, dCentres: &dCentres, scratch: scratch.base)
    let step: Float = 1.0 / 256
    for feature in 0..<6 {
      for lane in [0, 5, 12] {
        let before = problem.features.base[feature][lane]
        problem.features.base[feature][lane] = before + step
        let up = problem.loss(target)
        problem.features.base[feature][lane] = before - step
        let down = problem.loss(target)
        problem.features.base[feature][lane] = before
        #expect(abs(0.5 * (up - down) / Double(2 * step) - Double(dFeatures[feature][lane])) < 2e-4)
      }
      for lane in 13..<16 { #expect(dFeatures[feature][lane] == 0) }
    }
    for i in 0..<24 {
      let before = problem.centres[i]
      problem.centres[i] = before + step
      let up = problem.loss(target)
      problem.centres[i] = before - step
      let down = problem.loss(target)
      problem.centres[i] = before
      #expect(abs(0.5 * (up - down) / Double(2 * step) - Double(dCentres[i])) < 5e-4)
    }
  }

  @Test("the hard assignment is the largest score, the lowest cluster of equals")
  func assignment() {
    var scores = [LaneVector](repeating: LaneVector(repeating: 0.25), count: 4)
    scores[2][3] = 0.5
    let best = hardAssignments(scores, clusters: 4)
    #expect(best.clusters[0] == 0 && best.clusters[3] == 2 && best.scores[3] == 0.5)
  }
}

@Suite struct BoostedTargetTests {
  @Test(
    "rows of R sum to 1 for every boost and normalisation", arguments: [1.5, 2, 3.3, 4],
    TargetNormalization.allCases)
  func rows(boost: Double, normalization: TargetNormalization) {
    let problem = Problem(clusters: 5, features: 4, degreesOfFreedom: 1, images: 9)
    let target = problem.target(boost: boost, normalization)
    for lane in 0..<9 { #expect(abs(rowSum(target, lane) - 1) < 1e-6) }
    for lane in 9..<16 { #expect(rowSum(target, lane) == 0) }
  }

  @Test("n_j is what the normalisation says", arguments: TargetNormalization.allCases)
  func totals(normalization: TargetNormalization) {
    let rule = BoostedTarget(boost: 2, normalization: normalization, clusters: 2)
    var scores = [LaneVector](repeating: .zero, count: 2)
    (scores[0][0], scores[1][0], scores[0][1], scores[1][1]) = (0.75, 0.25, 0.5, 0.5)
    var sums = [0.0, 0.0]
    rule.columnSums(scores, to: &sums)
    if normalization == .dbc || normalization == .partition { #expect(sums == [0.8125, 0.3125]) }
    if normalization == .dec { #expect(sums == [1.25, 0.75]) }
    var target = scores
    rule.rows(scores, totals: sums, to: &target)
    let n = normalization == .none ? [1, 1] : sums
    let (a, b) = (0.5625 / n[0], 0.0625 / n[1])
    #expect(abs(Double(target[0][0]) - a / (a + b)) < 1e-6)
  }

  @Test("without normalisation n_j is not read")
  func withoutNormalization() {
    let rule = BoostedTarget(boost: 3, normalization: .none, clusters: 2)
    let scores = [0.75, 0.25].map { LaneVector(repeating: Float($0)) }
    var target = scores
    rule.rows(scores, totals: [5, 0], to: &target)
    #expect(abs(Double(target[0][0]) - 27.0 / 28) < 1e-6)
  }

  @Test(
    "with a partition's sizes every cluster has so much of R",
    arguments: [[4, 4, 4, 4], [10, 3, 2, 1], [1, 1, 1, 13]])
  func balanced(sizes: [Int]) {
    let problem = Problem(clusters: 4, features: 4, degreesOfFreedom: 1, images: 16)
    let rule = BoostedTarget(boost: 2, normalization: .partition, clusters: 4)
    let scores = problem.scores().scores
    var totals = [Double](repeating: 0, count: 4)
    rule.columnSums(scores, to: &totals)
    var shares = totals
    let balanced = rule.balanced(totals, sizes: sizes) {
      rule.shares(scores, totals: $0, to: &shares)
      return shares
    }
    var target = scores
    rule.rows(scores, totals: balanced, to: &target)
    for (cluster, size) in sizes.enumerated() {
      let share = (0..<16).reduce(0.0) { $0 + Double(target[cluster][$1]) }
      #expect(abs(share - Double(size)) < 0.05 * Double(size), "cluster \(cluster) has \(share) of \(size)")
    }
  }

  @Test("sizes that the scores are sure not to have are not forced on them")
  func sureScores() {
    let rule = BoostedTarget(boost: 2, normalization: .partition, clusters: 2)
    var scores = [LaneVector](repeating: .zero, count: 2)
    for lane in 0..<16 {
      scores[0][lane] = lane < 9 ? 0.999 : 0.001
      scores[1][lane] = 1 - scores[0][lane]
    }
    var shares = [0.0, 0.0]
    rule.columnSums(scores, to: &shares)
    let balanced = rule.balanced(shares, sizes: [7, 9]) {
      rule.shares(scores, totals: $0, to: &shares)
      return shares
    }
    var target = scores
    rule.rows(scores, totals: balanced, to: &target)
    for lane in 0..<16 { #expect((target[0][lane] > 0.5) == (lane < 9)) }
  }

  /// The learning chain S → R = S → R … of one row, as the paper follows it with n_j = 1.
  private func chain(_ row: [Float], steps: Int) -> [Float] {
    let rule = BoostedTarget(boost: 2, normalization: .none, clusters: row.count)
    var scores = row.map { LaneVector(repeating: $0) }
    for _ in 0..<steps {
      var target = scores
      rule.rows(scores, totals: [], to: &target)
      scores = target
    }
    return scores.map { $0[0] }
  }

  @Test("learning-chain property 1: a uniform row stays uniform")
  func uniform() {
    #expect(chain([0.25, 0.25, 0.25, 0.25], steps: 20).allSatisfy { abs($0 - 0.25) < 1e-6 })
  }

  @Test("learning-chain property 2: a row with one largest entry tends to one-hot")
  func oneHot() {
    let row = chain([0.30, 0.28, 0.22, 0.20], steps: 12)
    #expect(row[0] > 0.999999)
    #expect(row.dropFirst().allSatisfy { $0 < 1e-6 })
  }

  @Test("a cluster whose boosted scores vanish gives no NaN")
  func vanishing() {
    let rule = BoostedTarget(boost: 40, normalization: .dbc, clusters: 2)
    var scores = [LaneVector](repeating: .zero, count: 2)
    (scores[0][0], scores[1][0]) = (1, 1e-30)
    var sums = [0.0, 0.0]
    rule.columnSums(scores, to: &sums)
    var target = scores
    rule.rows(scores, totals: sums, to: &target)
    #expect(target[0][0] == 1 && target[1][0] == 0 && target[0][1] == 0)
  }
}
