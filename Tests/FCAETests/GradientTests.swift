import FCAE
import Lanes
import Testing

/// The loss of stage I: mean over images of the squared error.
private func loss(_ network: inout AutoEncoder, images: Int) throws -> Double {
  network.refreshWeights()
  let context = batchContext(images: images)
  try network.forwardEncoder(context)
  try network.forwardDecoder(context)
  return (0..<context.groups).reduce(0) {
    $0 + network.reconstructionLoss($1, scale: 1 / Float(images), mask: context.masks[$1])
  } / Double(images)
}

/// A loss of the features alone: Σ of features times fixed weights. Leaves its gradient in the network.
private func featureLoss(_ network: inout AutoEncoder, images: Int) throws -> Double {
  network.refreshWeights()
  let context = batchContext(images: images)
  try network.forwardEncoder(context)
  var sum = 0.0
  for group in 0..<context.groups {
    for feature in 0..<network.features {
      var weight = LaneVector.zero  // different per image: batch norm keeps sums over images constant
      for lane in 0..<laneCount { weight[lane] = Float((3 * feature + 5 * lane + group) % 7) - 2.5 }
      weight *= context.masks[group]
      let value = network.featureGroup(group)[feature]
      sum += (value * value * weight).doubleSum()
      network.featureGradientGroup(group)[feature] = 2 * value * weight
    }
  }
  return sum
}

@Suite struct GradientTests {
  /// Moves one parameter at a time along its own gradient and compares the slope of the loss with its length.
  private func check(
    _ network: inout AutoEncoder, images: Int, _ gradient: [Float], tolerance: Double = 0.03,
    _ loss: (inout AutoEncoder) throws -> Double
  ) throws {
    for entry in network.layout.entries {
      let slice = gradient[entry.range]
      let length = slice.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard length > 1e-4 else { continue }
      let before = entry.range.map { network.parameters.base[$0] }
      func moved(_ step: Double) throws -> Double {
        for (i, position) in entry.range.enumerated() {
          network.parameters.base[position] = before[i] + Float(step * Double(gradient[position]) / length)
        }
        return try loss(&network)
      }
      // Two step sizes: a kink of ReLU or of a pool near one of them spoils only that one.
      let errors = try [2e-3, 5e-4].map { step in
        abs((try moved(step) - moved(-step)) / (2 * step) - length) / length
      }
      for (i, position) in entry.range.enumerated() { network.parameters.base[position] = before[i] }
      #expect(errors.min()! < tolerance, "\(entry.name): \(errors)")
    }
  }

  @Test(
    "every parameter's gradient of the auto-encoder agrees with finite differences, partial groups included",
    arguments: [40, 21])
  func autoEncoder(images: Int) throws {
    var network = AutoEncoder(try testArchitecture(), activation: .relu, capacity: 3)
    network.initialize(seed: 1)
    fillImages(network, images: images)
    _ = try loss(&network, images: images)
    let context = batchContext(images: images)
    let gradients = TreeSums<Float>(width: network.layout.count, schedule: context.schedule)
    try network.backward(context, gradients: gradients)
    try check(&network, images: images, Array(gradients.nodes)) { try loss(&$0, images: images) }
  }

  @Test("the decoder's backward pass and then the encoder's give the bits of both at once")
  func inTwoParts() throws {
    let images = 40
    var network = AutoEncoder(try testArchitecture(), activation: .relu, capacity: 3)
    network.initialize(seed: 1)
    fillImages(network, images: images)
    let context = batchContext(images: images)
    _ = try loss(&network, images: images)
    let whole = TreeSums<Float>(width: network.layout.count, schedule: context.schedule)
    try network.backward(context, gradients: whole)
    _ = try loss(&network, images: images)
    let parts = TreeSums<Float>(width: network.layout.count, schedule: context.schedule)
    try network.backwardDecoder(context, gradients: parts)
    try network.backwardEncoder(context, gradients: parts)
    #expect(Array(whole.nodes) == Array(parts.nodes))
  }

  @Test("the encoder's gradient alone agrees with finite differences", arguments: FeatureActivation.allCases)
  func encoder(activation: FeatureActivation) throws {
    let images = 35
    var network = AutoEncoder(try testArchitecture(), activation: activation, capacity: 3)
    network.initialize(seed: 2)
    fillImages(network, images: images)
    _ = try featureLoss(&network, images: images)
    let context = batchContext(images: images)
    let gradients = TreeSums<Float>(width: network.layout.count, schedule: context.schedule)
    try network.backwardEncoder(context, gradients: gradients)
    try check(&network, images: images, Array(gradients.nodes)) { try featureLoss(&$0, images: images) }
  }
}
