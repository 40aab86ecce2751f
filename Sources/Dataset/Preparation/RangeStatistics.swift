/// What is known of all samples that are no bytes, to find the range that becomes 0…255.
///
/// Every number is a count or an extreme: of any parts of the data set, added in any order, the same comes out.
package struct RangeStatistics: Equatable {
  /// Whole numbers from −32768 to 65535 have a bin each; others share one with those that agree in the first 11 binary
  /// digits behind the leading one (0.05 %).
  static let binCount = wholeBins + (1 << 20)
  private static let wholeBins = 98304
  private static let least = -32768
  /// Places of the further counts behind the bins.
  private static let notFinite = binCount
  private static let typeCounts = binCount + 1

  /// Bins, samples that are NaN or infinite, then pictures of every `SampleType`: to be summed over parts.
  package var counts = [Int64](repeating: 0, count: typeCounts + SampleType.allCases.count)
  /// The least sample: of parts, the least; infinite where there is none.
  package var minimum = Float.infinity
  /// The largest sample: of parts, the largest; −infinite where there is none.
  package var maximum = -Float.infinity

  /// Of no picture.
  package init() {}

  /// Adds the samples of a picture; of one of bytes it counts the picture only. Alpha is no sample, and what is wholly
  /// transparent is not seen.
  package mutating func add(_ picture: Picture) {
    let header = picture.header
    add(header.samples)
    guard !header.samples.isByte else { return }
    let samples = picture.floats
    let channels = Int(header.channels)
    let colours = header.colourChannels
    var (low, high) = (minimum, maximum)
    counts.withUnsafeMutableBufferPointer { counts in
      for pixel in stride(from: 0, to: samples.count, by: channels) {
        if header.hasAlpha, !(samples[pixel + colours] > 0) { continue }
        for place in pixel..<(pixel + colours) {
          let sample = samples[place]
          guard sample.isFinite else {
            counts[Self.notFinite] += 1
            continue
          }
          low = min(low, sample)
          high = max(high, sample)
          counts[Self.bin(sample)] += 1
        }
      }
    }
    (minimum, maximum) = (low, high)
  }

  /// Adds a picture of this type, of which no more need be known, see `RangeChoice.needsSamples`.
  package mutating func add(_ type: SampleType) { counts[Self.typeCounts + Int(type.rawValue)] += 1 }

  /// Samples that are NaN or infinite.
  package var notFiniteCount: Int { Int(counts[Self.notFinite]) }

  /// Samples that are numbers.
  package var finiteCount: Int { Int(counts[..<Self.binCount].reduce(0, +)) }

  /// The types of the pictures.
  package var types: [SampleType] {
    SampleType.allCases.filter { counts[Self.typeCounts + Int($0.rawValue)] > 0 }
  }

  @inline(__always)
  private static func bin(_ sample: Float) -> Int {
    if sample >= -32768, sample <= 65535 {
      let whole = Int(sample)
      if Float(whole) == sample { return whole - least }
    }
    return wholeBins + ordered(sample.bitPattern)
  }

  /// The first 20 bits, in the order of the numbers that have them.
  @inline(__always)
  private static func ordered(_ bits: UInt32) -> Int {
    Int((bits >> 31 == 1 ? ~bits : bits | 1 << 31) >> 12)
  }

  /// The samples of place `rank` and of place `finiteCount - 1 - rank` in their order, as far as the bins tell: the first
  /// is at most too small, the second too large, by the width of a bin.
  func ranked(_ rank: Int) -> (low: Float, high: Float) {
    var bins = (0..<Self.binCount).filter { counts[$0] > 0 }.map {
      (ends: Self.ends(of: $0), count: Int(counts[$0]))
    }
    func find(_ end: (Float, Float) -> Float) -> Float {
      var seen = 0
      for bin in bins {
        seen += bin.count
        if seen > rank { return min(max(end(bin.ends.low, bin.ends.high), minimum), maximum) }
      }
      return end(minimum, maximum)
    }
    bins.sort { ($0.ends.low, $0.ends.high) < ($1.ends.low, $1.ends.high) }
    let low = find { low, _ in low }
    bins.sort { ($0.ends.high, $0.ends.low) > ($1.ends.high, $1.ends.low) }
    return (low, find { _, high in high })
  }

  /// The least and the largest sample that a bin can hold.
  private static func ends(of bin: Int) -> (low: Float, high: Float) {
    guard bin >= wholeBins else { return (Float(bin + least), Float(bin + least)) }
    let ordered = UInt32(bin - wholeBins) << 12
    func sample(_ ordered: UInt32) -> Float {
      Float(bitPattern: ordered >> 31 == 1 ? ordered & ~(1 << 31) : ~ordered)
    }
    return (sample(ordered), sample(ordered | 0xfff))
  }
}
