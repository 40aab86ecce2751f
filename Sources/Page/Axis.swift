import Basics
import Glibc

/// An axis of a chart: what its ends stand for, where its ticks are and what they say.
package struct Axis: Equatable, Sendable {
  /// The numbers at the two ends.
  package let range: ClosedRange<Double>
  /// The numbers at the ticks, ascending, all in the range.
  package let ticks: [Double]
  /// The difference of neighbouring ticks.
  package let step: Double

  /// An axis on which all of `values` have a place. It ends at ticks.
  ///
  /// - Parameters:
  ///   - values: those that are not finite are left out; of none the axis goes from 0 to 1
  ///   - ticks: about how many; there are at most one and a half times as many
  ///   - fromZero: whether 0 is to have a place too
  ///   - whole: whether ticks are whole numbers
  package init(
    _ values: some Sequence<Double>, ticks count: Int = 5, fromZero: Bool = false, whole: Bool = false
  ) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite && abs(value) < 1e300 {
      (low, high) = (min(low, value), max(high, value))
    }
    if low > high { (low, high) = (0, 1) }
    if fromZero { (low, high) = (min(low, 0), max(high, 0)) }
    if high - low <= 1e-9 * max(abs(low), abs(high)) {
      // One value: it stands in the middle, or, from zero, at an end.
      let (room, isPositive) = (high == 0 ? 1 : abs(high) / 2, low >= 0)
      if !fromZero || low != 0 { low -= room }
      if !fromZero || high == 0 { high += room }
      // What cannot be negative has no negative ticks.
      if isPositive { low = max(low, 0) }
    }
    var step = Self.niceStep((high - low) / Double(max(count, 1)))
    if whole { step = max(step, 1) }
    let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
    self.step = step
    range = (first * step)...(last * step)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// The next of …, 0.5, 1, 2, 5, 10, … that is not smaller, within rounding.
  package static func niceStep(_ smallest: Double) -> Double {
    let power = pow(10, floor(log10(smallest)))
    for factor in [1.0, 2, 5] where factor * power >= smallest * (1 - 1e-9) { return factor * power }
    return 10 * power
  }

  /// Where `value` stands: 0 at the lower end, 1 at the upper one.
  package func place(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// What a tick says: as many digits as tell it from its neighbours.
  package func label(_ tick: Double) -> String {
    let largest = max(abs(range.lowerBound), abs(range.upperBound))
    if largest >= 1e6 || (largest < 1e-3 && largest > 0) {
      return tick == 0 ? "0" : String(printf: "%g", (tick / step).rounded() * step)
    }
    let decimals = max(0, Int(ceil(-log10(step) - 1e-9)))
    let text = String(printf: "%.\(decimals)f", tick)
    return text.replacing("-", with: "−")
  }
}
