import Lanes

extension AutoEncoder {
  /// Sets every parameter to its start value: weights uniform in ±1/√n with n the number of products that are added
  /// for one output element, γ = 1, β = 0, bias = 0; running mean 0 and variance 1.
  ///
  /// Every weight is drawn by its own (block, position) from the counter-based generator.
  package mutating func initialize(seed: UInt64) {
    parameters.clear()
    for (index, block) in blocks.enumerated() {
      var random = CounterRandom(seed: seed, purpose: .weights, index: index)
      let inputs = block.kind == .convolution ? block.shape.inChannels : block.shape.outChannels
      let bound = 1 / Double(inputs * block.shape.taps).squareRoot()
      for position in block.weights.range {
        parameters.base[position] = Float(random.uniform(in: -bound...bound))
      }
      if let scale = block.scale { for position in scale.range { parameters.base[position] = 1 } }
    }
    for layer in running.indices {
      running[layer].statistics = RunningStatistics(channels: running[layer].statistics.mean.count)
    }
    refreshWeights()
  }
}
