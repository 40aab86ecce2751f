/// A seeded generator: a failing test can be repeated. (Steele, Lea, Flood 2014: SplitMix64.)
package struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  /// Equal seeds give equal numbers.
  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// `bytes` with one to three changes: a flipped bit, another byte, 0xff put in, a part left out or doubled, the
/// end cut off.
package func mutated(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 1...3, using: &random) {
    guard let place = bytes.indices.randomElement(using: &random) else { return bytes }
    let end = min(place + Int.random(in: 1...8, using: &random), bytes.count)
    switch Int.random(in: 0..<7, using: &random) {
    case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 3: bytes.insert(0xff, at: place)
    case 4: bytes.removeSubrange(place..<end)
    case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
    default: bytes.removeSubrange(place...)
    }
  }
  return bytes
}
