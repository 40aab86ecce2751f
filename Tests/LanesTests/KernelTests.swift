import Lanes
import Testing

@Suite struct PoolingTests {
  @Test(
    "max-pooling and its switches equal the plain loop, odd sizes included",
    arguments: [(2, 4, 6), (3, 5, 7), (1, 2, 3)])
  func pooling(channels: Int, rows: Int, columns: Int) {
    let shape = PoolShape(channels: channels, rows: rows, columns: columns)
    let input = randomLanes(shape.inCount, seed: 1)
    for i in stride(from: 0, to: shape.inCount, by: 2) { input.base[i] = .zero }  // ties
    let output = AlignedBuffer<LaneVector>(count: shape.outCount)
    let switches = AlignedBuffer<Switches>(count: shape.outCount)
    maxPool(input.base, to: output.base, switches: switches.base, shape)
    let back = AlignedBuffer<LaneVector>(count: shape.inCount)
    for i in 0..<shape.inCount { back.base[i] = LaneVector(repeating: 9) }
    unpool(output.base, switches: switches.base, to: back.base, shape)
    let gathered = AlignedBuffer<LaneVector>(count: shape.outCount)
    gatherSwitched(input.base, switches: switches.base, to: gathered.base, shape)
    for lane in 0..<laneCount {
      let plain = PlainMap(input.base, lane: lane, channels: channels, rows: rows, columns: columns)
      var expected = PlainMap(channels: channels, rows: rows, columns: columns)
      for c in 0..<channels {
        for r in 0..<shape.outRows {
          for k in 0..<shape.outColumns {
            let window = (0..<4).map { plain[c, 2 * r + $0 / 2, 2 * k + $0 % 2] }
            let largest = window.max()!
            let at = window.firstIndex(of: largest)!
            let out = (c * shape.outRows + r) * shape.outColumns + k
            #expect(Double(output.base[out][lane]) == largest)
            #expect(Int(switches.base[out][lane]) == at)
            #expect(Double(gathered.base[out][lane]) == largest)
            expected[c, 2 * r + at / 2, 2 * k + at % 2] = largest
          }
        }
      }
      #expect((0..<shape.inCount).allSatisfy { Double(back.base[$0][lane]) == expected.values[$0] })
    }
  }
}

@Suite struct OtherKernelTests {
  @Test("channel sums equal the plain loop")
  func sums() {
    let values = randomLanes(3 * 5 * 7, seed: 2)
    var sums = [Double](repeating: 0, count: 6)
    channelSums(values.base, channels: 3, rows: 5, columns: 7, to: &sums)
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
      target: target.base, output: output.base, count: 100, scale: 0.25, mask: laneMask(images: 5))
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

  @Test("lanes are transposed to rows of any length", arguments: [1, 15, 16, 17, 40])
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
      let scratch = AlignedBuffer<LaneVector>(count: columns + 16 + rows * (columns + 16) / 16)
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
