/// What a random number is drawn for. Together with the seed it selects an independent stream, so that no
/// draw depends on how many others were made before it, or on which rank makes it.
package enum RandomPurpose: UInt32, Sendable {
  case weights = 1
  case shuffle = 2
  case kmeans = 3
  case glyphs = 4
  case chainShuffle = 5
  case benchmark = 6
  case augmentation = 7
  case chainAugmentation = 8
  case eigenvectors = 9
  case refinementShuffle = 10
  case refinementAugmentation = 11
  case map = 12
}

/// A counter-based random generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As
/// Easy as 1, 2, 3", SC 2011), keyed by (seed, purpose) with the counter (draw, index, epoch).
///
/// Equal keys and counters give equal numbers on every rank and every machine.
package struct CounterRandom: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var block = SIMD4<UInt32>()
  private var used = 4

  /// The stream of `purpose` under `seed` for one (epoch, index): at most 2³² blocks of four words.
  package init(seed: UInt64, purpose: RandomPurpose, epoch: Int = 0, index: Int = 0) {
    let high = UInt32(truncatingIfNeeded: seed >> 32) ^ (purpose.rawValue &* 0x9E37_79B9)
    key = SIMD2(UInt32(truncatingIfNeeded: seed), high)
    let item = UInt64(bitPattern: Int64(index))
    counter = SIMD4(
      0, UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: item),
      UInt32(truncatingIfNeeded: item >> 32))
  }

  /// The generator at an explicit key and counter, as published test vectors give them.
  package init(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) {
    self.key = key
    self.counter = counter
  }

  /// The next 32 random bits.
  package mutating func next32() -> UInt32 {
    if used == 4 {
      block = Self.philox(counter, key)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    let low = UInt64(next32())
    return UInt64(next32()) << 32 | low
  }

  /// A uniform number in [0, 1) with 53 random bits.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A uniform number in `range`.
  package mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A standard normal number, by Box and Muller's transform.
  package mutating func normal() -> Double {
    let radius = (-2 * Elementary.log(1 - uniform())).squareRoot()
    return radius * Elementary.sineAndCosine(2 * Double.pi * uniform()).cosine
  }

  /// Ten rounds of the Philox bijection of `counter` under `key`.
  static func philox(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let a = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let b = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(b.high ^ c[1] ^ k[0], b.low, a.high ^ c[3] ^ k[1], a.low)
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return c
  }
}

/// The numbers 0..<`count` in the random order of (`seed`, `purpose`, `epoch`, `index`): Fisher–Yates.
package func randomPermutation(
  count: Int, seed: UInt64, purpose: RandomPurpose, epoch: Int, index: Int = 0
) -> [Int32] {
  var random = CounterRandom(seed: seed, purpose: purpose, epoch: epoch, index: index)
  var order = (0..<Int32(count)).map { $0 }
  for last in stride(from: count - 1, to: 0, by: -1) {
    order.swapAt(last, Int(random.next() % UInt64(last + 1)))
  }
  return order
}
