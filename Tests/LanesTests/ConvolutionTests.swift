import Lanes
import Testing

/// Shapes that meet every tile: the paper's layers, odd sizes, padding, one pixel, kernels from 1 to 9.
let shapes: [ConvolutionShape] =
  [
    (1, 6, 5, 0, 28, 28), (6, 16, 5, 0, 12, 12), (16, 120, 4, 0, 4, 4), (1, 20, 3, 1, 16, 16),
    (20, 20, 3, 1, 8, 8),
    (20, 160, 4, 0, 4, 4), (3, 5, 9, 0, 17, 21), (1, 1, 1, 0, 5, 7), (2, 3, 2, 1, 3, 3), (7, 13, 3, 2, 9, 4),
    (4, 7, 6, 3, 11, 8), (5, 2, 7, 0, 10, 16), (3, 37, 3, 0, 3, 3), (3, 9, 8, 0, 9, 10), (1, 4, 4, 1, 2, 2),
    (11, 1, 5, 4, 5, 5), (2, 11, 3, 1, 1, 6), (8, 10, 1, 0, 1, 1), (20, 20, 5, 0, 60, 60),
    (1, 20, 9, 0, 128, 128),
    (4, 1, 3, 0, 5, 9), (2, 1, 4, 0, 6, 10), (3, 4, 7, 3, 31, 40), (2, 3, 10, 4, 21, 23),
    (5, 8, 4, 1, 30, 33), (24, 1, 6, 5, 40, 38),
  ].map {
    ConvolutionShape(
      inChannels: $0.0, outChannels: $0.1, kernelRows: $0.2, kernelColumns: $0.2, paddingRows: $0.3,
      paddingColumns: $0.3, inRows: $0.4, inColumns: $0.5)
  } + [
    ConvolutionShape(inChannels: 2, outChannels: 9, kernelRows: 2, kernelColumns: 5, inRows: 2, inColumns: 5),
    ConvolutionShape(
      inChannels: 3, outChannels: 6, kernelRows: 4, kernelColumns: 3, paddingRows: 1, paddingColumns: 2,
      inRows: 7,
      inColumns: 6),
  ]

/// A plan with packed weights and scratch memory.
struct Walk: ~Copyable {
  let plan: CorrelationPlan
  let packed: AlignedBuffer<Float>
  let scratch: AlignedBuffer<LaneVector>

  init(_ shape: ConvolutionShape, _ weights: [Float], transposed: Bool = false, filtered: Bool? = nil) {
    plan = CorrelationPlan(shape, transposed: transposed, filtered: filtered)
    packed = AlignedBuffer(count: plan.weightCount)
    scratch = AlignedBuffer(count: plan.scratchCount)
    plan.pack(weights, to: packed.base)
  }
}

