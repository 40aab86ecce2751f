/// The one-to-one map from rows to columns with the largest total, by the Hungarian method with potentials (Kuhn 1955;
/// Jonker and Volgenant 1987).
///
/// - Parameter table: weights, `[rows][columns]`, at least as many columns as rows
/// - Returns: the column of every row.
/// - Complexity: O(rows² · columns)
package func maximumAssignment(_ table: [[Int]]) -> [Int] {
  let size = table.count
  let width = table.first?.count ?? 0
  precondition(table.allSatisfy { $0.count == width } && width >= size)
  // Rows and columns count from 1; 0 means "none". Costs are negated weights.
  var rowPotential = [Int](repeating: 0, count: size + 1)
  var columnPotential = [Int](repeating: 0, count: width + 1)
  var rowOfColumn = [Int](repeating: 0, count: width + 1)
  var previous = [Int](repeating: 0, count: width + 1)
  for row in stride(from: 1, through: size, by: 1) {
    rowOfColumn[0] = row
    var column = 0
    var slack = [Int](repeating: .max, count: width + 1)
    var visited = [Bool](repeating: false, count: width + 1)
    repeat {
      visited[column] = true
      let current = rowOfColumn[column]
      var step = Int.max
      var next = 0
      for candidate in 1...width where !visited[candidate] {
        let cost =
          -table[current - 1][candidate - 1] - rowPotential[current] - columnPotential[candidate]
        if cost < slack[candidate] {
          slack[candidate] = cost
          previous[candidate] = column
        }
        if slack[candidate] < step {
          step = slack[candidate]
          next = candidate
        }
      }
      for candidate in 0...width {
        if visited[candidate] {
          rowPotential[rowOfColumn[candidate]] += step
          columnPotential[candidate] -= step
        } else if slack[candidate] != .max {
          slack[candidate] -= step
        }
      }
      column = next
    } while rowOfColumn[column] != 0
    while column != 0 {
      rowOfColumn[column] = rowOfColumn[previous[column]]
      column = previous[column]
    }
  }
  var result = [Int](repeating: 0, count: size)
  for column in stride(from: 1, through: width, by: 1) where rowOfColumn[column] > 0 {
    result[rowOfColumn[column] - 1] = column - 1
  }
  return result
}
