internal import COpenBLAS

/// The matrix library that kernels are compared with.
enum BLAS {
  /// The class of kernels that OpenBLAS has chosen for this CPU.
  static var coreName: String { String(cString: openblas_get_corename()) }

  /// One thread for every rank, whatever the environment says: ranks fill the cores.
  static func useOneThread() { openblas_set_num_threads(1) }

  /// result = a · b, all row-major: `[rows][inner]` · `[inner][columns]`.
  static func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to result: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, inner: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a,
      Int32(inner), b, Int32(columns), 0, result, Int32(columns))
  }
}
