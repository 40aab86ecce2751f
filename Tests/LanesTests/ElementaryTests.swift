import Foundation
import Lanes
import Testing

/// The elementary functions against those of the C library, and at their edges.
struct ElementaryTests {
  /// How far `value` is from `exact`, in units of the exact one's last place.
  private func units(_ value: Double, _ exact: Double) -> Double {
    value == exact ? 0 : abs(value - exact) / exact.ulp
  }

  /// Numbers of all sizes between 10^`low` and 10^`high`.
  private func numbers(_ low: Double, _ high: Double) -> [Double] {
    (0...20000).map { Foundation.pow(10, low + (high - low) * Double($0) / 20000) }
  }

  @Test("exponential")
  func exp() {
    for x in numbers(-20, 2.85).flatMap({ [$0, -$0] }) where abs(x) < 708 {
      #expect(units(Elementary.exp(x), Foundation.exp(x)) <= 2, "\(x)")
    }
    #expect(
      Elementary.exp(0) == 1 && Elementary.exp(-.infinity) == 0 && Elementary.exp(.infinity) == .infinity)
    #expect(Elementary.exp(710) == .infinity && Elementary.exp(-746) == 0 && Elementary.exp(.nan).isNaN)
    #expect(units(Elementary.exp(-740), Foundation.exp(-740)) <= 2, "below the normal numbers")
  }

  @Test("logarithm")
  func log() {
    for x in numbers(-307, 308) + numbers(-1, 1) + numbers(-16, -1).flatMap({ [1 + $0, 1 - $0] }) {
      #expect(units(Elementary.log(x), Foundation.log(x)) <= 2, "\(x)")
    }
    let smallest = Double.leastNonzeroMagnitude
    #expect(units(Elementary.log(smallest), Foundation.log(smallest)) <= 1)
    #expect(Elementary.log(1) == 0 && Elementary.log(0) == -.infinity && Elementary.log(-1).isNaN)
    #expect(Elementary.log(.infinity) == .infinity && Elementary.log(.nan).isNaN)
  }

  @Test("power")
  func power() {
    for x in numbers(-30, 3) {
      for y in [0.5, 1, 1.5, 2, 3, 7.25, -2.0] {
        let (found, exact) = (Elementary.power(x, y), Foundation.pow(x, y))
        #expect(units(found, exact) <= 2 + 2 * abs(y * Foundation.log(x)), "\(x), \(y)")
      }
    }
    #expect(Elementary.power(0, 2) == 0 && Elementary.power(0, 0) == 1 && Elementary.power(1, 300) == 1)
    #expect(LaneVector(repeating: 4).power(1.5) == LaneVector(repeating: 8))
    #expect(LaneVector(repeating: .nan).power(1.5)[3].isNaN)
  }

  @Test("sine and cosine")
  func sine() {
    for x in (numbers(-9, 2) + (1...400).map { Double($0) * Double.pi / 4 }).flatMap({ [$0, -$0] }) {
      let (sine, cosine) = Elementary.sineAndCosine(x)
      #expect(abs(sine - Foundation.sin(x)) <= 2 * max(abs(Foundation.sin(x)).ulp, 1e-19), "\(x)")
      #expect(abs(cosine - Foundation.cos(x)) <= 2 * max(abs(Foundation.cos(x)).ulp, 1e-19), "\(x)")
    }
    #expect(Elementary.sineAndCosine(0) == (0, 1))
  }

  @Test("inverse hyperbolic cosine")
  func acosh() {
    for x in numbers(0, 6) {
      #expect(abs(Elementary.inverseHyperbolicCosine(x) - Foundation.acosh(x)) < 1e-7)
    }
  }
}
