import Lanes

/// The activation of the feature layer.
package enum FeatureActivation: String, CaseIterable, Sendable {
  case relu, linear
}

/// The fully convolutional auto-encoder: parameters, running statistics, and the memory of one mini-batch.
///
/// `forward…` and `backward…` work on this rank's lane groups; `encode` runs single groups in evaluation mode.
package struct AutoEncoder: ~Copyable {
  /// The layers.
  package let architecture: Architecture
  /// The activation of the feature layer.
  package let activation: FeatureActivation
  /// Where every parameter lies in `parameters`.
  package let layout: ParameterLayout
  /// All parameters, see `ParameterLayout`: `[layout.count]`.
  package let parameters: AlignedBuffer<Float>
  /// Running statistics by block name, such as `encoder.conv1`, in the order of the network.
  package internal(set) var running: [(name: String, statistics: RunningStatistics)]
  /// The most lane groups that a mini-batch may have on this rank.
  package let capacity: Int

  /// Encoder, then decoder, in the order of the forward pass.
  let blocks: [Block]
  var states: [BlockState]
  let encoderCount: Int
  private let lanes: AlignedBuffer<LaneVector>
  private let switchMemory: AlignedBuffer<Switches>
  private let packedMemory: AlignedBuffer<Float>
  /// Input images of the mini-batch, `[groups][channels·rows·columns]`.
  let images: UnsafeMutablePointer<LaneVector>
  /// Memory of one kernel call, and of one unpooled or unnormalised map.
  let scratch: UnsafeMutablePointer<LaneVector>
  let mapScratch: UnsafeMutablePointer<LaneVector>

  /// Elements of one image.
  package var imageCount: Int { architecture.channels * architecture.rows * architecture.columns }
  /// Numbers per feature vector.
  package var features: Int { architecture.features }

  /// A network whose parameters are zero until `initialize` or a file sets them.
  ///
  /// - Parameter capacity: lane groups of memory; at least one
  package init(_ architecture: Architecture, activation: FeatureActivation, capacity: Int) {
    let plan = NetworkPlan(architecture, activation: activation)
    self.architecture = architecture
    self.activation = activation
    layout = plan.layout
    blocks = plan.blocks
    encoderCount = architecture.stages.count
    self.capacity = max(capacity, 1)
    parameters = AlignedBuffer(count: layout.count, for: "parameters")
    running = blocks.filter(\.normalized).map { ($0.name, RunningStatistics(channels: $0.outChannels)) }

    let memory = ActivationPlan(blocks, architecture)
    lanes = AlignedBuffer(count: memory.lanes(self.capacity), for: "activations")
    switchMemory = AlignedBuffer(count: memory.switchesPerGroup * self.capacity, for: "pooling switches")
    packedMemory = AlignedBuffer(
      count: blocks.reduce(0) { $0 + $1.packedCounts.forward + $1.packedCounts.backward },
      for: "packed weights")
    var carver = Carver(next: lanes.base, nextSwitches: switchMemory.base, nextWeights: packedMemory.base)
    images = carver.take(memory.imageCount * self.capacity)
    let gradientScratch = carver.take(memory.gradientScratch)
    states = carver.states(
      blocks, groups: self.capacity, featureBlock: encoderCount - 1, gradientScratch: gradientScratch)
    scratch = carver.take(memory.scratch)
    mapScratch = carver.take(memory.mapScratch)
  }

  /// Bytes of activations, gradients and scratch.
  package var activationBytes: Int {
    Self.activationBytes(lanes: lanes.count, switches: switchMemory.count)
  }

  /// Bytes of activations, gradients and scratch of a network that is still to be made, with memory for `capacity` lane groups.
  package static func activationBytes(_ architecture: Architecture, capacity: Int) -> Int {
    let plan = ActivationPlan(NetworkPlan(architecture, activation: .relu).blocks, architecture)
    return activationBytes(lanes: plan.lanes(capacity), switches: plan.switchesPerGroup * capacity)
  }

  private static func activationBytes(lanes: Int, switches: Int) -> Int {
    lanes * MemoryLayout<LaneVector>.stride + switches * MemoryLayout<Switches>.stride
  }

  /// The running statistics of all layers as one array: means, then variances, layer by layer. What is assigned must have
  /// as many numbers.
  package var runningValues: [Float] {
    get { running.flatMap { $0.statistics.mean + $0.statistics.variance } }
    set {
      precondition(newValue.count == running.reduce(0) { $0 + 2 * $1.statistics.mean.count })
      var rest = newValue[...]
      for layer in running.indices {
        let count = running[layer].statistics.mean.count
        running[layer].statistics.mean = Array(rest.prefix(count))
        running[layer].statistics.variance = Array(rest.dropFirst(count).prefix(count))
        rest = rest.dropFirst(2 * count)
      }
    }
  }

  /// Whether the encoder's running statistics have seen any images, or are those of a network that was just drawn.
  package var hasStatistics: Bool {
    running.contains {
      $0.name.hasPrefix("encoder.") && $0.statistics != RunningStatistics(channels: $0.statistics.mean.count)
    }
  }

  /// Multiply-adds of one pass over block after block, per image: encoder, decoder.
  package var multiplyAdds: (encoder: Int, decoder: Int) {
    let each = blocks.map(\.shape.multiplyAdds)
    return (each[..<encoderCount].reduce(0, +), each[encoderCount...].reduce(0, +))
  }

  /// The place of lane group `group` of the mini-batch's images: `[imageCount]` lane vectors to be filled.
  package func imageGroup(_ group: Int) -> UnsafeMutablePointer<LaneVector> {
    images + group * imageCount
  }

  /// The features of lane group `group` after `forwardEncoder`: `[features]` lane vectors.
  package func featureGroup(_ group: Int) -> UnsafePointer<LaneVector> {
    UnsafePointer(states[encoderCount - 1].output + group * features)
  }

  /// The gradient of the features of lane group `group`, to be filled before `backwardEncoder`.
  package func featureGradientGroup(_ group: Int) -> UnsafeMutablePointer<LaneVector> {
    states[encoderCount - 1].dOutput + group * features
  }
}

