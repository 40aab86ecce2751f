import Lanes

/// The soft k-means score of the paper: Student's t with `degreesOfFreedom` ν around K centres (equation 1).
package struct SoftScores: Sendable {
  /// The number of clusters K.
  package let clusters: Int
  /// Numbers per feature vector, d.
  package let features: Int
  /// The degrees of freedom ν of Student's t.
  package let degreesOfFreedom: Float

  /// Scores of d-dimensional features around K centres with ν > 0 degrees of freedom.
  package init(clusters: Int, features: Int, degreesOfFreedom: Float) {
    precondition(clusters > 0 && features > 0 && degreesOfFreedom > 0)
    self.clusters = clusters
    self.features = features
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// S of one lane group, and 1/(1 + ‖z − μ‖²/ν) of it.
  ///
  /// - Parameters:
  ///   - group: z, `[features]` lane vectors
  ///   - centres: μ, `[clusters][features]`
  ///   - scores: `[clusters]` lane vectors, overwritten; rows (lanes) sum to 1, padding lanes are zero
  ///   - kernels: `[clusters]` lane vectors, overwritten
  package func score(
    _ group: UnsafePointer<LaneVector>, centres: UnsafePointer<Float>, mask: LaneVector,
    scores: UnsafeMutablePointer<LaneVector>, kernels: UnsafeMutablePointer<LaneVector>
  ) {
    let inverse = LaneVector(repeating: 1 / degreesOfFreedom)
    let exponent = (Double(degreesOfFreedom) + 1) / 2
    var largest = LaneVector.zero
    for cluster in 0..<clusters {
      let distance = squaredDistances(group, centre: centres + cluster &* features)
      let kernel = 1 / (1 + distance * inverse)
      kernels[cluster] = kernel
      largest.replace(with: kernel, where: kernel .> largest)
    }
    var total = LaneVector.zero
    for cluster in 0..<clusters {
      // Powers relative to the largest, as those of small numbers would all vanish.
      let score =
        degreesOfFreedom == 1 ? kernels[cluster] : (kernels[cluster] / largest).power(exponent)
      scores[cluster] = score
      total += score
    }
    let factor = mask / total
    for cluster in 0..<clusters { scores[cluster] *= factor }
  }

  /// ‖z − μ‖² of one lane group and one centre, in four partial sums.
  private func squaredDistances(
    _ group: UnsafePointer<LaneVector>, centre: UnsafePointer<Float>
  ) -> LaneVector {
    var sums = InlineArray<4, LaneVector>(repeating: .zero)
    var feature = 0
    while feature &+ 4 <= features {
      for i in 0..<4 {
        let difference = group[feature &+ i] - LaneVector(repeating: centre[feature &+ i])
        sums[i].addProduct(difference, difference)
      }
      feature &+= 4
    }
    while feature < features {
      let difference = group[feature] - LaneVector(repeating: centre[feature])
      sums[0].addProduct(difference, difference)
      feature &+= 1
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }

  /// The gradients (4) and (5) of KL(R‖S) of one lane group, and the loss.
  ///
  /// - Parameters:
  ///   - group: z, `[features]` lane vectors
  ///   - centres: μ, `[clusters][features]`
  ///   - scores, kernels: what `score` gave for them
  ///   - target: R, `[clusters]` lane vectors; padding lanes zero
  ///   - scale: factor of both gradients, 1/m for the mean over a mini-batch of m images
  ///   - dFeatures: ∂L/∂z, `[features]` lane vectors, overwritten
  ///   - dCentres: ∂L/∂μ summed over the lanes, `[clusters][features]`, overwritten
  ///   - scratch: `gradientScratch` lane vectors
  /// - Returns: Σ r·log(r/s) over lanes and clusters, not scaled.
  package func gradients(
    _ group: UnsafePointer<LaneVector>, centres: UnsafePointer<Float>, scores: UnsafePointer<LaneVector>,
    kernels: UnsafePointer<LaneVector>, target: UnsafePointer<LaneVector>, scale: Float,
    dFeatures: UnsafeMutablePointer<LaneVector>, dCentres: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<LaneVector>
  ) -> Double {
    let factor = LaneVector(repeating: scale * (1 + degreesOfFreedom) / degreesOfFreedom)
    let coefficients = scratch
    var loss = 0.0
    for cluster in 0..<clusters {
      coefficients[cluster] = factor * (target[cluster] - scores[cluster]) * kernels[cluster]
      loss += divergence(target[cluster], scores[cluster])
    }
    for feature in 0..<features {
      var sum = LaneVector.zero
      for cluster in 0..<clusters {
        let difference = group[feature] - LaneVector(repeating: centres[cluster &* features &+ feature])
        sum.addProduct(coefficients[cluster], difference)
      }
      dFeatures[feature] = sum
    }
    // With c = scale·(1 + ν)/ν·(r − s)/(1 + ‖z − μ‖²/ν) equation (5) is Σ_lanes c·(μ − z) = μ·Σc − Σ_lanes c·z.
    laneOuterProduct(
      coefficients, rows: clusters, group, columns: features, to: dCentres, scratch: scratch + clusters)
    for cluster in 0..<clusters {
      let sum = Float(coefficients[cluster].doubleSum())
      let row = cluster &* features
      for feature in 0..<features {
        dCentres[row &+ feature] = centres[row &+ feature] * sum - dCentres[row &+ feature]
      }
    }
    return loss
  }

  /// Lane vectors of scratch memory for `gradients`.
  package var gradientScratch: Int { clusters + laneOuterProductScratch(columns: features) }

  /// The loss (3) of one cluster, Σ_lanes r·log(r/s), with 0·log 0 = 0 and NaN where r or s is NaN. A score that has vanished counts as the smallest
  /// normal number: the gradient, which has no logarithm, is right all the same.
  private func divergence(_ target: LaneVector, _ scores: LaneVector) -> Double {
    let smallest = Float.leastNormalMagnitude
    var sum = 0.0
    for lane in 0..<laneCount where !(target[lane] <= 0) {
      sum +=
        Double(target[lane])
        * (Elementary.log(Double(target[lane])) - Elementary.log(Double(max(scores[lane], smallest))))
    }
    return sum
  }
}

extension SIMD16 where Scalar == Float {
  @inline(__always)
  fileprivate mutating func addProduct(_ a: LaneVector, _ b: LaneVector) {
    self = addingProduct(a, b)
  }
}

/// The most probable cluster of every lane but for `best`, the lowest of equals, and its score.
///
/// - Precondition: there are two clusters at least
package func runnersUp(
  _ scores: UnsafePointer<LaneVector>, clusters: Int, best: SIMD16<Int32>
) -> (clusters: SIMD16<Int32>, scores: LaneVector) {
  precondition(clusters >= 2)
  var second = LaneVector(repeating: -1)
  var index = SIMD16<Int32>.zero
  for cluster in 0..<clusters {
    let number = SIMD16(repeating: Int32(cluster))
    let higher = (scores[cluster] .> second) .& (number .!= best)
    second.replace(with: scores[cluster], where: higher)
    index.replace(with: number, where: higher)
  }
  return (index, second)
}

/// The most probable cluster of every lane, the lowest of equals, and its score.
package func hardAssignments(
  _ scores: UnsafePointer<LaneVector>, clusters: Int
) -> (clusters: SIMD16<Int32>, scores: LaneVector) {
  var best = scores[0]
  var index = SIMD16<Int32>.zero
  for cluster in 1..<clusters {
    let higher = scores[cluster] .> best
    best.replace(with: scores[cluster], where: higher)
    index.replace(with: Int32(cluster), where: higher)
  }
  return (index, best)
}
