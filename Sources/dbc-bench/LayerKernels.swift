import FCAE
import Lanes

/// The kernels of one layer with operands to run them on.
final class LayerKernels {
  typealias Kernel = (name: String, flops: Int, bytes: Int, run: () -> Void)

  private let shape: ConvolutionShape
  private let pool: PoolShape?
  private let large: AlignedBuffer<LaneVector>
  private let small: AlignedBuffer<LaneVector>
  private let result: AlignedBuffer<LaneVector>
  private let pooled: AlignedBuffer<LaneVector>
  private let selected: AlignedBuffer<LaneVector>
  private let switches: AlignedBuffer<Switches>
  private let weights: AlignedBuffer<Float>
  private let packed: AlignedBuffer<Float>
  private let gradientPlan: WeightGradientPlan
  private let plans: (direct: CorrelationPlan, transposed: CorrelationPlan)
  private let dWeights: AlignedBuffer<Float>
  private let scratch: AlignedBuffer<LaneVector>
  private let sums: AlignedBuffer<Double>
  private let transforms: [ChannelTransform]
  private let means: [Double]
  private let mask = laneMask(images: laneCount)

  /// Operands of random numbers for a layer and the pooling behind it.
  init(_ shape: ConvolutionShape, _ pool: PoolShape?) {
    (self.shape, self.pool) = (shape, pool)
    large = AlignedBuffer(count: shape.inCount)
    small = AlignedBuffer(count: shape.outCount)
    result = AlignedBuffer(count: max(shape.inCount, shape.outCount))
    pooled = AlignedBuffer(count: pool?.outCount ?? 1)
    selected = AlignedBuffer(count: pool?.outCount ?? 1)
    switches = AlignedBuffer(count: pool?.outCount ?? 1)
    weights = AlignedBuffer(count: shape.weightCount)
    gradientPlan = WeightGradientPlan(shape)
    plans = (CorrelationPlan(shape), CorrelationPlan(shape, transposed: true))
    packed = AlignedBuffer(count: max(plans.direct.weightCount, plans.transposed.weightCount))
    dWeights = AlignedBuffer(count: shape.weightCount)
    scratch = AlignedBuffer(
      count: max(plans.direct.scratchCount, plans.transposed.scratchCount, gradientPlan.scratchCount))
    sums = AlignedBuffer(count: 2 * shape.outChannels)
    transforms = (0..<shape.outChannels).map { _ in
      ChannelTransform(mean: 0.1, variance: 0.5, epsilon: 1e-5, scale: 1.1, offset: 0.1)
    }
    means = Array(repeating: 0.01, count: 2 * shape.outChannels)
    var random = CounterRandom(seed: 0, purpose: .benchmark)
    for map in [large.all.floats, small.all.floats, pooled.all.floats] {
      for i in map.indices { map[i] = Float(random.next32() >> 8) * 0x1p-24 - 0.5 }
    }
    for i in 0..<shape.weightCount { weights.base[i] = Float(random.next32() >> 8) * 0x1p-24 - 0.5 }
    plans.direct.pack(weights.base, to: packed.base)
  }

  /// The three directions of the convolution.
  var convolutions: [Kernel] {
    let flops = 2 * laneCount * shape.multiplyAdds
    let bytes = 64 * (shape.inCount + shape.outCount) + 4 * shape.weightCount
    let scratch = scratch.base
    return [
      (
        "correlate", flops, bytes,
        { [self] in
          correlate(large.base, weights: packed.base, to: result.base, plans.direct, scratch: scratch)
        }
      ),
      (
        "transposed", flops, bytes,
        { [self] in
          correlate(small.base, weights: packed.base, to: result.base, plans.transposed, scratch: scratch)
        }
      ),
      (
        "weight gradient", flops, bytes,
        { [self] in
          weightGradient(
            large: large.base, small: small.base, to: dWeights.base, gradientPlan, scratch: scratch)
        }
      ),
    ]
  }

  /// Batch normalisation, ReLU and pooling of the layer's output, forward and backward.
  var elementwise: [Kernel] {
    let channels = shape.outChannels
    let pixels = shape.outRows * shape.outColumns
    let map = 64 * shape.outCount
    let sums: Kernel = (
      "channel sums", 3 * laneCount * shape.outCount, map,
      { [self] in channelSums(small.base, channels: channels, pixels: pixels, to: self.sums.base) }
    )
    guard let pool else {
      return [
        sums,
        (
          "normalize", 2 * laneCount * shape.outCount, 2 * map,
          { [self] in
            normalize(
              small.base, channels: channels, pixels: pixels, transforms, rectify: true, mask: mask,
              to: result.base)
          }
        ),
        (
          "normalize backward", 4 * laneCount * shape.outCount, 3 * map,
          { [self] in
            normalizeBackward(
              small.base, channels: channels, pixels: pixels, transforms, means: means, mask: mask,
              gradient: result.base)
          }
        ),
      ]
    }
    return [sums] + pooling(pool, map: map)
  }

  private func pooling(_ pool: PoolShape, map: Int) -> [Kernel] {
    let part = 64 * pool.outCount
    return [
      (
        "normalize, pool", 3 * laneCount * pool.outCount, map + 3 * part,
        { [self] in
          normalizeAndPool(
            small.base, transforms, rectify: true, mask: mask, to: pooled.base, selected: selected.base,
            switches: switches.base, pool)
        }
      ),
      (
        "backward sums", 7 * laneCount * pool.outCount, 3 * part,
        { [self] in
          normalizeBackwardSums(
            selected.base, channels: pool.channels, pixels: pool.outRows * pool.outColumns, transforms,
            rectify: true, gradient: pooled.base, to: self.sums.base)
        }
      ),
      (
        "normalize, pool backward", 2 * laneCount * shape.outCount, 2 * map + 2 * part,
        { [self] in
          normalizeAndPoolBackward(
            channels: 0..<pool.channels, small.base, gradient: pooled.base, switches: switches.base,
            transforms, means: means, mask: mask, to: result.base, pool)
        }
      ),
      (
        "unpool", 0, map + 2 * part,
        { [self] in unpool(pooled.base, switches: switches.base, to: result.base, pool) }
      ),
      (
        "gather switched", 0, map + 2 * part,
        { [self] in gatherSwitched(small.base, switches: switches.base, to: pooled.base, pool) }
      ),
    ]
  }
}