@Suite struct ConvolutionTests {
  @Test(
    "a convolution of any shape equals the plain loop, directly and filtered", arguments: shapes,
    [false, true])
  func forward(shape: ConvolutionShape, filtered: Bool) {
    let large = randomLanes(shape.inCount, seed: 1)
    let weights = randomFloats(shape.weightCount, seed: 2)
    let bias = randomFloats(shape.outChannels, seed: 3)
    let small = AlignedBuffer<LaneVector>(count: shape.outCount)
    let walk = Walk(shape, weights, filtered: filtered)
    correlate(
      large.base, weights: walk.packed.base, bias: bias, to: small.base, walk.plan, scratch: walk.scratch.base
    )
    for lane in [0, 7, 15] {
      let input = PlainMap(
        large.base, lane: lane, channels: shape.inChannels, rows: shape.inRows, columns: shape.inColumns)
      var expected = plainConvolution(input, weights, shape)
      let pixels = shape.outRows * shape.outColumns
      for i in expected.values.indices { expected.values[i] += Double(bias[i / pixels]) }
      #expect(
        relativeError((0..<shape.outCount).map { Double(small.base[$0][lane]) }, expected.values)
          < (filtered ? 1e-5 : 2e-6))
    }
  }

  @Test(
    "a deconvolution of any shape equals the plain loop, with and without bias, directly and filtered",
    arguments: shapes, [false, true])
  func transposed(shape: ConvolutionShape, filtered: Bool) {
    let small = randomLanes(shape.outCount, seed: 4)
    let weights = randomFloats(shape.weightCount, seed: 5)
    let bias = randomFloats(shape.inChannels, seed: 6)
    let walk = Walk(shape, weights, transposed: true, filtered: filtered)
    for withBias in [false, true] {
      let large = AlignedBuffer<LaneVector>(count: shape.inCount)
      bias.withUnsafeBufferPointer {
        correlate(
          small.base, weights: walk.packed.base, bias: withBias ? $0.baseAddress : nil, to: large.base,
          walk.plan, scratch: walk.scratch.base)
      }
      let lane = 11
      let input = PlainMap(
        small.base, lane: lane, channels: shape.outChannels, rows: shape.outRows, columns: shape.outColumns)
      var expected = plainDeconvolution(input, weights, shape)
      let pixels = shape.inRows * shape.inColumns
      if withBias { for i in expected.values.indices { expected.values[i] += Double(bias[i / pixels]) } }
      #expect(
        relativeError((0..<shape.inCount).map { Double(large.base[$0][lane]) }, expected.values)
          < (filtered ? 1e-5 : 2e-6))
    }
  }

  @Test(
    "a weight gradient of any shape equals the plain loop summed over the lanes, directly and filtered",
    arguments: shapes, [false, true])
  func weightGradients(shape: ConvolutionShape, filtered: Bool) {
    let large = randomLanes(shape.inCount, seed: 7)
    let small = randomLanes(shape.outCount, seed: 8)
    let plan = WeightGradientPlan(shape, filtered: filtered)
    let scratch = AlignedBuffer<LaneVector>(count: plan.scratchCount)
    let gradient = AlignedBuffer<Float>(count: shape.weightCount + 1)
    gradient.base[shape.weightCount] = 42
    weightGradient(large: large.base, small: small.base, to: gradient.base, plan, scratch: scratch.base)
    var expected = [Double](repeating: 0, count: shape.weightCount)
    for lane in 0..<laneCount {
      plainWeightGradient(
        PlainMap(
          large.base, lane: lane, channels: shape.inChannels, rows: shape.inRows, columns: shape.inColumns),
        PlainMap(
          small.base, lane: lane, channels: shape.outChannels, rows: shape.outRows, columns: shape.outColumns),
        shape, into: &expected)
    }
    #expect(
      relativeError((0..<shape.weightCount).map { Double(gradient.base[$0]) }, expected)
        < (filtered ? 2e-5 : 5e-6))
    #expect(gradient.base[shape.weightCount] == 42, "nothing is written behind the gradient")
  }

  @Test("a lane's result does not depend on the other lanes")
  func lanesAreIndependent() {
    let shape = shapes[1]
    let large = randomLanes(shape.inCount, seed: 1)
    let alone = AlignedBuffer<LaneVector>(count: shape.inCount)
    for i in 0..<shape.inCount { alone.base[i][3] = large.base[i][3] }
    let weights = randomFloats(shape.weightCount, seed: 2)
    let a = AlignedBuffer<LaneVector>(count: shape.outCount)
    let b = AlignedBuffer<LaneVector>(count: shape.outCount)
    let walk = Walk(shape, weights)
    correlate(large.base, weights: walk.packed.base, to: a.base, walk.plan, scratch: walk.scratch.base)
    correlate(alone.base, weights: walk.packed.base, to: b.base, walk.plan, scratch: walk.scratch.base)
    for i in 0..<shape.outCount {
      #expect(a.base[i][3] == b.base[i][3])
      #expect(b.base[i][4] == 0)
    }
  }
}
