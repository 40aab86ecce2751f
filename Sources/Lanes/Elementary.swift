/// Elementary functions whose bits are the same on every machine: made of additions, products, quotients, square roots and fused
/// multiply-adds, which IEEE 754 rounds in one way. Those of the C library differ between its versions.
///
/// They are within 2 units in the last place of the exact value, `power` within 1 + |y·log x| of them.
package enum Elementary {
  /// log 2 in two parts; whole multiples up to 2¹¹ of the first one are exact.
  private static let (logTwo, logTwoRest) = (0x1.62e42feep-1, 0x1.a39ef35793c76p-33)

  /// eˣ: the Taylor series within ±log 2 / 2.
  package static func exp(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x > 709.79 { return .infinity }
    if x < -745.14 { return 0 }
    let twos = (x * 0x1.71547652b82fep0).rounded(.toNearestOrEven)
    let rest = (-twos).addingProduct2(logTwo, logTwoRest, to: x)
    var sum = 1.0
    for n in stride(from: 14.0, through: 1, by: -1) { sum = 1.0.addingProduct(rest / n, sum) }
    // In two steps, as 2¹⁰²⁴ is no number, and results below 2⁻¹⁰²² are to be rounded once.
    let half = Int(twos) / 2
    return sum * twoToThe(half) * twoToThe(Int(twos) - half)
  }

  /// log x: −∞ of zero, NaN below.
  ///
  /// By log m = 2 artanh((m − 1)/(m + 1)), whose series is summed, with m within √2 of one.
  package static func log(_ x: Double) -> Double {
    guard x > 0, x.isFinite else { return x == 0 ? -.infinity : x < 0 ? .nan : x }
    var (exponent, fraction) = (Double(x.exponent), x.significand)
    if fraction > 0x1.6a09e667f3bcdp0 { (exponent, fraction) = (exponent + 1, fraction / 2) }
    let f = fraction - 1
    let s = f / (2 + f)
    let z = s * s
    var series = 0.0
    for n in stride(from: 25.0, through: 3, by: -2) { series = (2 / n).addingProduct(z, series) }
    // f − f²/2 is the most of it, and exact to more bits than the quotient (as in FreeBSD's e_log.c).
    let square = f * f / 2
    let rest = s * (square + z * series) + exponent * logTwoRest
    return exponent * logTwo - ((square - rest) - f)
  }

  /// xʸ of x ≥ 0.
  package static func power(_ x: Double, _ y: Double) -> Double {
    if y == 0 { return 1 }
    return exp(y * log(x))
  }

  /// The sine and the cosine of |x| < 10⁶: Taylor series within ±π/4.
  package static func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    precondition(abs(x) < 1e6)
    let quarters = (x * 0x1.45f306dc9c883p-1).rounded(.toNearestOrEven)
    let rest = (-quarters).addingProduct2(0x1.921fb54442d18p0, 0x1.1a62633145c07p-54, to: x)
    let z = rest * rest
    var (sine, cosine) = (1.0, 1.0)
    for n in stride(from: 18.0, through: 2, by: -2) {
      sine = 1.0.addingProduct(-z / (n * (n + 1)), sine)
      cosine = 1.0.addingProduct(-z / (n * (n - 1)), cosine)
    }
    sine *= rest
    switch Int(quarters) & 3 {
    case 0: return (sine, cosine)
    case 1: return (cosine, -sine)
    case 2: return (-sine, -cosine)
    default: return (-cosine, sine)
    }
  }

  /// The inverse hyperbolic cosine of x ≥ 1.
  package static func inverseHyperbolicCosine(_ x: Double) -> Double {
    log(x + (x * x - 1).squareRoot())
  }

  private static func twoToThe(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}

extension Double {
  /// x + self·(a + b), a much larger than b: two fused multiply-adds.
  fileprivate func addingProduct2(_ a: Double, _ b: Double, to x: Double) -> Double {
    x.addingProduct(self, a).addingProduct(self, b)
  }
}

extension SIMD16 where Scalar == Float {
  /// Every lane, which is not negative, to the power `exponent`.
  package func power(_ exponent: Double) -> LaneVector {
    var result = LaneVector.zero
    for lane in 0..<laneCount { result[lane] = Float(Elementary.power(Double(self[lane]), exponent)) }
    return result
  }
}
