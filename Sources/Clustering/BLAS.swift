internal import COpenBLAS
import Lanes

/// The matrix library.
package enum BLAS {
  /// The class of kernels that OpenBLAS has chosen for this CPU; its results' bits depend on it.
  package static var coreName: String { String(cString: openblas_get_corename()) }

  /// The version of OpenBLAS, such as "0.3.21"; its results' bits depend on it.
  package static var version: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.first { $0.first?.isNumber == true }.map(String.init) ?? "unknown"
  }

  /// One thread for every rank, whatever the environment says: ranks fill the cores, and bits depend on the number.
  package static func useOneThread() { openblas_set_num_threads(1) }

  /// result = a · b, all row-major: `[rows][inner]` · `[inner][columns]`.
  package static func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, inner: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a,
      Int32(inner),
      b, Int32(columns), 0, result, Int32(columns))
  }

  /// result = a · bᵀ, all row-major: `[rows][inner]` · `[columns][inner]`ᵀ.
  static func multiplyTransposed(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, inner: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(inner),
      b, Int32(inner), 0, result, Int32(columns))
  }

  /// result += aᵀ · b, all row-major: `[rows][width]`ᵀ · `[rows][width]` to `[width][width]`.
  static func addProducts(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>,
    rows: Int,
    width: Int
  ) {
    let width = Int32(width)
    cblas_dgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, width, width, Int32(rows), 1, a, width, b, width, 1, result,
      width)
  }
}

/// The products of one lane group with `count` rows: products[j][lane] = Σ_f rows[j][f] · group[f][lane].
///
/// One sgemm of one shape per group: OpenBLAS may change a column's bits when the number of columns in a call
/// changes, so a group must be alone in its call to be independent of its neighbours.
///
/// - Parameters:
///   - group: `[features]` lane vectors
///   - rows: `[count][features]`
///   - products: `[count]` lane vectors, overwritten
func laneProducts(
  _ group: UnsafePointer<LaneVector>, rows: UnsafePointer<Float>, count: Int, features: Int,
  to products: UnsafeMutablePointer<LaneVector>
) {
  let lanes = Int32(laneCount)
  let matrix = UnsafeRawPointer(group).assumingMemoryBound(to: Float.self)
  let result = UnsafeMutableRawPointer(products).assumingMemoryBound(to: Float.self)
  cblas_sgemm(
    CblasColMajor, CblasNoTrans, CblasNoTrans, lanes, Int32(count), Int32(features), 1, matrix, lanes, rows,
    Int32(features), 0, result, lanes)
}
