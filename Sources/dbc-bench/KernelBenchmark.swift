import ArgumentParser
import FCAE
import Lanes
import MPI

/// Every kernel at every layer shape of the paper's networks, for one lane group of 16 images.
struct KernelBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Every kernel at every layer shape: time of 16 images, GFLOP/s, percent of the measured peak.",
    discussion: """
      Convolutions are counted as two operations per multiply-add, products with padding zeros left out. Bytes are \
      those that a kernel must read and write once; operands of one group mostly stay in the caches.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: "A network of the paper; without it all four.")
  var architecture: PaperNetwork?

  func measure(_ world: borrowing Communicator) throws {
    guard world.isRoot else { return }
    let output = Output("kernels", common, world)
    let peak = fusedMultiplyAddPeak(common.repetitions).median
    for network in architecture.map({ [$0] }) ?? PaperNetwork.allCases {
      for (number, layer) in try network.architecture().layers.enumerated() {
        let kernels = LayerKernels(layer.shape, layer.pool, isFirst: number == 0)
        for (name, flops, bytes, run) in kernels.all {
          let seconds = secondsPerCall(common.repetitions, run)
          let rate = Double(flops) / seconds.median * 1e-9
          output.add([
            ("network", .text(network.rawValue)), ("layer", .text(layer.name)), ("kernel", .text(name)),
            ("time [µs]", .spread(seconds.map { $0 * 1e6 })), ("GFLOP/s", .number(rate)),
            ("% of peak", .number(100 * rate / peak)),
            ("KiB", .count(bytes >> 10)), ("GB/s", .number(Double(bytes) / seconds.median * 1e-9)),
          ])
        }
      }
    }
    output.finish(
      "Peak of one core: \(Int(peak.rounded())) GFLOP/s of fused multiply-adds. Times are of one group of 16 images."
    )
  }
}

/// The kernels of one layer with operands to run them on.
private final class LayerKernels {
  let shape: ConvolutionShape
  let pool: PoolShape?
  let isFirst: Bool
  private let large: AlignedBuffer<LaneVector>
  private let small: AlignedBuffer<LaneVector>
  private let result: AlignedBuffer<LaneVector>
  private let pooled: AlignedBuffer<LaneVector>
  private let switches: AlignedBuffer<Switches>
  private let weights: AlignedBuffer<Float>
  private let packed: AlignedBuffer<Float>
  private let gradientPlan: WeightGradientPlan
  private let plans: (direct: CorrelationPlan, transposed: CorrelationPlan)
  private let dWeights: AlignedBuffer<Float>
  private let scratch: AlignedBuffer<LaneVector>
  private let sums: AlignedBuffer<Double>

  init(_ shape: ConvolutionShape, _ pool: PoolShape?, isFirst: Bool) {
    (self.shape, self.pool, self.isFirst) = (shape, pool, isFirst)
    large = AlignedBuffer(count: shape.inCount)
    small = AlignedBuffer(count: shape.outCount)
    result = AlignedBuffer(count: max(shape.inCount, shape.outCount))
    pooled = AlignedBuffer(count: pool?.outCount ?? 1)
    switches = AlignedBuffer(count: pool?.outCount ?? 1)
    weights = AlignedBuffer(count: shape.weightCount)
    gradientPlan = WeightGradientPlan(shape)
    plans = (CorrelationPlan(shape), CorrelationPlan(shape, transposed: true))
    packed = AlignedBuffer(count: max(plans.direct.weightCount, plans.transposed.weightCount))
    dWeights = AlignedBuffer(count: shape.weightCount)
    scratch = AlignedBuffer(
      count: max(plans.direct.scratchCount, plans.transposed.scratchCount, gradientPlan.scratchCount))
    sums = AlignedBuffer(count: 2 * max(shape.inChannels, shape.outChannels))
    var random = CounterRandom(seed: 0, purpose: .benchmark)
    for map in [large.all.floats, small.all.floats] {
      for i in map.indices { map[i] = Float(random.next32() >> 8) * 0x1p-24 - 0.5 }
    }
    for i in 0..<shape.weightCount { weights.base[i] = Float(random.next32() >> 8) * 0x1p-24 - 0.5 }
    plans.direct.pack(weights.base, to: packed.base)
  }

  typealias Kernel = (name: String, flops: Int, bytes: Int, run: () -> Void)

  var all: [Kernel] { convolutions }

  private var convolutions: [Kernel] {
    let flops = 2 * laneCount * shape.multiplyAdds
    let bytes = 64 * (shape.inCount + shape.outCount) + 4 * shape.weightCount
    return [
      (
        "correlate", flops, bytes,
        { [self] in
          correlate(large.base, weights: packed.base, to: result.base, plans.direct, scratch: scratch.base)
        }
      ),
      (
        "transposed", flops, bytes,
        { [self] in
          correlate(
            small.base, weights: packed.base, to: result.base, plans.transposed, scratch: scratch.base)
        }
      ),
      (
        "weight gradient", flops, bytes,
        { [self] in
          weightGradient(
            large: large.base, small: small.base, to: dWeights.base, gradientPlan, scratch: scratch.base)
        }
      ),
    ]
  }
}
