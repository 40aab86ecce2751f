import Dataset
import Support
import Testing

@Suite struct RangeTests {
  private func statistics(_ type: SampleType, _ samples: [Float]) -> RangeStatistics {
    var statistics = RangeStatistics()
    statistics.add(picture(samples.count, 1, type, samples))
    return statistics
  }

  /// About normal, in float, from a seed.
  private func noise(_ count: Int, seed: UInt64, scale: Float = 1, offset: Float = 0) -> [Float] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in
      let sum = (0..<6).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &random) }
      return sum * scale + offset
    }
  }

  @Test("Bytes need no range")
  func bytes() throws {
    var statistics = RangeStatistics()
    statistics.add(picture(2, 1, [3, 4]))
    #expect(try statistics.resolve(.auto) == nil && statistics.types == [.uint8])
  }

  @Test("auto: minimum and maximum")
  func auto() throws {
    let rule = try #require(try statistics(.float32, [-1, 0.5, 1, 0]).resolve(.auto))
    #expect(rule.range == -1...1)
    #expect(rule.line == "float32 samples from -1 to 1 become 0 to 255 (minimum and maximum)")
    #expect(try statistics(.uint16, [0, 250, 7]).resolve(.auto)?.range == 0...250)
    #expect(try statistics(.float32, [-0.0, 0.0]).resolve(.auto)?.range == 0...0)
    let flat = try #require(try statistics(.int16, [7, 7]).resolve(.auto))
    #expect(flat.range == 7...7 && flat.line.hasSuffix("; all are equal, and become 0"))
  }

  @Test("auto: percentiles where few samples swallow the range, but not where most are equal")
  func swallowed() throws {
    var samples = noise(100_000, seed: 1)
    #expect(
      try #require(try statistics(.float32, samples).resolve(.auto)).line.contains("minimum and maximum"))
    samples[77] = 4000
    let rule = try #require(try statistics(.float32, samples).resolve(.auto))
    #expect(rule.range.lowerBound < -4 && (4..<6).contains(rule.range.upperBound), "\(rule)")
    #expect(
      rule.line.contains("percentiles 0.1 and 99.9, as few samples reach from -")
        && rule.line.contains(" to 4000)"))
    // A few bright points are all that these pictures show.
    var sparse = [Float](repeating: 0, count: 100_000)
    for place in 0..<50 { sparse[place * 1000] = Float(place) }
    #expect(try statistics(.float32, sparse).resolve(.auto)?.range == 0...49)
  }

  @Test("type and values need no samples")
  func said() throws {
    #expect(!RangeChoice.type.needsSamples && !RangeChoice.values(0, 1).needsSamples)
    #expect(RangeChoice.auto.needsSamples && RangeChoice.percentile(1).needsSamples)
    for type in SampleType.allCases where !type.isByte {
      var statistics = RangeStatistics()
      statistics.add(type)
      #expect(try statistics.resolve(.type)?.range == type.range)
      let rule = try #require(try statistics.resolve(.values(-2, 0.5)))
      #expect(rule.range == -2...0.5)
      #expect(rule.line == "\(type) samples from -2 to 0.5 become 0 to 255 (as --range says)")
    }
  }

  @Test(
    "Percentiles are those of sorted samples, exactly for whole numbers", arguments: [0, 0.1, 1, 5, 25, 49])
  func percentiles(_ share: Double) throws {
    let whole = noise(5000, seed: 2, scale: 300, offset: 2000).map { $0.rounded() }
    let mixed =
      noise(5000, seed: 3, scale: 0.1) + noise(3000, seed: 4, scale: 1e6) + noise(100, seed: 5, scale: 1e-30)
    for (samples, isExact) in [(whole, true), (mixed, false)] {
      let sorted = samples.sorted()
      let rank = Int(Double(sorted.count) * share / 100)
      let (low, high) = (Double(sorted[rank]), Double(sorted[sorted.count - 1 - rank]))
      let rule = try #require(try statistics(.float32, samples).resolve(.percentile(share)))
      let slack = isExact ? 0 : 1.0 / 2048
      #expect((low - slack * abs(low)...low).contains(rule.range.lowerBound), "\(rule) \(low)")
      #expect((high...high + slack * abs(high)).contains(rule.range.upperBound), "\(rule) \(high)")
      #expect(rule.line.contains("(percentiles \(share) and \(100 - share))"))
    }
  }

  @Test("Parts in any order give the same")
  func parts() throws {
    let samples = noise(6000, seed: 6, scale: 100) + [.nan, .infinity, -.infinity, 1e30]
    let whole = statistics(.float32, samples)
    for parts in [2, 3, 7] {
      var pieces = (0..<parts).map { part in
        statistics(.float32, samples.indices.filter { $0 % parts == part }.map { samples[$0] })
      }
      for _ in 0..<2 {
        pieces.reverse()
        var sum = RangeStatistics()
        for piece in pieces {
          for place in sum.counts.indices { sum.counts[place] += piece.counts[place] }
          sum.minimum = min(sum.minimum, piece.minimum)
          sum.maximum = max(sum.maximum, piece.maximum)
        }
        #expect(sum.minimum == whole.minimum && sum.maximum == whole.maximum)
        #expect(sum.finiteCount == 6001 && sum.notFiniteCount == 3)
        let (a, b) = (try #require(try sum.resolve(.auto)), try #require(try whole.resolve(.auto)))
        #expect(a.range == b.range && a.line == b.line)
      }
    }
  }

  @Test("Alpha is no sample, and what is transparent is not seen")
  func alpha() throws {
    var statistics = RangeStatistics()
    statistics.add(picture(3, 1, channels: 2, hasAlpha: true, .uint16, [10, 65535, 9999, 0, 20, 1]))
    #expect(try statistics.resolve(.auto)?.range == 10...20)
    var hidden = RangeStatistics()
    hidden.add(picture(1, 1, channels: 2, hasAlpha: true, .uint16, [10, 0]))
    #expect(try hidden.resolve(.auto)?.range == 0...0 && hidden.resolve(.percentile(1))?.range == 0...0)
  }

  @Test("Samples that are no numbers are counted, and are an error above 1 %")
  func notFinite() throws {
    var samples = [Float](repeating: 2, count: 999) + [5]
    for place in 0..<10 { samples[place] = place % 2 == 0 ? .nan : .infinity }
    let rule = try #require(try statistics(.float32, samples).resolve(.auto))
    #expect(rule.range == 2...5)
    #expect(rule.line.hasSuffix("; 10 of 1000 samples are NaN or infinite and become the least"))
    samples[10] = .nan
    for choice in [RangeChoice.auto, .type, .values(0, 1), .percentile(1)] {
      expect(
        "11 of 1000 samples (1.1 %) are NaN or infinite, expected at most 1 %; give them a value", .malformed
      ) { _ = try statistics(.float32, samples).resolve(choice) }
    }
    expect(
      "7 of 7 samples (100.0 %) are NaN or infinite, expected at most 1 %; give them a value before, in Python: numpy.nan_",
      .malformed
    ) {
      try RangeStatistics.checkShare(notFinite: 7, of: 7)
    }
    try RangeStatistics.checkShare(notFinite: 0, of: 0)
    #expect(RangeStatistics.remark(notFinite: 0, of: 9) == nil)
  }

  @Test("Types that have no range in common need one that is said")
  func mixed() throws {
    var statistics = statistics(.uint16, [5, 4000])
    statistics.add(picture(2, 1, [1, 2]))
    #expect(
      try statistics.resolve(.auto)?.line
        == "uint16 samples from 5 to 4000 become 0 to 255 (minimum and maximum); bytes stay")
    statistics.add(picture(1, 1, .int32, [-3]))
    #expect(try statistics.resolve(.auto)?.range == -3...4000)
    expect("samples are of several types (uint16, int32), which have no range in common; --range", .mismatch)
    {
      _ = try statistics.resolve(.type)
    }
    statistics.add(picture(1, 1, .float32, [0.5]))
    for choice in [RangeChoice.auto, .percentile(1), .type] {
      expect("samples are of several types (uint16, int32, float32)", .mismatch) {
        _ = try statistics.resolve(choice)
      }
    }
    #expect(try statistics.resolve(.values(0, 100))?.range == 0...100)
  }
}
