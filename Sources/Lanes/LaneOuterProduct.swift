/// Lane vectors of scratch memory that `laneOuterProduct` needs.
package func laneOuterProductScratch(columns: Int) -> Int {
  (columns + laneCount - 1) / laneCount * laneCount
}

/// The product of two sets of vectors over the lanes: product[a][b] = Σ_lanes left[a] · right[b].
///
/// The right side is transposed once, so that the lanes become the inner dimension of a small matrix product and
/// nothing has to be added across a register.
///
/// - Parameters:
///   - left: `[rows]` lane vectors
///   - right: `[columns]` lane vectors
///   - product: `[rows][columns]` floats, overwritten
///   - scratch: `laneOuterProductScratch(columns:)` lane vectors
package func laneOuterProduct(
  _ left: UnsafePointer<LaneVector>, rows: Int, _ right: UnsafePointer<LaneVector>, columns: Int,
  to product: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<LaneVector>
) {
  let vectors = (columns + laneCount - 1) / laneCount
  let transposed = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Float.self)
  if columns % laneCount != 0 { scratch.update(repeating: .zero, count: laneCount * vectors) }
  transposeLanes(right, count: columns, to: transposed, stride: vectors * laneCount)
  let whole = columns / laneCount
  let factors = UnsafeRawPointer(left).assumingMemoryBound(to: Float.self)
  var row = 0
  while row < rows {
    let count = rows &- row >= 6 ? 6 : rows &- row >= 3 ? 3 : 1
    let tile = OuterTile(left: factors + row &* laneCount, right: UnsafePointer(scratch), vectors: vectors)
    var vector = 0
    while vector < whole {
      let width = whole &- vector >= 4 ? 4 : whole &- vector >= 2 ? 2 : 1
      tile.run(count, width, vector, to: product + (row &* columns &+ vector &* laneCount), stride: columns)
      vector &+= width
    }
    if whole < vectors {
      // The last columns do not fill a vector.
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 6 * laneCount) { rest in
        tile.run(count, 1, whole, to: rest.baseAddress!, stride: laneCount)
        for r in 0..<count {
          (product + ((row &+ r) &* columns &+ whole &* laneCount))
            .update(from: rest.baseAddress! + r &* laneCount, count: columns - whole * laneCount)
        }
      }
    }
    row &+= count
  }
}

/// Six, three or one row of the product × up to four vectors of columns, held in registers.
private struct OuterTile {
  /// `[rows][lanes]`
  let left: UnsafePointer<Float>
  /// `[lanes][vectors]`
  let right: UnsafePointer<LaneVector>
  let vectors: Int

  @inline(__always)
  func run(_ rows: Int, _ width: Int, _ vector: Int, to into: UnsafeMutablePointer<Float>, stride: Int) {
    switch rows &* 8 &+ width {
    case 52: sum(InlineArray<6, Float>.self, InlineArray<4, Float>.self, vector, into, stride)
    case 50: sum(InlineArray<6, Float>.self, InlineArray<2, Float>.self, vector, into, stride)
    case 49: sum(InlineArray<6, Float>.self, InlineArray<1, Float>.self, vector, into, stride)
    case 28: sum(InlineArray<3, Float>.self, InlineArray<4, Float>.self, vector, into, stride)
    case 26: sum(InlineArray<3, Float>.self, InlineArray<2, Float>.self, vector, into, stride)
    case 25: sum(InlineArray<3, Float>.self, InlineArray<1, Float>.self, vector, into, stride)
    case 12: sum(InlineArray<1, Float>.self, InlineArray<4, Float>.self, vector, into, stride)
    case 10: sum(InlineArray<1, Float>.self, InlineArray<2, Float>.self, vector, into, stride)
    default: sum(InlineArray<1, Float>.self, InlineArray<1, Float>.self, vector, into, stride)
    }
  }

  @inline(never)
  private func sum<let R: Int, let V: Int>(
    _: InlineArray<R, Float>.Type, _: InlineArray<V, Float>.Type, _ vector: Int,
    _ into: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    var sums = InlineArray<R, InlineArray<V, LaneVector>>(repeating: InlineArray(repeating: .zero))
    var from = right + vector
    var factor = left
    for _ in 0..<laneCount {
      for r in 0..<R {
        let value = LaneVector(repeating: factor[r &* laneCount])
        for v in 0..<V { sums[r][v] = sums[r][v].plusProduct(from[v], value) }
      }
      from += vectors
      factor += 1
    }
    for r in 0..<R {
      for v in 0..<V {
        UnsafeMutableRawPointer(into + (r &* stride &+ v &* laneCount))
          .storeBytes(of: sums[r][v], as: LaneVector.self)
      }
    }
  }
}
