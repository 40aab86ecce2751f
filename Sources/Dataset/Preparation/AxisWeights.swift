/// How the columns (or rows) of a picture make those of a smaller or larger one: weighted sums of neighbours.
///
/// Fewer: the average over the area that a new pixel covers. More: linear between the two nearest centres. The
/// weights are whole numbers, so that sums of bytes are exact up to 2²⁴ and a half is a half on every machine.
struct AxisWeights {
  /// The first pixel that new pixel `i` is made of.
  private(set) var first: [Int] = []
  /// Where the weights of new pixel `i` start in `weights`; one more at the end.
  private(set) var start: [Int] = [0]
  private(set) var weights: [Float] = []
  /// The sum of the weights of every new pixel.
  private(set) var total: Float = 1
  private let source: Int
  private let target: Int

  /// No axis yet.
  init() { (source, target) = (0, 0) }

  /// From `source` to `target` pixels, both at least 1.
  init(from source: Int, to target: Int) {
    precondition(source >= 1 && target >= 1)
    (self.source, self.target) = (source, target)
    if source >= target { addAreas() } else { addLines() }
  }

  /// Whether these are the weights for so many pixels.
  func isFor(_ source: Int, _ target: Int) -> Bool { self.source == source && self.target == target }

  /// Lengths are counted in units of which a pixel has `target` and a new pixel `source`, less a common divisor.
  private mutating func addAreas() {
    let divisor = greatestCommonDivisor(source, target)
    let (pixel, newPixel) = (target / divisor, source / divisor)
    total = Float(newPixel)
    for new in 0..<target {
      let (low, high) = (new * newPixel, (new + 1) * newPixel)
      first.append(low / pixel)
      for old in (low / pixel)..<((high + pixel - 1) / pixel) {
        weights.append(Float(min(high, (old + 1) * pixel) - max(low, old * pixel)))
      }
      start.append(weights.count)
    }
  }

  /// The centre of a new pixel is at `(new + ½) · source / target − ½`; outside the outermost centres nothing changes.
  private mutating func addLines() {
    total = Float(2 * target)
    for new in 0..<target {
      let place = max((2 * new + 1) * source - target, 0)
      let (old, beyond) = (place / (2 * target), place % (2 * target))
      first.append(old)
      if beyond == 0 || old + 1 == source {
        weights.append(total)
      } else {
        weights += [Float(2 * target - beyond), Float(beyond)]
      }
      start.append(weights.count)
    }
  }

  private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b > 0 { (a, b) = (b, a % b) }
    return a
  }
}
