/// The inner products of `rows` with the vectors in the lanes of some groups:
/// products[row][group] = Σ_f rows[row][f] · groups[group][f], lane by lane.
///
/// Every product is one chain of fused multiply-adds from zero in ascending order of f. So its bits depend on its two vectors alone: not on
/// the number of rows and groups of a call, and not on the CPU.
///
/// - Parameters:
///   - groups: `[groupCount][features]` lane vectors
///   - rows: `[rowCount][features]`
///   - products: `[rowCount][groupCount]` lane vectors, overwritten
package func laneProducts(
  _ groups: UnsafePointer<LaneVector>, groupCount: Int, rows: UnsafePointer<Float>, rowCount: Int,
  features: Int, to products: UnsafeMutablePointer<LaneVector>
) {
  var group = 0
  while group < groupCount {
    let width = ProductTile.widths.first { $0 <= groupCount &- group }!
    let heights = ProductTile.heights(width: width)
    var row = 0
    while row < rowCount {
      let height = heights.first { $0 <= rowCount &- row }!
      let tile = ProductTile(
        groups: groups + group &* features, rows: rows + row &* features, features: features,
        products: products + (row &* groupCount &+ group), stride: groupCount)
      tile.run(height, width)
      row &+= height
    }
    group &+= width
  }
}

/// The products of a few rows with a few groups, held in registers.
private struct ProductTile {
  /// The first group, `[features]` lane vectors, and the others behind it.
  let groups: UnsafePointer<LaneVector>
  /// The first row, `[features]`, and the others behind it.
  let rows: UnsafePointer<Float>
  let features: Int
  /// The product of the first row and the first group; a row is `stride` lane vectors behind the one before.
  let products: UnsafeMutablePointer<LaneVector>
  let stride: Int

  /// How many groups a tile may have, the largest number first.
  static let widths = hasFewRegisters ? [3, 1] : [4, 2, 1]

  /// How many rows a tile of so many groups may have, the largest number first: the sums, the groups' numbers and a row's must fit into the
  /// registers.
  static func heights(width: Int) -> [Int] {
    if hasFewRegisters { return width == 1 ? shortHeights : [2, 1] }
    return width == 1 ? longHeights : shortHeights
  }
  private static let (longHeights, shortHeights) = ([12, 6, 2, 1], [6, 2, 1])

  /// Calls the specialisation for `height` × `width`.
  @inline(__always)
  func run(_ height: Int, _ width: Int) {
    switch height &* 8 &+ width {
    case 12 * 8 + 1: sum(InlineArray<12, Float>.self, InlineArray<1, Float>.self)
    case 6 * 8 + 4: sum(InlineArray<6, Float>.self, InlineArray<4, Float>.self)
    case 6 * 8 + 2: sum(InlineArray<6, Float>.self, InlineArray<2, Float>.self)
    case 6 * 8 + 1: sum(InlineArray<6, Float>.self, InlineArray<1, Float>.self)
    case 2 * 8 + 4: sum(InlineArray<2, Float>.self, InlineArray<4, Float>.self)
    case 2 * 8 + 3: sum(InlineArray<2, Float>.self, InlineArray<3, Float>.self)
    case 2 * 8 + 2: sum(InlineArray<2, Float>.self, InlineArray<2, Float>.self)
    case 2 * 8 + 1: sum(InlineArray<2, Float>.self, InlineArray<1, Float>.self)
    case 1 * 8 + 4: sum(InlineArray<1, Float>.self, InlineArray<4, Float>.self)
    case 1 * 8 + 3: sum(InlineArray<1, Float>.self, InlineArray<3, Float>.self)
    case 1 * 8 + 2: sum(InlineArray<1, Float>.self, InlineArray<2, Float>.self)
    case 1 * 8 + 1: sum(InlineArray<1, Float>.self, InlineArray<1, Float>.self)
    default: preconditionFailure("no tile of \(height) × \(width)")
    }
  }

  /// The products of `R` rows and `G` groups: one loop, so that they never leave the registers.
  @inline(never)
  private func sum<let R: Int, let G: Int>(
    _: InlineArray<R, Float>.Type, _: InlineArray<G, Float>.Type
  ) {
    var sums = InlineArray<R, InlineArray<G, LaneVector>>(repeating: InlineArray(repeating: .zero))
    for feature in 0..<features {
      var values = InlineArray<G, LaneVector>(repeating: .zero)
      for g in 0..<G { values[g] = groups[g &* features &+ feature] }
      for r in 0..<R {
        let factor = LaneVector(repeating: rows[r &* features &+ feature])
        for g in 0..<G { sums[r][g] = sums[r][g].plusProduct(values[g], factor) }
      }
    }
    for r in 0..<R {
      for g in 0..<G { products[r &* stride &+ g] = sums[r][g] }
    }
  }
}
