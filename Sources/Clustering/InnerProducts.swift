/// The lines `lines`, or all, of result += aᵀ · b in double precision, `[rows][width]`ᵀ · `[rows][width]` to `[width][width]`.
///
/// Every sum over the rows is one chain of fused multiply-adds in their order, added to the result at the end: its bits do not depend
/// on the CPU.
package func addInnerProducts(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>, rows: Int,
  width: Int, lines given: Range<Int>? = nil
) {
  let lines = given ?? 0..<width
  var column = 0
  while column < width {
    let columns = width &- column >= 16 ? 16 : width &- column >= 8 ? 8 : 1
    var line = lines.lowerBound
    while line < lines.upperBound {
      let count = lines.upperBound &- line >= 4 ? 4 : 1
      let tile = InnerProductTile(
        a: a + line, b: b + column, rows: rows, width: width,
        result: result + (line &* width &+ column))
      tile.run(count, columns)
      line &+= count
    }
    column &+= columns
  }
}

/// Four lines or one of the result × some columns, held in registers.
private struct InnerProductTile {
  let a, b: UnsafePointer<Double>
  let rows, width: Int
  let result: UnsafeMutablePointer<Double>

  @inline(__always)
  func run(_ lines: Int, _ columns: Int) {
    switch lines &* 32 &+ columns {
    case 4 * 32 + 16: sum(InlineArray<4, Double>.self, InlineArray<2, Double>.self)
    case 4 * 32 + 8: sum(InlineArray<4, Double>.self, InlineArray<1, Double>.self)
    case 1 * 32 + 16: sum(InlineArray<1, Double>.self, InlineArray<2, Double>.self)
    case 1 * 32 + 8: sum(InlineArray<1, Double>.self, InlineArray<1, Double>.self)
    default: for line in 0..<lines { sumOne(line) }
    }
  }

  /// `L` lines × 8·`V` columns.
  @inline(never)
  private func sum<let L: Int, let V: Int>(_: InlineArray<L, Double>.Type, _: InlineArray<V, Double>.Type) {
    typealias Doubles = SIMD8<Double>
    var sums = InlineArray<L, InlineArray<V, Doubles>>(repeating: InlineArray(repeating: .zero))
    for row in 0..<rows {
      let right = UnsafeRawPointer(b + row &* width)
      var values = InlineArray<V, Doubles>(repeating: .zero)
      for v in 0..<V { values[v] = right.loadUnaligned(fromByteOffset: v &* 64, as: Doubles.self) }
      for l in 0..<L {
        let factor = Doubles(repeating: a[row &* width &+ l])
        for v in 0..<V { sums[l][v] = sums[l][v].addingProduct(values[v], factor) }
      }
    }
    for l in 0..<L {
      for v in 0..<V {
        for i in 0..<8 { result[l &* width &+ v &* 8 &+ i] += sums[l][v][i] }
      }
    }
  }

  /// The first column of one line.
  private func sumOne(_ line: Int) {
    var sum = 0.0
    for row in 0..<rows { sum = sum.addingProduct(a[row &* width &+ line], b[row &* width]) }
    result[line &* width] += sum
  }
}
