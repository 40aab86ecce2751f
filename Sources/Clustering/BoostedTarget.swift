import Lanes

/// n_j of the boosted target: what the boosted scores of cluster j are divided by.
package enum TargetNormalization: String, CaseIterable, Sendable {
  /// Σ_i s_ij^α over the whole data set: the paper's own.
  case dbc
  /// Σ_i s_ij, as in Deep Embedded Clustering (Xie, Girshick, Farhadi 2016).
  case dec
  /// n_j = 1, the paper's "const".
  case none
}

/// The boosted target R of the paper (equation 2): r_ij ∝ s_ij^α / n_j, rows summing to 1.
package struct BoostedTarget: Sendable {
  /// The exponent α of the scores.
  package let boost: Double
  /// n_j.
  package let normalization: TargetNormalization
  /// The number of clusters K.
  package let clusters: Int

  /// The rule with exponent `boost` > 0 for `clusters` clusters.
  package init(boost: Double, normalization: TargetNormalization, clusters: Int) {
    precondition(boost > 0 && clusters > 0)
    self.boost = boost
    self.normalization = normalization
    self.clusters = clusters
  }

  /// The same with n_j = 1.
  package var withoutNormalization: BoostedTarget {
    BoostedTarget(boost: boost, normalization: .none, clusters: clusters)
  }

  /// The contribution of one lane group to n_j.
  ///
  /// - Parameters:
  ///   - scores: S, `[clusters]` lane vectors; padding lanes zero
  ///   - sums: `[clusters]`, overwritten
  package func columnSums(_ scores: UnsafePointer<LaneVector>, to sums: UnsafeMutablePointer<Double>) {
    for cluster in 0..<clusters {
      let values = SIMD16<Double>(scores[cluster])
      sums[cluster] = (normalization == .dbc ? boosted(values) : values).sum()
    }
  }

  /// R of one lane group.
  ///
  /// - Parameters:
  ///   - scores: S, `[clusters]` lane vectors; padding lanes zero
  ///   - totals: n_j, `[clusters]`; not read where the normalisation is `none`
  ///   - target: `[clusters]` lane vectors, overwritten; padding lanes zero
  package func rows(
    _ scores: UnsafePointer<LaneVector>, totals: [Double], to target: UnsafeMutablePointer<LaneVector>
  ) {
    let values = UnsafeMutablePointer<SIMD16<Double>>.allocate(capacity: clusters)
    defer { values.deallocate() }
    var sum = SIMD16<Double>.zero
    for cluster in 0..<clusters {
      // A cluster whose boosted scores all underflow to zero gets nothing instead of 0/0.
      let total = normalization == .none ? 1 : totals[cluster]
      let value = total > 0 ? boosted(SIMD16<Double>(scores[cluster])) / total : .zero
      values[cluster] = value
      sum += value
    }
    let factor = (SIMD16<Double>(repeating: 1) / sum).replacing(with: 0, where: sum .<= 0)
    for cluster in 0..<clusters { target[cluster] = LaneVector(values[cluster] * factor) }
  }

  private func boosted(_ values: SIMD16<Double>) -> SIMD16<Double> {
    switch boost {
    case 1: return values
    case 1.5: return values * values.squareRoot()
    case 2: return values * values
    case 4: return (values * values) * (values * values)
    default:
      var result = SIMD16<Double>.zero
      for lane in 0..<laneCount { result[lane] = Elementary.power(values[lane], boost) }
      return result
    }
  }
}
