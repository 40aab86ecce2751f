import Lanes
import MPI

extension NeighbourGraph {
  /// Replaces the row x of every node by (1 − λ) x + λ x̄, where x̄ is the mean of its neighbours' rows, weighted by its edges:
  /// (1 − λ) X + λ D⁻¹A X. A node without edges keeps its row.
  ///
  /// - Parameters:
  ///   - lanes: the rows, lane groups `[groups][columns]`
  ///   - weight: λ, 0…1
  package func average(_ lanes: UnsafeMutablePointer<LaneVector>, columns: Int, weight: Float) {
    let rows = AlignedBuffer<Float>(count: nodes * columns, for: "scores of the graph's images")
    for node in 0..<nodes {
      let (group, lane) = (lanes + node / laneCount * columns, node % laneCount)
      let row = rows.base + node * columns
      for column in 0..<columns { row[column] = group[column][lane] }
    }
    let sum = AlignedBuffer<Float>(count: columns)
    for node in 0..<nodes where degrees[node] > 0 {
      Whereabouts.beat()
      for column in 0..<columns { sum.base[column] = 0 }
      for entry in starts[node]..<starts[node + 1] {
        let (share, row) = (weights[entry], rows.base + Int(self.columns[entry]) * columns)
        for column in 0..<columns { sum.base[column] += share * row[column] }
      }
      let scale = weight / Float(degrees[node])
      let row = rows.base + node * columns
      let (group, lane) = (lanes + node / laneCount * columns, node % laneCount)
      for column in 0..<columns {
        group[column][lane] = (1 - weight) * row[column] + scale * sum.base[column]
      }
    }
  }
}
