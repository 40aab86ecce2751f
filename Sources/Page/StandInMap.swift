import Lanes

/// The first two principal components of the features, by which images stand in the plane until there is a better map.
package enum StandInMap {
  /// Rows that the components are found from; of more, every m-th.
  private static let mostRows = 4000
  private static let rounds = 40

  /// Places of all rows, `[rows][2]`.
  package static func points(_ features: FloatRows) -> [Float] {
    let (rows, width) = (features.rows, features.columns)
    var mean = [Float](repeating: 0, count: width)
    for row in 0..<rows {
      for (column, value) in features[row].enumerated() { mean[column] += value / Float(rows) }
    }
    let step = (rows + mostRows - 1) / mostRows
    var axes: [[Float]] = []
    for number in 0..<2 {
      var axis = (0..<width).map { Float(($0 &* 7919 &+ number &* 104_729) % 1009) / 1009 - 0.5 }
      for _ in 0..<rounds {
        var next = [Float](repeating: 0, count: width)
        for row in stride(from: 0, to: rows, by: step) {
          let value = place(features[row], mean, axis)
          for (column, feature) in features[row].enumerated() {
            next[column] += value * (feature - mean[column])
          }
        }
        for other in axes {
          let share = zip(next, other).reduce(0) { $0 + $1.0 * $1.1 }
          for column in next.indices { next[column] -= share * other[column] }
        }
        let length = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0, length.isFinite else { break }
        axis = next.map { $0 / length }
      }
      axes.append(axis)
    }
    return (0..<rows).flatMap { row in axes.map { place(features[row], mean, $0) } }
  }

  private static func place(_ row: UnsafeBufferPointer<Float>, _ mean: [Float], _ axis: [Float]) -> Float {
    var sum: Float = 0
    for column in row.indices { sum += (row[column] - mean[column]) * axis[column] }
    return sum
  }
}
