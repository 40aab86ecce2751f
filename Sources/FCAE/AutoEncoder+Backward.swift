import Lanes

extension AutoEncoder {
  /// Σ ‖x − x̂‖² of lane group `group` after `forwardDecoder`, and its gradient, ready for `backward`.
  ///
  /// - Parameter scale: factor of the gradient: 1/images gives the mean over the mini-batch.
  package func reconstructionLoss(_ group: Int, scale: Float, mask: LaneVector) -> Double {
    let state = states[blocks.count - 1]
    return squaredError(
      target: imageGroup(group), output: state.values + group * imageCount,
      gradient: state.dValues + group * imageCount, count: imageCount, scale: scale, mask: mask)
  }

  /// From the gradient of the reconstruction to the gradients of every parameter of the auto-encoder, added up by
  /// groups in `gradients`. **Collective** through `context.statistics`.
  package mutating func backward(_ context: BatchContext, gradients: borrowing TreeSums<Float>) throws {
    try backward(0..<blocks.count, context, gradients)
  }

  /// From the gradient of the reconstruction to the gradients of the decoder's parameters, and to that of the features in
  /// `featureGradientGroup`. **Collective** through `context.statistics`.
  package mutating func backwardDecoder(_ context: BatchContext, gradients: borrowing TreeSums<Float>) throws
  {
    try backward(encoderCount..<blocks.count, context, gradients)
  }

  /// From the gradient in `featureGradientGroup` to the gradients of the encoder's parameters.
  /// **Collective** through `context.statistics`.
  package mutating func backwardEncoder(_ context: BatchContext, gradients: borrowing TreeSums<Float>) throws
  {
    try backward(0..<encoderCount, context, gradients)
  }

  private mutating func backward(
    _ range: Range<Int>, _ context: BatchContext, _ gradients: borrowing TreeSums<Float>
  ) throws {
    for index in range.reversed() {
      let means = try normalizationMeans(index, context, gradients)
      for group in 0..<context.groups {
        backward(index, group, means: means, mask: context.masks[group], gradients)
      }
    }
  }

  /// First half of batch norm's backward pass: the mini-batch means of dy and dy·x̂, and the gradients of γ and β.
  private func normalizationMeans(
    _ index: Int, _ context: BatchContext, _ gradients: borrowing TreeSums<Float>
  ) throws -> [Double] {
    let block = blocks[index]
    let state = states[index]
    guard let scale = block.scale, let offset = block.offset else { return [] }
    let channels = block.outChannels
    let sums = TreeSums<Double>(width: 2 * channels, schedule: context.schedule)
    for group in 0..<context.groups {
      // Of a pooled map, only the chosen elements have a gradient.
      let values =
        state.selected.map { $0 + group * block.outCount } ?? state.values + group * block.valueCount
      let leaf = sums.leaf(group)
      normalizeBackwardSums(
        values, channels: channels, pixels: block.outCount / channels, state.transforms,
        rectify: block.rectified, gradient: state.dOutput + group * block.outCount, to: leaf)
      let into = gradients.leaf(group)
      for channel in 0..<channels {
        into[offset.offset + channel] = Float(leaf[channel])
        into[scale.offset + channel] = Float(leaf[channels + channel])
      }
      gradients.add(group, range: scale.range)
      gradients.add(group, range: offset.range)
      sums.add(group)
    }
    let elements = context.normalizedImages * block.pixels
    return try context.statistics.totals(sums).map { $0 / Double(max(elements, 1)) }
  }

  /// Second half of batch norm, weight gradient, and the gradient of the block's input for one lane group.
  private func backward(
    _ index: Int, _ group: Int, means: [Double], mask: LaneVector, _ gradients: borrowing TreeSums<Float>
  ) {
    let block = blocks[index]
    if block.poolsOutput {
      for first in stride(from: 0, to: block.outChannels, by: block.gradientChannels) {
        poolingBackward(index, group, first..<(first + block.gradientChannels), means, mask, gradients)
      }
      gradients.add(group, range: block.weights.range)
      if index > 0 { inputGradient(index, group, states[index].dValues) }
      return
    }
    let dValues = states[index].dValues + group * block.valueCount
    if block.normalized {
      normalizeBackward(
        states[index].values + group * block.valueCount, channels: block.outChannels, pixels: block.pixels,
        states[index].transforms, means: means, mask: mask, gradient: dValues)
    }
    let leaf = gradients.leaf(group)
    let operand = operand(of: index, input: input(of: index, group), group: group)
    let isConvolution = block.kind == .convolution
    weightGradient(
      large: isConvolution ? operand : UnsafePointer(dValues),
      small: isConvolution ? UnsafePointer(dValues) : operand,
      to: leaf + block.weights.offset, block.gradientPlan, scratch: scratch)
    gradients.add(group, range: block.weights.range)
    if let bias = block.bias {
      var sums = [Double](repeating: 0, count: 2 * block.outChannels)
      channelSums(dValues, channels: block.outChannels, pixels: block.pixels, to: &sums)
      for channel in 0..<block.outChannels { leaf[bias.offset + channel] = Float(sums[channel]) }
      gradients.add(group, range: bias.range)
    }
    if index > 0 { inputGradient(index, group, dValues) }
  }

  /// Second half of batch norm with pooling, and weight gradient, of some output channels for one lane group.
  private func poolingBackward(
    _ index: Int, _ group: Int, _ channels: Range<Int>, _ means: [Double], _ mask: LaneVector,
    _ gradients: borrowing TreeSums<Float>
  ) {
    let block = blocks[index]
    guard let pool = block.pool, let switches = states[index].switches else { return }
    let dValues = states[index].dValues
    normalizeAndPoolBackward(
      channels: channels, states[index].values + group * block.valueCount,
      gradient: states[index].dOutput + group * block.outCount, switches: switches + group * block.outCount,
      states[index].transforms, means: means, mask: mask, to: dValues, pool)
    let perChannel = block.shape.inChannels * block.shape.taps
    weightGradient(
      large: input(of: index, group), small: dValues,
      to: gradients.leaf(group) + block.weights.offset + channels.lowerBound * perChannel, block.gradientPlan,
      scratch: scratch)
  }

  /// The map that a (de)convolution works on: the input, unpooled into `mapScratch` where the block unpools.
  private func operand(
    of index: Int, input: UnsafePointer<LaneVector>, group: Int
  ) -> UnsafePointer<LaneVector> {
    guard blocks[index].unpoolsInput, let pool = blocks[index].pool, let switches = states[index].switches
    else { return input }
    unpool(input, switches: switches + group * pool.outCount, to: mapScratch, pool)
    return UnsafePointer(mapScratch)
  }

  /// The gradient of what block `index` read, written where the block before it expects it.
  private func inputGradient(_ index: Int, _ group: Int, _ dValues: UnsafePointer<LaneVector>) {
    let block = blocks[index]
    let into = states[index - 1].dOutput + group * block.inCount
    let dOperand = block.unpoolsInput ? mapScratch : into
    correlate(
      dValues, weights: states[index].backwardWeights, to: dOperand, block.backwardPlan, scratch: scratch)
    if block.unpoolsInput, let pool = block.pool, let switches = states[index].switches {
      gatherSwitched(dOperand, switches: switches + group * pool.outCount, to: into, pool)
    }
  }
}
