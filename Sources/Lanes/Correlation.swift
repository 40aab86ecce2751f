/// How one convolution is walked in one direction, made once per layer; `correlate` runs it.
///
/// Kernels of three columns and more go by minimal filtering (`FilteredCorrelation`) where that saves time, all others
/// product by product.
package final class CorrelationPlan: Sendable {
  private enum Walk: Sendable {
    case direct(TilePlan)
    case filtered(FilteredCorrelation)
  }

  /// The geometry as a correlation: the map that is read is `in`, the one that is written `out`.
  private let shape: ConvolutionShape
  private let walk: Walk
  private let isTransposed: Bool
  /// Neighbouring output channels that share one bias: the pixels of a channel of the large map where a product with
  /// a matrix stands for a deconvolution of one pixel.
  private let channelsPerBias: Int

  /// Zero columns on either side of a row of the map that is read.
  package let padding: Int
  /// Floats of the weights that `pack` makes.
  package let weightCount: Int
  /// Lane vectors of scratch memory that `correlate` needs.
  package let scratchCount: Int

  /// The plan of the large map's way to the small one, or of the small one's to the large one.
  ///
  /// - Parameter filtered: whether to use minimal filtering; nil lets the shape decide
  package init(_ convolution: ConvolutionShape, transposed: Bool = false, filtered: Bool? = nil) {
    let canonical = convolution.canonical
    shape = transposed ? canonical.transposed : canonical
    isTransposed = transposed
    channelsPerBias =
      transposed && canonical != convolution ? convolution.inRows * convolution.inColumns : 1
    if let filter = MinimalFilter(canonical),
      filtered ?? FilteredCorrelation.pays(canonical, filter, transposed: transposed)
    {
      let plan = FilteredCorrelation(canonical, filter, transposed: transposed)
      (walk, padding) = (.filtered(plan), 0)
      (weightCount, scratchCount) = (plan.weightCount, plan.scratchCount)
    } else {
      (walk, padding) = (.direct(TilePlan(shape)), shape.paddingColumns)
      (weightCount, scratchCount) = (shape.weightCount, shape.paddedCount)
    }
  }

  /// Copies weights from PyTorch's layout, `[outChannels][inChannels][kernelRows][kernelColumns]` of the convolution
  /// from large to small, to the order in which the kernels read them.
  package func pack(_ weights: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
    switch walk {
    case .filtered(let plan): plan.pack(weights, to: packed)
    case .direct(let plan) where isTransposed: plan.packTransposed(weights, to: packed)
    case .direct(let plan): plan.pack(weights, to: packed)
    }
  }

  fileprivate func run(
    _ input: UnsafePointer<LaneVector>?, _ weights: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<LaneVector>, _ scratch: UnsafeMutablePointer<LaneVector>
  ) {
    switch walk {
    case .filtered(let plan):
      guard let input else { preconditionFailure("a plan without padding reads its input where it is") }
      plan.run(input, weights: weights, to: output, scratch: scratch)
    case .direct(let plan):
      plan.run(
        0..<shape.outRows, input.map { padColumns($0, shape, scratch) } ?? UnsafePointer(scratch),
        weights: weights, to: output, outputPlane: shape.outRows &* shape.outColumns)
    }
  }

  fileprivate func addBias(_ bias: UnsafePointer<Float>, to output: UnsafeMutablePointer<LaneVector>) {
    let pixels = shape.outRows &* shape.outColumns
    for channel in 0..<shape.outChannels {
      let value = LaneVector(repeating: bias[channel / channelsPerBias])
      let into = output + channel &* pixels
      for pixel in 0..<pixels { into[pixel] += value }
    }
  }
}

/// One map of a lane group from another: the forward pass and the data gradient of convolution and deconvolution,
/// whichever way `plan` goes.
///
/// - Parameters:
///   - input: `[inChannels][inRows][inColumns]` of the map that the plan reads; nil where the plan has padding and
///     `scratch` holds the map already, with `plan.padding` zero columns on both sides of every row
///   - weights: as `plan.pack` made them
///   - bias: one per channel of the map that is written, or nil
///   - output: the map that the plan writes, overwritten
///   - scratch: `plan.scratchCount` lane vectors
package func correlate(
  _ input: UnsafePointer<LaneVector>?, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil,
  to output: UnsafeMutablePointer<LaneVector>, _ plan: CorrelationPlan,
  scratch: UnsafeMutablePointer<LaneVector>
) {
  plan.run(input, weights, output, scratch)
  if let bias { plan.addBias(bias, to: output) }
}

/// Copies a map to one with `paddingColumns` zero columns on both sides; returns the map itself without padding.
func padColumns(
  _ input: UnsafePointer<LaneVector>, _ shape: ConvolutionShape, _ scratch: UnsafeMutablePointer<LaneVector>
) -> UnsafePointer<LaneVector> {
  if shape.paddingColumns == 0 { return input }
  let columns = shape.inColumns
  let padding = shape.paddingColumns
  var from = input
  var into = scratch
  for _ in 0..<(shape.inChannels &* shape.inRows) {
    for column in 0..<padding { into[column] = .zero }
    for column in 0..<columns { into[padding &+ column] = from[column] }
    for column in 0..<padding { into[padding &+ columns &+ column] = .zero }
    from += columns
    into += columns &+ 2 &* padding
  }
  return UnsafePointer(scratch)
}
