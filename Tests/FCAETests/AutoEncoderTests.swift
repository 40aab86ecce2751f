import FCAE
import Lanes
import Testing

@Suite struct AutoEncoderTests {
  @Test("after batch norm the features have the mean and variance that γ and β say")
  func normalizedFeatures() throws {
    let images = 60
    var network = AutoEncoder(try testArchitecture(), activation: .linear, capacity: 4)
    network.initialize(seed: 4)
    network.parameters.base[network.layout["encoder.feature.bn.weight"].offset + 1] = 3
    network.parameters.base[network.layout["encoder.feature.bn.bias"].offset + 1] = -2
    fillImages(network, images: images)
    try network.forwardEncoder(batchContext(images: images))
    let values = (0..<images).map { Double(network.featureGroup($0 / 16)[1][$0 % 16]) }
    let mean = values.reduce(0, +) / Double(images)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(images)
    #expect(abs(mean + 2) < 1e-4)
    #expect(abs(variance.squareRoot() - 3) < 1e-2)
  }

  @Test(
    "after two passes at most a tenth of the old running statistics is left",
    arguments: [1, 2, 5, 10, 11, 22, 1000])
  func momentum(steps: Int) {
    let share = batchNormMomentum(stepsPerPass: steps)
    #expect(share >= 0.1 && share < 1)
    let left = (0..<(2 * steps)).reduce(1) { left, _ in left * (1 - share) }
    #expect(left < 0.1 + 1e-12)
    if steps >= 11 { #expect(share == 0.1) }
  }

  @Test("evaluation mode gives what training mode gave once the running statistics are the mini-batch's")
  func evaluation() throws {
    let images = 32
    var network = AutoEncoder(try testArchitecture(), activation: .relu, capacity: 2)
    network.initialize(seed: 5)
    fillImages(network, images: images)
    for _ in 0..<300 { try network.forwardEncoder(batchContext(images: images)) }
    let trained = (0..<network.features).map { network.featureGroup(1)[$0] }
    let features = AlignedBuffer<LaneVector>(count: network.features)
    network.imageGroup(0).update(from: network.imageGroup(1), count: network.imageCount)
    network.encode(mask: laneMask(images: 16), evaluation: network.evaluationTransforms(), to: features.base)
    for feature in 0..<network.features {
      for lane in 0..<laneCount {
        // The running variance is the unbiased one: a factor of 32·pixels/(32·pixels − 1).
        #expect(
          abs(features.base[feature][lane] - trained[feature][lane]) < 0.05 + 0.02
            * abs(trained[feature][lane]))
      }
    }
  }

  @Test("reconstructions in evaluation mode are those of training mode within rounding, and change no state")
  func reconstruction() throws {
    let images = 32
    var network = AutoEncoder(try testArchitecture(), activation: .relu, capacity: 2)
    network.initialize(seed: 7)
    fillImages(network, images: images)
    let context = batchContext(images: images)
    for _ in 0..<300 {
      try network.forwardEncoder(context)
      try network.forwardDecoder(context)
    }
    let error = network.reconstructionLoss(1, scale: 1, mask: context.masks[1])
    let (before, parameters) = (network.runningValues, network.parameters.array)
    let second = (0..<network.imageCount).map { network.imageGroup(1)[$0] }
    for pixel in second.indices { network.imageGroup(0)[pixel] = second[pixel] }
    let evaluation = network.evaluationTransforms()
    let output = network.layers(mask: laneMask(images: 16)).last!.values
    var found = 0.0
    for pixel in second.indices {
      let difference = output[pixel] - second[pixel]
      found += Double((difference * difference).sum())
    }
    // The running variances are the unbiased ones.
    #expect(error > 1 && abs(found - error) < 0.03 * error, "\(found) \(error)")
    let first = (0..<network.imageCount).map { output[$0] }
    #expect(network.runningValues == before && network.parameters.array == parameters)
    // Again, with images in fewer lanes, and after features of other images.
    let features = AlignedBuffer<LaneVector>(count: network.features)
    for pixel in second.indices { network.imageGroup(0)[pixel] = LaneVector(repeating: 0.25) }
    network.encode(mask: laneMask(images: 16), evaluation: evaluation, to: features.base)
    for pixel in second.indices { network.imageGroup(0)[pixel] = second[pixel] * laneMask(images: 3) }
    let again = network.layers(mask: laneMask(images: 3)).last!.values
    #expect((0..<network.imageCount).allSatisfy { again[$0][2] == first[$0][2] })
  }

  @Test("a lane group's features do not depend on which groups were encoded before")
  func encodeIsStateless() throws {
    var network = AutoEncoder(try testArchitecture(), activation: .relu, capacity: 1)
    network.initialize(seed: 6)
    let a = AlignedBuffer<LaneVector>(count: network.features)
    let b = AlignedBuffer<LaneVector>(count: network.features)
    let evaluation = network.evaluationTransforms()
    func encode(_ seed: Float, _ into: UnsafeMutablePointer<LaneVector>, images: Int = 16) {
      for i in 0..<network.imageCount {
        network.imageGroup(0)[i] = LaneVector(repeating: seed * Float(i % 7))
      }
      network.encode(mask: laneMask(images: images), evaluation: evaluation, to: into)
    }
    encode(0.1, a.base)
    encode(0.3, b.base)
    encode(0.1, b.base)
    #expect((0..<network.features).allSatisfy { a.base[$0] == b.base[$0] })
    encode(0.1, b.base, images: 3)
    #expect((0..<network.features).allSatisfy { b.base[$0][2] == a.base[$0][2] && b.base[$0][3] == 0 })
  }

