internal import COpenBLAS

/// The eigenvalues of a symmetric matrix, ascending, and its eigenvectors as rows.
///
/// - Parameters:
///   - matrix: `[size][size]`
///   - size: rows and columns
/// - Returns: `[size]`, and `[size][size]`, row i belonging to value i.
package func symmetricEigen(_ matrix: [Double], size: Int) -> (values: [Double], vectors: [Double]) {
  precondition(matrix.count == size * size)
  guard size > 0 else { return ([], []) }
  var vectors = matrix
  var values = [Double](repeating: 0, count: size)
  var n = Int32(size)
  var status: Int32 = 0
  var workCount: Int32 = -1
  var integerCount: Int32 = -1
  var work = [0.0]
  var integers: [Int32] = [0]
  // The first call asks how much memory the second one needs.
  for _ in 0..<2 {
    dsyevd_(
      "V", "U", &n, &vectors, &n, &values, &work, &workCount, &integers, &integerCount, &status, 1, 1)
    if workCount < 0 {
      workCount = Int32(work[0])
      integerCount = integers[0]
      work = [Double](repeating: 0, count: Int(workCount))
      integers = [Int32](repeating: 0, count: Int(integerCount))
    }
  }
  precondition(status == 0, "LAPACK's dsyevd failed with status \(status)")
  return (values, vectors)
}