/// The blocks of an architecture and their parameters.
struct NetworkPlan {
  let layout: ParameterLayout
  let blocks: [Block]

  init(_ architecture: Architecture, activation: FeatureActivation) {
    let geometry = architecture.layers
    let last = geometry.count - 1
    layout = ParameterLayout(
      decoder: geometry.indices.reversed().flatMap {
        Block.parameters(
          name: "decoder.\(geometry[$0].name)", kind: .deconvolution, shape: geometry[$0].shape,
          normalized: $0 > 0)
      },
      encoder: geometry.flatMap {
        Block.parameters(name: "encoder.\($0.name)", kind: .convolution, shape: $0.shape, normalized: true)
      })
    var blocks: [Block] = []
    for (number, layer) in geometry.enumerated() {
      blocks.append(
        Block(
          name: "encoder.\(layer.name)", kind: .convolution, shape: layer.shape, pool: layer.pool,
          normalized: true, rectified: number < last || activation == .relu, isFirst: number == 0,
          layout: layout))
    }
    for (number, layer) in geometry.enumerated().reversed() {
      blocks.append(
        Block(
          name: "decoder.\(layer.name)", kind: .deconvolution, shape: layer.shape, pool: layer.pool,
          normalized: number > 0, rectified: number > 0, isFirst: false, layout: layout))
    }
    self.blocks = blocks
  }
}

/// How many lane vectors a network needs.
private struct ActivationPlan {
  let imageCount: Int
  let lanesPerGroup: Int
  let switchesPerGroup: Int
  let scratch: Int
  let mapScratch: Int
  let gradientScratch: Int

  init(_ blocks: [Block], _ architecture: Architecture) {
    imageCount = architecture.channels * architecture.rows * architecture.columns
    lanesPerGroup = blocks.reduce(imageCount + architecture.features) {
      $0 + $1.valueCount + ($1.normalized ? $1.outCount : 0) + ($1.poolsOutput ? $1.outCount : 0)
    }
    switchesPerGroup = blocks.reduce(0) { $0 + ($1.poolsOutput ? $1.outCount : 0) }
    scratch = blocks.map(\.scratchCount).max() ?? 0
    mapScratch = blocks.map { max($0.valueCount, $0.operandCount) }.max() ?? 0
    gradientScratch = blocks.filter(\.poolsOutput).map(\.gradientCount).max() ?? 0
  }

  /// All lane vectors, with memory for `capacity` lane groups.
  func lanes(_ capacity: Int) -> Int { lanesPerGroup * capacity + scratch + mapScratch + gradientScratch }
}

/// Cuts memory into the parts of the blocks.
private struct Carver {
  var next: UnsafeMutablePointer<LaneVector>
  var nextSwitches: UnsafeMutablePointer<Switches>
  var nextWeights: UnsafeMutablePointer<Float>

  mutating func take(_ count: Int) -> UnsafeMutablePointer<LaneVector> {
    defer { next += count }
    return next
  }

  mutating func states(
    _ blocks: [Block], groups: Int, featureBlock: Int, gradientScratch: UnsafeMutablePointer<LaneVector>
  ) -> [BlockState] {
    var switchesOfPool: [UnsafeMutablePointer<Switches>] = []
    return blocks.enumerated().map { index, block in
      let values = take(groups * block.valueCount)
      let output = block.normalized ? take(groups * block.outCount) : values
      // A group's output is not read any more when its gradient is written, except for the features, which the
      // clustering loss reads all the while.
      let dOutput = index == featureBlock ? take(groups * block.outCount) : output
      let selected = block.poolsOutput ? take(groups * block.outCount) : nil
      var switches: UnsafeMutablePointer<Switches>?
      if block.poolsOutput {
        switches = nextSwitches
        switchesOfPool.append(nextSwitches)
        nextSwitches += groups * block.outCount
      } else if block.unpoolsInput {
        switches = switchesOfPool.removeLast()
      }
      let packed = nextWeights
      let counts = block.packedCounts
      nextWeights += counts.forward + counts.backward
      return BlockState(
        values: values, selected: selected, dValues: block.poolsOutput ? gradientScratch : dOutput,
        output: output, dOutput: dOutput, switches: switches, forwardWeights: packed,
        backwardWeights: packed + counts.forward)
    }
  }
}
