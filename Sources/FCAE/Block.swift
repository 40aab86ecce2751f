import Lanes

/// One layer of the network with what belongs to it:
/// [unpooling] → convolution or deconvolution → [batch normalisation → ReLU] → [max-pooling].
///
/// It holds the geometry and where its parameters and activations lie; the memory belongs to the
/// `AutoEncoder`. Activations are `[group][element]` of lane vectors.
final class Block: Sendable {
  enum Kind: Sendable { case convolution, deconvolution }

  let name: String
  let kind: Kind
  let shape: ConvolutionShape
  /// How the forward pass is walked, and the gradient of the input.
  let forwardPlan: CorrelationPlan
  let backwardPlan: CorrelationPlan
  /// How the gradient of the weights is formed, `gradientChannels` output channels at a time.
  let gradientPlan: WeightGradientPlan
  /// All, but in a first pooling block: nothing else reads the gradient of its large map, so that it is made for as many
  /// channels as stay in the cache.
  let gradientChannels: Int
  /// Pooling behind a convolution, or the unpooling in front of a deconvolution.
  let pool: PoolShape?
  /// Batch normalisation follows; otherwise a bias is added.
  let normalized: Bool
  let rectified: Bool

  let weights: ParameterLayout.Entry
  /// γ and β, or nil.
  let scale: ParameterLayout.Entry?
  let offset: ParameterLayout.Entry?
  let bias: ParameterLayout.Entry?

  /// Channels, rows and columns of the (de)convolution's output.
  var outChannels: Int { kind == .convolution ? shape.outChannels : shape.inChannels }
  var outRows: Int { kind == .convolution ? shape.outRows : shape.inRows }
  var outColumns: Int { kind == .convolution ? shape.outColumns : shape.inColumns }
  var pixels: Int { outRows * outColumns }
  /// Elements of the (de)convolution's output.
  var valueCount: Int { outChannels * pixels }
  /// Elements of the (de)convolution's operand, after any unpooling.
  var operandCount: Int { kind == .convolution ? shape.inCount : shape.outCount }
  /// Elements that come in.
  var inCount: Int { kind == .deconvolution ? pool?.outCount ?? operandCount : operandCount }
  /// Elements that go out.
  var outCount: Int { kind == .convolution ? pool?.outCount ?? valueCount : valueCount }
  /// Whether activations and values are different maps.
  var poolsOutput: Bool { kind == .convolution && pool != nil }
  var unpoolsInput: Bool { kind == .deconvolution && pool != nil }

  /// The largest divisor of `channels` whose maps stay in the second-level cache beside what else a step needs there; all
  /// where not even a few channels do.
  private static func cachedChannels(_ channels: Int, pixels: Int) -> Int {
    let most = (160 << 10) / (pixels * MemoryLayout<LaneVector>.stride)
    return (3...max(3, channels)).last { $0 <= most && channels % $0 == 0 } ?? channels
  }

  /// Lane vectors of `dValues` of a pooling block: of the channels that are worked on at once.
  var gradientCount: Int { gradientChannels * pixels }

  /// Floats of the packed weights, in whole lane vectors.
  var packedCounts: (forward: Int, backward: Int) {
    func whole(_ plan: CorrelationPlan) -> Int { (plan.weightCount + laneCount - 1) / laneCount * laneCount }
    return (whole(forwardPlan), whole(backwardPlan))
  }

  /// Lane vectors of scratch memory that the kernels need.
  var scratchCount: Int {
    max(forwardPlan.scratchCount, backwardPlan.scratchCount, gradientPlan.scratchCount)
  }

  /// The name and PyTorch shape of every parameter of a block, in the order of the arena.
  static func parameters(
    name: String, kind: Kind, shape: ConvolutionShape, normalized: Bool
  ) -> [(String, [Int])] {
    let channels = kind == .convolution ? shape.outChannels : shape.inChannels
    let weights = (
      "\(name).weight", [shape.outChannels, shape.inChannels, shape.kernelRows, shape.kernelColumns]
    )
    return normalized
      ? [weights, ("\(name).bn.weight", [channels]), ("\(name).bn.bias", [channels])]
      : [weights, ("\(name).bias", [channels])]
  }

  init(
    name: String, kind: Kind, shape: ConvolutionShape, pool: PoolShape?, normalized: Bool, rectified: Bool,
    isFirst: Bool, layout: ParameterLayout
  ) {
    self.name = name
    self.kind = kind
    self.shape = shape
    forwardPlan = CorrelationPlan(shape, transposed: kind == .deconvolution)
    backwardPlan = CorrelationPlan(shape, transposed: kind == .convolution)
    gradientChannels =
      isFirst && pool != nil
      ? Self.cachedChannels(shape.outChannels, pixels: shape.outRows * shape.outColumns) : shape.outChannels
    gradientPlan = WeightGradientPlan(shape.with(outChannels: gradientChannels))
    self.pool = pool
    self.normalized = normalized
    self.rectified = rectified
    weights = layout["\(name).weight"]
    scale = normalized ? layout["\(name).bn.weight"] : nil
    offset = normalized ? layout["\(name).bn.bias"] : nil
    bias = normalized ? nil : layout["\(name).bias"]
  }
}

/// The memory of one block's activations and gradients, and what the forward pass leaves for the backward pass.
struct BlockState {
  /// Output of the (de)convolution, `[groups][valueCount]`.
  let values: UnsafeMutablePointer<LaneVector>
  /// Of a pooling block: the elements of `values` that were chosen, `[groups][outCount]`.
  let selected: UnsafeMutablePointer<LaneVector>?
  /// Gradient of `values`: the memory of `dOutput`, or, of a pooling block, `[valueCount]` of one group at a time.
  let dValues: UnsafeMutablePointer<LaneVector>
  /// What goes out, `[groups][outCount]`; the same memory as `values` without batch norm.
  let output: UnsafeMutablePointer<LaneVector>
  /// Gradient of what goes out, `[groups][outCount]`; the same memory as `output` but for the features.
  let dOutput: UnsafeMutablePointer<LaneVector>
  /// Where the largest elements were, `[groups][outCount]`: written by a pooling convolution, read by its mirror.
  let switches: UnsafeMutablePointer<Switches>?
  /// The weights packed for the forward pass and for the gradient of the input, up to date after
  /// `AutoEncoder.refreshWeights`.
  let forwardWeights: UnsafeMutablePointer<Float>
  let backwardWeights: UnsafeMutablePointer<Float>
  /// Channel transforms of the current mini-batch.
  var transforms: [ChannelTransform] = []
}
