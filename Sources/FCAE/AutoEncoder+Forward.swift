import Lanes

extension AutoEncoder {
  /// Prepares the kernels for the current parameters; to be called after every change of them.
  package func refreshWeights() {
    for (block, state) in zip(blocks, states) {
      let weights = parameters.base + block.weights.offset
      block.forwardPlan.pack(weights, to: state.forwardWeights)
      block.backwardPlan.pack(weights, to: state.backwardWeights)
    }
  }

  /// The encoder in training mode over the images in `imageGroup`: fills `featureGroup` and updates the running
  /// statistics. **Collective** through `context.statistics`.
  package mutating func forwardEncoder(_ context: BatchContext) throws {
    try forward(0..<encoderCount, context)
  }

  /// The decoder in training mode, from the features of `forwardEncoder`. **Collective** through
  /// `context.statistics`.
  package mutating func forwardDecoder(_ context: BatchContext) throws {
    try forward(encoderCount..<blocks.count, context)
  }

  /// Blocks `range`, layer by layer because batch norm needs every group's sums; a group's activation and the next
  /// convolution follow each other, so that the group is still in the cache.
  private mutating func forward(_ range: Range<Int>, _ context: BatchContext) throws {
    precondition(context.groups <= capacity)
    for index in range {
      let block = blocks[index]
      let sums = TreeSums<Double>(width: 2 * block.outChannels, schedule: context.schedule)
      for group in 0..<context.groups {
        if index > range.lowerBound {
          activate(index - 1, group, states[index - 1].transforms, mask: context.masks[group])
        }
        let values = states[index].values + group * block.valueCount
        convolve(index, input: input(of: index, group), group: group, to: values)
        if block.normalized {
          channelSums(values, channels: block.outChannels, pixels: block.pixels, to: sums.leaf(group))
          sums.add(group)
        }
      }
      if block.normalized { try normalizeWith(sums, index, context) }
    }
    let last = range.upperBound - 1
    for group in 0..<context.groups {
      activate(last, group, states[last].transforms, mask: context.masks[group])
    }
  }

  /// What block `index` reads of lane group `group`.
  func input(of index: Int, _ group: Int) -> UnsafePointer<LaneVector> {
    index == 0
      ? UnsafePointer(imageGroup(group))
      : UnsafePointer(states[index - 1].output + group * blocks[index - 1].outCount)
  }

  /// The (de)convolution of one lane group, after any unpooling.
  func convolve(
    _ index: Int, input: UnsafePointer<LaneVector>, group: Int, to values: UnsafeMutablePointer<LaneVector>
  ) {
    let block = blocks[index]
    let plan = block.forwardPlan
    var operand: UnsafePointer<LaneVector>? = input
    if block.unpoolsInput, let pool = block.pool, let switches = states[index].switches {
      let map = plan.padding > 0 ? scratch : mapScratch
      unpool(input, switches: switches + group * pool.outCount, to: map, pool, padding: plan.padding)
      operand = plan.padding > 0 ? nil : UnsafePointer(map)
    }
    correlate(
      operand, weights: states[index].forwardWeights,
      bias: block.bias.map { UnsafePointer(parameters.base + $0.offset) }, to: values, plan, scratch: scratch)
  }

  /// Mean and variance of the mini-batch from its sums; transforms for this step; running statistics.
  private mutating func normalizeWith(
    _ sums: borrowing TreeSums<Double>, _ index: Int, _ context: BatchContext
  ) throws {
    let block = blocks[index]
    let channels = block.outChannels
    let totals = try context.statistics.totals(sums)
    let elements = context.normalizedImages * block.pixels
    guard elements > 0 else { return }
    let mean = totals[..<channels].map { $0 / Double(elements) }
    let variance = (0..<channels).map {
      max(0, totals[channels + $0] / Double(elements) - mean[$0] * mean[$0])
    }
    states[index].transforms = transforms(block, mean: mean, variance: variance)
    guard let layer = running.firstIndex(where: { $0.name == block.name }) else { return }
    running[layer].statistics.update(
      mean: mean, variance: variance, elements: elements, momentum: context.momentum)
  }

  /// The channel transforms of `block` for these means and variances.
  func transforms(_ block: Block, mean: [Double], variance: [Double]) -> [ChannelTransform] {
    guard let scale = block.scale, let offset = block.offset else { return [] }
    return mean.indices.map {
      ChannelTransform(
        mean: mean[$0], variance: variance[$0], epsilon: batchNormEpsilon,
        scale: parameters.base[scale.offset + $0], offset: parameters.base[offset.offset + $0])
    }
  }

  /// Batch normalisation, ReLU and pooling of one lane group; pooling leaves its switches.
  func activate(_ index: Int, _ group: Int, _ transforms: [ChannelTransform], mask: LaneVector) {
    let block = blocks[index]
    guard block.normalized else { return }
    let values = states[index].values + group * block.valueCount
    let output = states[index].output + group * block.outCount
    if block.poolsOutput, let pool = block.pool, let selected = states[index].selected,
      let switches = states[index].switches
    {
      normalizeAndPool(
        values, transforms, rectify: block.rectified, mask: mask, to: output,
        selected: selected + group * block.outCount, switches: switches + group * block.outCount, pool)
    } else {
      normalize(
        values, channels: block.outChannels, pixels: block.pixels, transforms, rectify: block.rectified,
        mask: mask, to: output)
    }
  }

  /// The features of the images in `imageGroup(0)` in evaluation mode (running statistics), independent of every
  /// other group. Overwrites the activations of lane group 0.
  ///
  /// - Parameter features: `[features]` lane vectors, overwritten; zero in padding lanes
  package func encode(
    mask: LaneVector, evaluation: EvaluationTransforms, to features: UnsafeMutablePointer<LaneVector>
  ) {
    for index in 0..<encoderCount {
      let block = blocks[index]
      let values = states[index].values
      let output = index == encoderCount - 1 ? features : states[index].output
      let transforms = evaluation.transforms[index]
      convolve(index, input: input(of: index, 0), group: 0, to: values)
      if block.poolsOutput, let pool = block.pool {
        normalizeAndPool(values, transforms, rectify: block.rectified, mask: mask, to: output, pool)
      } else {
        normalize(
          values, channels: block.outChannels, pixels: block.pixels, transforms, rectify: block.rectified,
          mask: mask, to: output)
      }
    }
  }

  /// The channel transforms of all layers from the running statistics, made once for many `encode` calls.
  package func evaluationTransforms() -> EvaluationTransforms {
    EvaluationTransforms(
      transforms: blocks.indices.map { index in
        guard let layer = running.first(where: { $0.name == blocks[index].name }) else { return [] }
        return transforms(
          blocks[index], mean: layer.statistics.mean.map { Double($0) },
          variance: layer.statistics.variance.map { Double($0) })
      })
  }
}

/// Batch normalisation in evaluation mode.
package struct EvaluationTransforms: Sendable {
  let transforms: [[ChannelTransform]]
}
