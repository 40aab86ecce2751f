import Lanes

/// n_j of the boosted target: what the boosted scores of cluster j are divided by.
package enum TargetNormalization: String, CaseIterable, Sendable {
  /// Σ_i s_ij^α over the whole data set: the paper's own.
  case dbc
  /// Σ_i s_ij, as in Deep Embedded Clustering (Xie, Girshick, Farhadi 2016).
  case dec
  /// n_j = 1, the paper's "const".
  case none
  /// What gives every cluster as much of R as it has images in a given partition, or comes near it; Σ_i s_ij^α where there is none.
  case partition
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

  /// The contribution of one lane group to n_j.
  ///
  /// - Parameters:
  ///   - scores: S, `[clusters]` lane vectors; padding lanes zero
  ///   - sums: `[clusters]`, overwritten
  package func columnSums(_ scores: UnsafePointer<LaneVector>, to sums: UnsafeMutablePointer<Double>) {
    for cluster in 0..<clusters {
      let values = SIMD16<Double>(scores[cluster])
      sums[cluster] = (normalization == .dec ? values : boosted(values)).sum()
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
    forRows(scores, totals: totals) { target[$0] = $1 }
  }

  /// What every cluster has of R of one lane group: the sums of its columns.
  ///
  /// - Parameters:
  ///   - scores: as for `rows`, and `totals` too
  ///   - sums: `[clusters]`, overwritten
  package func shares(
    _ scores: UnsafePointer<LaneVector>, totals: [Double], to sums: UnsafeMutablePointer<Double>
  ) {
    forRows(scores, totals: totals) { sums[$0] = SIMD16<Double>($1).sum() }
  }

  /// n_j that give every cluster j about `sizes[j]` of R: twenty steps of the iteration of Sinkhorn and Knopp (1967), each of
  /// which multiplies n_j by what the cluster has over what it should have.
  ///
  /// Twenty steps do not force sizes on scores that are sure of others: a cluster's weight changes by at most the twentieth power of
  /// the ratio of its sizes.
  ///
  /// - Parameters:
  ///   - totals: Σ_i s_ij^α
  ///   - sizes: images per cluster; 0 counts as 1
  ///   - shares: the sums of R's columns over the whole data set for some n_j
  package func balanced(
    _ totals: [Double], sizes: [Int], shares: ([Double]) throws -> [Double]
  ) rethrows -> [Double] {
    let sizes = sizes.map { Double(max($0, 1)) }
    var totals = zip(totals, sizes).map { $0 / $1 }
    for _ in 0..<20 {
      for (cluster, share) in try shares(totals).enumerated() where share > 0 {
        totals[cluster] *= share / sizes[cluster]
      }
    }
    return totals
  }

  /// Visits the columns of R of one lane group, cluster by cluster.
  @inline(__always)
  private func forRows(
    _ scores: UnsafePointer<LaneVector>, totals: [Double], _ visit: (_ cluster: Int, LaneVector) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: SIMD16<Double>.self, capacity: clusters) { values in
      var sum = SIMD16<Double>.zero
      for cluster in 0..<clusters {
        // A cluster whose boosted scores all underflow to zero gets nothing instead of 0/0.
        let total = normalization == .none ? 1 : totals[cluster]
        let value = total > 0 ? boosted(SIMD16<Double>(scores[cluster])) / total : .zero
        values[cluster] = value
        sum += value
      }
      let factor = (SIMD16<Double>(repeating: 1) / sum).replacing(with: 0, where: sum .<= 0)
      for cluster in 0..<clusters { visit(cluster, LaneVector(values[cluster] * factor)) }
    }
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
