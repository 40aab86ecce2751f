/// The one range of a data set whose samples are no bytes.
package struct RangeRule {
  /// What becomes 0 and 255.
  package let range: ClosedRange<Double>
  /// What is done to the samples, for the header.
  package let line: String

  /// Samples that may be NaN or infinite, as a share of all.
  package static let mostNotFinite = 0.01
  /// The percentile (and 100 less it) that `auto` takes in place of minimum and maximum, and how many times as far these must
  /// be apart.
  package static let percentile = 0.1
  package static let swallowed = 4.0
}

extension RangeChoice {
  /// Whether all samples must be seen to find the range; else the types are enough.
  package var needsSamples: Bool {
    switch self {
    case .auto, .percentile: true
    case .type, .values: false
    }
  }
}

extension RangeStatistics {
  /// The range that `choice` asks for; nil where all samples are bytes.
  ///
  /// - Throws: where too many samples are NaN or infinite, or types are mixed that no one range serves
  package func resolve(_ choice: RangeChoice) throws(DatasetError) -> RangeRule? {
    let types = types.filter { !$0.isByte }
    guard !types.isEmpty else { return nil }
    try Self.checkShare(notFinite: notFiniteCount, of: finiteCount + notFiniteCount)
    // Where all is transparent, there is no sample.
    let (low, high) = finiteCount > 0 ? (Double(minimum), Double(maximum)) : (0, 0)
    let range: ClosedRange<Double>
    let how: String
    switch choice {
    case .values(let low, let high): (range, how) = (low...high, "as --range says")
    case .type:
      guard types.allSatisfy({ $0.range == types[0].range }) else { throw mixedTypes(types) }
      (range, how) = (types[0].range, "the range of the type")
    case .percentile(let share):
      (range, how) = (try percentiles(share, types), "percentiles \(share) and \(100 - share)")
    case .auto:
      let most = try percentiles(RangeRule.percentile, types)
      let span = most.upperBound - most.lowerBound
      if span > 0, high - low > RangeRule.swallowed * span {
        (range, how) = (
          most, "percentiles 0.1 and 99.9, as few samples reach from \(Self.text(low)) to \(Self.text(high))"
        )
      } else {
        (range, how) = (low...high, "minimum and maximum")
      }
    }
    return RangeRule(range: range, line: line(range, how, types))
  }

  /// Ends a run on data of which too much is missing. `resolve` does so for the samples that were added; where only types
  /// were, it is for what `PreparationScratch` has counted.
  /// - Parameters:
  ///   - notFinite: samples that are NaN or infinite
  ///   - all: all samples that are no bytes
  package static func checkShare(notFinite: Int, of all: Int) throws(DatasetError) {
    guard Double(notFinite) > RangeRule.mostNotFinite * Double(all) else { return }
    let tenths = Int((Double(notFinite) / Double(all) * 1000).rounded())
    throw DatasetError(
      .malformed, nil,
      "\(notFinite) of \(all) samples (\(tenths / 10).\(tenths % 10) %) are NaN or infinite, expected at most 1 %; "
        + "give them a value before, in Python: numpy.nan_to_num(x, posinf=0, neginf=0)")
  }

  private func percentiles(_ share: Double, _ types: [SampleType]) throws(DatasetError) -> ClosedRange<Double>
  {
    let fractions = types.count { $0.range == 0...1 }
    guard fractions == 0 || fractions == types.count else { throw mixedTypes(types) }
    guard finiteCount > 0 else { return 0...0 }
    let rank = Int(Double(finiteCount) * share / 100)
    let (low, high) = ranked(rank)
    return Double(min(low, high))...Double(max(low, high))
  }

  private func mixedTypes(_ types: [SampleType]) -> DatasetError {
    DatasetError(
      .mismatch, nil,
      "samples are of several types (\(types.map { "\($0)" }.joined(separator: ", "))), which have no range in common; "
        + "--range MIN,MAX says what becomes black and white, or cluster them in separate runs")
  }

  private func line(_ range: ClosedRange<Double>, _ how: String, _ types: [SampleType]) -> String {
    var line =
      "\(types.map { "\($0)" }.joined(separator: ", ")) samples from \(Self.text(range.lowerBound)) to "
      + "\(Self.text(range.upperBound)) become 0 to 255 (\(how))"
    if self.types.contains(.uint8) { line += "; bytes stay" }
    if range.lowerBound == range.upperBound { line += "; all are equal, and become 0" }
    let remark = Self.remark(notFinite: notFiniteCount, of: finiteCount + notFiniteCount)
    return remark.map { "\(line); \($0)" } ?? line
  }

  /// What becomes of samples that are NaN or infinite; nil where there are none.
  package static func remark(notFinite: Int, of all: Int) -> String? {
    notFinite > 0 ? "\(notFinite) of \(all) samples are NaN or infinite and become the least" : nil
  }

  /// A number as people write it: whole ones without a point.
  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(Float(value))"
  }
}
