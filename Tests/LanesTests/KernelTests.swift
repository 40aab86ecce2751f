import Lanes
import Testing

@Suite struct PoolingTests {
  static let shapes = [(2, 4, 6), (3, 5, 7), (1, 2, 3)].map {
    PoolShape(channels: $0.0, rows: $0.1, columns: $0.2)
  }

  /// Scale 2 and −0.5 in turn: pooling must take the smallest elements where the scale is negative.
  private func transforms(_ channels: Int) -> [ChannelTransform] {
    (0..<channels).map {
      ChannelTransform(
        mean: 0.25, variance: 0.81, epsilon: 0, scale: $0 % 2 == 0 ? 2 : -0.5, offset: Float($0) * 0.1 - 0.2)
    }
  }

  @Test(
    "normalisation, ReLU and pooling in one pass equal the plain loops, ties, odd sizes and negative scales included",
    arguments: shapes, [false, true])
  func normalizedPooling(shape: PoolShape, rectify: Bool) {
    let input = randomLanes(shape.inCount, seed: 1)
    for i in stride(from: 0, to: shape.inCount, by: 2) { input.base[i] = .zero }  // ties
    let transforms = transforms(shape.channels)
    let mask = laneMask(images: 15)
    let output = AlignedBuffer<LaneVector>(count: shape.outCount)
    let evaluated = AlignedBuffer<LaneVector>(count: shape.outCount)
    let selected = AlignedBuffer<LaneVector>(count: shape.outCount)
    let switches = AlignedBuffer<Switches>(count: shape.outCount)
    normalizeAndPool(
      input.base, transforms, rectify: rectify, mask: mask, to: output.base, selected: selected.base,
      switches: switches.base, shape)
    normalizeAndPool(input.base, transforms, rectify: rectify, mask: mask, to: evaluated.base, shape)
    let normalized = AlignedBuffer<LaneVector>(count: shape.inCount)
    normalize(
      input.base, channels: shape.channels, pixels: shape.rows * shape.columns, transforms, rectify: rectify,
      mask: mask, to: normalized.base)
    forEachWindow(shape) { out, window in
      for lane in 0..<laneCount {
        let values = window.map { normalized.base[$0][lane] }
        let at = values.firstIndex(of: values.max()!)!
        #expect(output.base[out][lane] == values[at])
        #expect(evaluated.base[out][lane] == values[at])
        if lane < 15 {
          #expect(Int(switches.base[out][lane]) == at)
          if !rectify || values[at] > 0 { #expect(selected.base[out][lane] == input.base[window[at]][lane]) }
        }
      }
    }
  }

  @Test(
    "the backward pass of normalised pooling equals unpooling and normalising backwards", arguments: shapes)
  func backward(shape: PoolShape) {
    let values = randomLanes(shape.inCount, seed: 2)
    let gradient = randomLanes(shape.outCount, seed: 3)
    let switches = randomSwitches(shape.outCount)
    let transforms = transforms(shape.channels)
    let means = (0..<(2 * shape.channels)).map { Double($0) * 0.03 - 0.02 }
    let mask = laneMask(images: 11)
    let found = AlignedBuffer<LaneVector>(count: shape.inCount)
    // In two parts: the channels but the last, then the last.
    for channels in [0..<(shape.channels - 1), (shape.channels - 1)..<shape.channels] {
      normalizeAndPoolBackward(
        channels: channels, values.base, gradient: gradient.base, switches: switches.base, transforms,
        means: means, mask: mask, to: found.base + channels.lowerBound * shape.rows * shape.columns, shape)
    }
    let expected = AlignedBuffer<LaneVector>(count: shape.inCount)
    unpool(gradient.base, switches: switches.base, to: expected.base, shape)
    normalizeBackward(
      values.base, channels: shape.channels, pixels: shape.rows * shape.columns, transforms, means: means,
      mask: mask, gradient: expected.base)
    for i in 0..<shape.inCount {
      for lane in 0..<laneCount { #expect(abs(found.base[i][lane] - expected.base[i][lane]) < 1e-5) }
    }
  }

  @Test(
    "unpooling puts elements where the switches point, gathering takes them back", arguments: shapes, [0, 3])
  func unpooling(shape: PoolShape, padding: Int) {
    let input = randomLanes(shape.outCount, seed: 4)
    let switches = randomSwitches(shape.outCount)
    let width = shape.columns + 2 * padding
    let map = AlignedBuffer<LaneVector>(count: shape.channels * shape.rows * width)
    for i in 0..<map.count { map.base[i] = LaneVector(repeating: 9) }
    unpool(input.base, switches: switches.base, to: map.base, shape, padding: padding)
    var expected = [LaneVector](repeating: .zero, count: map.count)
    forEachWindow(shape) { out, window in
      for lane in 0..<laneCount {
        let (row, column) = window[Int(switches.base[out][lane])].quotientAndRemainder(
          dividingBy: shape.columns)
        expected[row * width + padding + column][lane] = input.base[out][lane]
      }
    }
    #expect((0..<map.count).allSatisfy { map.base[$0] == expected[$0] })
    guard padding == 0 else { return }
    let gathered = AlignedBuffer<LaneVector>(count: shape.outCount)
    gatherSwitched(map.base, switches: switches.base, to: gathered.base, shape)
    #expect((0..<shape.outCount).allSatisfy { gathered.base[$0] == input.base[$0] })
  }

  private func randomSwitches(_ count: Int) -> AlignedBuffer<Switches> {
    let switches = AlignedBuffer<Switches>(count: count)
    var random = CounterRandom(seed: 1, purpose: .weights)
    for i in 0..<count { for lane in 0..<laneCount { switches.base[i][lane] = Int32(random.next32() % 4) } }
    return switches
  }

  /// Calls `body` with every pooled element and the four elements of its window.
  private func forEachWindow(_ shape: PoolShape, _ body: (Int, [Int]) -> Void) {
    var out = 0
    for channel in 0..<shape.channels {
      for row in 0..<shape.outRows {
        for column in 0..<shape.outColumns {
          let first = (channel * shape.rows + 2 * row) * shape.columns + 2 * column
          body(out, [first, first + 1, first + shape.columns, first + shape.columns + 1])
          out += 1
        }
      }
    }
  }
}

@Suite struct OtherKernelTests {
  @Test("channel sums equal the plain loop")
  func sums() {
    let values = randomLanes(3 * 5 * 7, seed: 2)
    var sums = [Double](repeating: 0, count: 6)
    channelSums(values.base, channels: 3, pixels: 35, to: &sums)
    for channel in 0..<3 {
      let all = (0..<35).flatMap { pixel in (0..<16).map { Double(values.base[channel * 35 + pixel][$0]) } }
      #expect(abs(sums[channel] - all.reduce(0, +)) < 1e-4)
      #expect(abs(sums[3 + channel] - all.reduce(0) { $0 + $1 * $1 }) < 1e-3)
    }
  }

  @Test("the squared error and its gradient leave padding lanes out")
  func loss() {
    let target = randomLanes(100, seed: 3)
    let output = randomLanes(100, seed: 4)
    let before = (0..<100).map { output.base[$0] }
    let sum = squaredError(
      target: target.base, output: output.base, gradient: output.base, count: 100, scale: 0.25,
      mask: laneMask(images: 5))
    var expected = 0.0
    for i in 0..<100 {
      for lane in 0..<16 {
        let difference = before[i][lane] - target.base[i][lane]
        if lane < 5 { expected += Double(difference) * Double(difference) }
        #expect(output.base[i][lane] == (lane < 5 ? 0.5 * difference : 0))
      }
    }
    #expect(abs(sum - expected) < 1e-5 * expected)
  }

  @Test("images are gathered into lanes by number; missing ones are zero")
  func gather() {
    let pixels = (0..<(5 * 6)).map { UInt8($0 * 8) }
    let group = AlignedBuffer<LaneVector>(count: 6)
    let images: [Int32] = [4, 0, 2]
    images.withUnsafeBufferPointer {
      gatherImages(pixels, pixelsPerImage: 6, images: $0, to: group.base)
    }
    for pixel in 0..<6 {
      #expect(group.base[pixel][0] == Float(pixels[24 + pixel]) * (1 / 255))
      #expect(group.base[pixel][1] == Float(pixels[pixel]) * (1 / 255))
      #expect(group.base[pixel][2] == Float(pixels[12 + pixel]) * (1 / 255))
      #expect(group.base[pixel][3] == 0)
    }
  }

  @Test("lanes are transposed to rows of any length", arguments: [1, 2, 6, 8, 11, 15, 16, 17, 40])
  func transposition(count: Int) {
    let vectors = randomLanes(count, seed: 5)
    var rows = [Float](repeating: -1, count: 16 * (count + 3))
    transposeLanes(vectors.base, count: count, to: &rows, stride: count + 3)
    for lane in 0..<16 {
      for i in 0..<count { #expect(rows[lane * (count + 3) + i] == vectors.base[i][lane]) }
      for i in count..<(count + 3) { #expect(rows[lane * (count + 3) + i] == -1) }
    }
  }

  @Test("the product over lanes equals the plain loop at any size and alignment")
  func outerProduct() {
    for (rows, columns, offset) in [(4, 32, 0), (4, 32, 1), (7, 21, 0), (1, 5, 3), (20, 16, 0)] {
      let left = randomLanes(rows, seed: 6)
      let right = randomLanes(columns, seed: 7)
      let product = AlignedBuffer<Float>(count: rows * columns + offset + 1)
      product.base[offset + rows * columns] = 42
      let scratch = AlignedBuffer<LaneVector>(count: laneOuterProductScratch(columns: columns))
      laneOuterProduct(
        left.base, rows: rows, right.base, columns: columns, to: product.base + offset, scratch: scratch.base)
      for a in 0..<rows {
        for b in 0..<columns {
          let expected = (0..<16).reduce(0) { $0 + Double(left.base[a][$1]) * Double(right.base[b][$1]) }
          #expect(abs(Double(product.base[offset + a * columns + b]) - expected) < 1e-4)
        }
      }
      #expect(product.base[offset + rows * columns] == 42)
    }
  }

  @Test("sums of floats at any alignment")
  func floatSums() {
    let a = randomFloats(100, seed: 8)
    var b = randomFloats(100, seed: 9)
    let before = b
    b.withUnsafeMutableBufferPointer { addFloats(Array(a[3..<80]), to: $0.baseAddress! + 5, count: 77) }
    for i in 0..<100 { #expect(b[i] == ((5..<82).contains(i) ? before[i] + a[i - 2] : before[i])) }
  }
}

@Suite struct RandomTests {
  @Test("Philox4x32-10 gives the published known answers")
  func knownAnswers() {
    // Random123 1.14, kat_vectors: philox4x32 10.
    var zero = CounterRandom(key: SIMD2(0, 0), counter: SIMD4(0, 0, 0, 0))
    #expect((0..<4).map { _ in zero.next32() } == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    let ones = UInt32.max
    var full = CounterRandom(key: SIMD2(ones, ones), counter: SIMD4(ones, ones, ones, ones))
    #expect((0..<4).map { _ in full.next32() } == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
  }

  @Test("streams differ by seed, purpose, epoch and index, and repeat themselves")
  func streams() {
    func first(_ seed: UInt64, _ purpose: RandomPurpose, _ epoch: Int, _ index: Int) -> UInt64 {
      var random = CounterRandom(seed: seed, purpose: purpose, epoch: epoch, index: index)
      return random.next()
    }
    let all = [
      first(1, .weights, 0, 0), first(2, .weights, 0, 0), first(1, .shuffle, 0, 0), first(1, .weights, 1, 0),
      first(1, .weights, 0, 1), first(1 << 40, .weights, 0, 0),
    ]
    #expect(Set(all).count == all.count)
    #expect(first(1, .weights, 0, 0) == all[0])
  }

  @Test("a permutation holds every number once and is not the identity")
  func permutation() {
    let order = randomPermutation(count: 1000, seed: 3, purpose: .shuffle, epoch: 2)
    #expect(Set(order).count == 1000)
    #expect(order.min() == 0 && order.max() == 999)
    #expect(order != (0..<1000).map { Int32($0) })
    #expect(randomPermutation(count: 1, seed: 3, purpose: .shuffle, epoch: 0) == [0])
  }

  @Test("normal numbers have mean 0 and variance 1")
  func normals() {
    var random = CounterRandom(seed: 5, purpose: .glyphs)
    let values = (0..<20000).map { _ in random.normal() }
    let mean = values.reduce(0, +) / 20000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20000
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.05)
  }
}