  @Test("the layers end with the features that encode gives, and with the decoder's reconstruction")
  func layers() throws {
    let images = 32
    var network = AutoEncoder(try testArchitecture(), activation: .relu, capacity: 2)
    network.initialize(seed: 7)
    fillImages(network, images: images)
    // Until the running statistics are those of this mini-batch.
    for _ in 0..<300 {
      try network.forwardEncoder(batchContext(images: images))
      try network.forwardDecoder(batchContext(images: images))
    }
    let loss = network.reconstructionLoss(0, scale: 1, mask: laneMask(images: 16))
    let layers = network.layers(mask: laneMask(images: 16))
    #expect(
      layers.map(\.name) == [
        "encoder.conv1", "encoder.conv2", "encoder.feature", "decoder.feature", "decoder.conv2",
        "decoder.conv1",
      ])
    #expect(
      layers.map { [$0.channels, $0.rows, $0.columns] } == [
        [3, 3, 3], [4, 3, 3], [6, 1, 1], [4, 3, 3], [3, 3, 3], [2, 10, 10],
      ])
    let error = (0..<network.imageCount).reduce(0.0) { sum, place in
      let difference = layers[5].values[place] - network.imageGroup(0)[place]
      return sum + Double((difference * difference).sum())
    }
    // The running variance is the unbiased one, as above.
    #expect(abs(error - loss) < 0.03 * loss, "\(error) and \(loss)")
    let made = (0..<network.features).map { layers[2].values[$0] }
    let features = AlignedBuffer<LaneVector>(count: network.features)
    network.encode(mask: laneMask(images: 16), evaluation: network.evaluationTransforms(), to: features.base)
    #expect(made == (0..<network.features).map { features.base[$0] })
  }

  @Test("parameters have PyTorch's names and shapes and do not overlap")
  func layout() throws {
    let architecture = try Architecture.named("mnist", channels: 1, rows: 28, columns: 28)
    let network = AutoEncoder(architecture, activation: .relu, capacity: 1)
    #expect(network.layout["encoder.conv2.weight"].shape == [16, 6, 5, 5])
    #expect(network.layout["encoder.feature.bn.bias"].shape == [120])
    #expect(network.layout["decoder.feature.weight"].shape == [120, 16, 4, 4])
    #expect(network.layout["decoder.conv1.bias"].shape == [1])
    #expect(!network.layout.entries.contains { $0.name == "decoder.conv1.bn.weight" })
    var end = 0
    for entry in network.layout.entries {
      #expect(entry.offset >= end && entry.offset % 16 == 0)
      end = entry.range.upperBound
    }
    let weights = 6 * 25 + 16 * 6 * 25 + 120 * 16 * 16
    #expect(network.layout.parameterCount == 2 * weights + 2 * (6 + 16 + 120) + 2 * (16 + 6) + 1)
  }

  @Test("auto builds a network with a 1 × 1 feature layer for any size and channel count")
  func automatic() throws {
    for (rows, columns) in [
      (1, 1), (2, 3), (5, 5), (8, 8), (16, 16), (17, 17), (28, 28), (29, 31), (32, 32),
      (48, 64), (7, 90), (96, 96), (127, 128), (256, 300),
    ] {
      for channels in [1, 3] {
        let architecture = try Architecture.named("auto", channels: channels, rows: rows, columns: columns)
        var network = AutoEncoder(architecture, activation: .relu, capacity: 1)
        network.initialize(seed: 1)
        guard rows * columns < 5000 else { continue }
        fillImages(network, images: 3)
        let context = batchContext(images: 3)
        try network.forwardEncoder(context)
        try network.forwardDecoder(context)
        let loss = network.reconstructionLoss(0, scale: 1, mask: context.masks[0])
        #expect(loss.isFinite && loss > 0)
      }
    }
  }

  @Test("sizes in words are columns × rows, as those of images are")
  func order() throws {
    let wide = try Architecture.named("auto", channels: 1, rows: 5, columns: 7)
    #expect(wide.summary.hasPrefix("7×5×1 → "), "\(wide.summary)")
    let small = try Architecture.named("auto", channels: 1, rows: 2, columns: 3)
    #expect(small.summary == "3×2×1 → conv 3×2 160 features")
    let error = #expect(throws: ArchitectureError.self) {
      try Architecture.named("coil", channels: 1, rows: 28, columns: 30)
    }
    #expect(error?.description.contains("30×28 pixels") == true)
  }

  @Test("an architecture that does not fit says what is left")
  func misfit() {
    #expect(throws: ArchitectureError.self) {
      try Architecture.named("mnist", channels: 1, rows: 32, columns: 32)
    }
    #expect(throws: ArchitectureError.self) {
      try Architecture.named("coil", channels: 1, rows: 28, columns: 28)
    }
    #expect(throws: ArchitectureError.self) {
      try Architecture.named("resnet", channels: 1, rows: 28, columns: 28)
    }
  }
}
