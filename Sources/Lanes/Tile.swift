import CPUTarget

/// Whether the target has 16 vector registers, not 32: tiles must be small. Known when the program is compiled, but not where the
/// compiler looks for what is never executed.
var hasFewRegisters: Bool { DBC_LANE_REGISTERS < 32 }

/// Which numbers of columns a tile of so many channels may have: the sums, the inputs and a weight must fit into the
/// registers.
enum TileSizes {
  static func widths(channels: Int) -> [Int] {
    if hasFewRegisters {
      switch channels {
      case 1: return [4, 1]
      case 2: return [3, 1]
      default: return [1]
      }
    }
    switch channels {
    case 1: return [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    case 2: return [8, 4, 2, 1]
    case 3: return [6, 4, 2, 1]
    case 4, 5, 6: return [4, 2, 1]
    default: return [1]
    }
  }
}

/// The sums of a few channels × a few columns of one output row, held in registers.
struct Tile {
  /// `[tap][channel]`
  let weights: UnsafePointer<Float>
  /// The tile's channels in the output, first column.
  let output: UnsafeMutablePointer<LaneVector>
  let outputStride: Int

  /// Calls the specialisation for `channels` × `columns`.
  @inline(__always)
  func run(
    _ channels: Int, _ columns: Int, _ taps: UnsafeBufferPointer<TilePlan.Tap>,
    _ input: UnsafePointer<LaneVector>, column: Int
  ) {
    let into = output + column
    switch channels &* 32 &+ columns {
    case 16 * 32 + 1: sum(InlineArray<16, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 8 * 32 + 1: sum(InlineArray<8, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 6 * 32 + 4: sum(InlineArray<6, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 6 * 32 + 2: sum(InlineArray<6, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 6 * 32 + 1: sum(InlineArray<6, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 5 * 32 + 4: sum(InlineArray<5, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 5 * 32 + 2: sum(InlineArray<5, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 5 * 32 + 1: sum(InlineArray<5, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 4 * 32 + 4: sum(InlineArray<4, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 4 * 32 + 2: sum(InlineArray<4, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 4 * 32 + 1: sum(InlineArray<4, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 3 * 32 + 6: sum(InlineArray<3, Float>.self, InlineArray<6, Float>.self, taps, input, into)
    case 3 * 32 + 4: sum(InlineArray<3, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 3 * 32 + 2: sum(InlineArray<3, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 3 * 32 + 1: sum(InlineArray<3, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 2 * 32 + 8: sum(InlineArray<2, Float>.self, InlineArray<8, Float>.self, taps, input, into)
    case 2 * 32 + 4: sum(InlineArray<2, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 2 * 32 + 3: sum(InlineArray<2, Float>.self, InlineArray<3, Float>.self, taps, input, into)
    case 2 * 32 + 2: sum(InlineArray<2, Float>.self, InlineArray<2, Float>.self, taps, input, into)
    case 2 * 32 + 1: sum(InlineArray<2, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    case 1 * 32 + 4: sum(InlineArray<1, Float>.self, InlineArray<4, Float>.self, taps, input, into)
    case 1 * 32 + 1: sum(InlineArray<1, Float>.self, InlineArray<1, Float>.self, taps, input, into)
    default: preconditionFailure("no tile of \(channels) × \(columns)")
    }
  }

  /// The sums of `C` channels × `P` columns over `taps`: one loop, so that they never leave the registers. The array
  /// types only carry the two constants.
  @inline(never)
  private func sum<let C: Int, let P: Int>(
    _: InlineArray<C, Float>.Type, _: InlineArray<P, Float>.Type,
    _ taps: UnsafeBufferPointer<TilePlan.Tap>, _ input: UnsafePointer<LaneVector>,
    _ into: UnsafeMutablePointer<LaneVector>
  ) {
    var sums = InlineArray<C, InlineArray<P, LaneVector>>(repeating: InlineArray(repeating: .zero))
    for tap in taps {
      let from = input + Int(tap.input)
      let w = weights + Int(tap.weight) &* C
      // Whichever is shorter is held in registers.
      if P <= C {
        var x = InlineArray<P, LaneVector>(repeating: .zero)
        for p in 0..<P { x[p] = from[p] }
        for c in 0..<C {
          let weight = LaneVector(repeating: w[c])
          for p in 0..<P { sums[c][p] = sums[c][p].plusProduct(x[p], weight) }
        }
      } else {
        var weight = InlineArray<C, LaneVector>(repeating: .zero)
        for c in 0..<C { weight[c] = LaneVector(repeating: w[c]) }
        for p in 0..<P {
          let x = from[p]
          for c in 0..<C { sums[c][p] = sums[c][p].plusProduct(x, weight[c]) }
        }
      }
    }
    for c in 0..<C {
      for p in 0..<P { into[c &* outputStride &+ p] = sums[c][p] }
    }
  }
}

/// The sums of two rows of the only output channel × a few columns, held in registers.
struct RowPair {
  typealias Taps = UnsafeBufferPointer<TilePlan.Tap>

  /// `[tap]`
  let weights: UnsafePointer<Float>
  let kernelColumns: Int
  let upperOnly: Taps
  let both: Taps
  let lowerOnly: Taps

  func run(
    _ columns: Int, _ input: UnsafePointer<LaneVector>, lowerInput: UnsafePointer<LaneVector>,
    _ output: UnsafeMutablePointer<LaneVector>, lowerOutput: UnsafeMutablePointer<LaneVector>
  ) {
    switch columns {
    case 10: sum(InlineArray<10, Float>.self, input, lowerInput, output, lowerOutput)
    case 9: sum(InlineArray<9, Float>.self, input, lowerInput, output, lowerOutput)
    case 8: sum(InlineArray<8, Float>.self, input, lowerInput, output, lowerOutput)
    case 7: sum(InlineArray<7, Float>.self, input, lowerInput, output, lowerOutput)
    case 6: sum(InlineArray<6, Float>.self, input, lowerInput, output, lowerOutput)
    case 5: sum(InlineArray<5, Float>.self, input, lowerInput, output, lowerOutput)
    case 4: sum(InlineArray<4, Float>.self, input, lowerInput, output, lowerOutput)
    case 3: sum(InlineArray<3, Float>.self, input, lowerInput, output, lowerOutput)
    case 2: sum(InlineArray<2, Float>.self, input, lowerInput, output, lowerOutput)
    default: sum(InlineArray<1, Float>.self, input, lowerInput, output, lowerOutput)
    }
  }

  @inline(never)
  private func sum<let P: Int>(
    _: InlineArray<P, Float>.Type, _ input: UnsafePointer<LaneVector>,
    _ lowerInput: UnsafePointer<LaneVector>,
    _ output: UnsafeMutablePointer<LaneVector>, _ lowerOutput: UnsafeMutablePointer<LaneVector>
  ) {
    var upper = InlineArray<P, LaneVector>(repeating: .zero)
    var lower = InlineArray<P, LaneVector>(repeating: .zero)
    for tap in upperOnly {
      let from = input + Int(tap.input)
      let weight = LaneVector(repeating: weights[Int(tap.weight)])
      for p in 0..<P { upper[p] = upper[p].plusProduct(from[p], weight) }
    }
    let lowerWeights = weights - kernelColumns
    for tap in both {
      let from = input + Int(tap.input)
      let weight = LaneVector(repeating: weights[Int(tap.weight)])
      let lowerWeight = LaneVector(repeating: lowerWeights[Int(tap.weight)])
      for p in 0..<P {
        let x = from[p]
        upper[p] = upper[p].plusProduct(x, weight)
        lower[p] = lower[p].plusProduct(x, lowerWeight)
      }
    }
    for tap in lowerOnly {
      let from = lowerInput + Int(tap.input)
      let weight = LaneVector(repeating: weights[Int(tap.weight)])
      for p in 0..<P { lower[p] = lower[p].plusProduct(from[p], weight) }
    }
    // In this order: without a lower row both are the same memory.
    for p in 0..<P { lowerOutput[p] = lower[p] }
    for p in 0..<P { output[p] = upper[p] }
  }
}
