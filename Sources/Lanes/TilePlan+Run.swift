extension TilePlan {
  /// The output rows `rows`.
  ///
  /// - Parameters:
  ///   - input: row 0 of channel 0, padded columns included; only rows that `rows` need are read
  ///   - weights: as `pack` made them
  ///   - output: row 0 of channel 0; only `rows` are written
  ///   - outputPlane: lane vectors from one output channel to the next
  func run(
    _ rows: Range<Int>, _ input: UnsafePointer<LaneVector>, weights: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<LaneVector>, outputPlane: Int
  ) {
    if pairsRows { return runPairs(rows, input, weights: weights, to: output) }
    let perWeight = shape.inChannels &* shape.taps
    for row in rows {
      let rowInput = input + (row &- shape.paddingRows) &* shape.paddedColumns
      let kind = kind(row)
      for number in 0..<channelTiles.count {
        let channels = channelTiles.base[number]
        let tile = Tile(
          weights: weights + channels.first &* perWeight,
          output: output + (channels.first &* outputPlane &+ row &* shape.outColumns),
          outputStride: outputPlane)
        for columns in tiles(kind, list: channels.list) {
          tile.run(
            channels.count, columns.width, taps(columns), rowInput + columns.first, column: columns.first)
        }
      }
    }
  }

  /// The only output channel, two rows at a time.
  private func runPairs(
    _ rows: Range<Int>, _ input: UnsafePointer<LaneVector>, weights: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<LaneVector>
  ) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let rowInput = input + (row &- shape.paddingRows) &* shape.paddedColumns
      let rowOutput = output + row &* shape.outColumns
      // In steps of kernel rows: those that only the upper row has, those of both, those that only the lower row has.
      // An odd last row is an upper one without a lower one.
      let hasLower = row &+ 1 < rows.upperBound
      let upperKind = kind(row)
      let lowerKind = kind(hasLower ? row &+ 1 : row)
      let upper = upperKind.firstKernelRow..<upperKind.endKernelRow
      let lower = hasLower ? lowerKind.firstKernelRow..<lowerKind.endKernelRow : 0..<0
      // Kernel row k of the upper row meets the inputs of kernel row k − 1 of the lower one.
      let first =
        hasLower ? min(max(upper.lowerBound, lower.lowerBound &+ 1), upper.upperBound) : upper.upperBound
      let shared = first..<max(first, min(upper.upperBound, lower.upperBound &+ 1))
      let rest = min(max(lower.lowerBound, shared.upperBound &- 1), lower.upperBound)..<lower.upperBound
      let lowerTiles = tiles(lowerKind, list: 0)
      for (number, columns) in tiles(upperKind, list: 0).enumerated() {
        let pair = RowPair(
          weights: weights, kernelColumns: shape.kernelColumns,
          upperOnly: taps(columns, rows: upper.lowerBound..<shared.lowerBound, first: upper.lowerBound),
          both: taps(columns, rows: shared, first: upper.lowerBound),
          lowerOnly: taps(lowerTiles[number], rows: rest, first: lower.lowerBound))
        let into = rowOutput + columns.first
        pair.run(
          columns.width, rowInput + columns.first,
          lowerInput: rowInput + (shape.paddedColumns &+ columns.first), into,
          lowerOutput: hasLower ? into + shape.outColumns : into)
      }
      row &+= 2
    }
  }
}
