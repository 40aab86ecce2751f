import Glibc
import Lanes

/// The built-in images: ten classes of glyphs, each a few strokes drawn under random distortion, from the seed alone.
package enum Glyphs {
  /// Rows and columns of an image.
  package static let size = 28
  static let classes = 10

  // How much images of one class differ.
  private static let rotation = 0.30  // radians, either way
  private static let scale = 0.72...1.02
  private static let stretch = 0.16  // either way
  private static let shear = 0.28
  private static let shift = 0.11  // of the image's width
  private static let wobble = 0.028  // standard deviation of a point
  private static let thickness = 0.036...0.075  // half the stroke's width
  private static let ink = 0.75...1.0
  private static let noise = 0.05

  private typealias Point = SIMD2<Double>

  /// The class of image `image`.
  static func label(seed: UInt64, image: Int) -> Int {
    var random = CounterRandom(seed: seed, purpose: .glyphs, index: image)
    return Int(random.next() % UInt64(classes))
  }

  /// Image `image` as bytes `[row][column]`, and its class.
  package static func draw(seed: UInt64, image: Int) -> (pixels: [UInt8], label: Int) {
    var random = CounterRandom(seed: seed, purpose: .glyphs, index: image)
    let label = Int(random.next() % UInt64(classes))
    let strokes = distorted(strokes[label], &random)
    let width = random.uniform(in: thickness)
    let ink = random.uniform(in: ink)
    let softness = 0.5 / Double(size)
    var pixels = [UInt8](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0..<size {
        let point = Point(Double(column) + 0.5, Double(row) + 0.5) / Double(size)
        let distance = strokes.map { distanceToLine(point, $0) }.min() ?? 1
        let coverage = min(max((width - distance) / (2 * softness) + 0.5, 0), 1)
        let value = ink * coverage + noise * random.normal()
        pixels[row * size + column] = UInt8((min(max(value, 0), 1) * 255).rounded())
      }
    }
    return (pixels, label)
  }

  /// The strokes under a random affine map around the centre, with wobbling points.
  private static func distorted(_ strokes: [[Point]], _ random: inout CounterRandom) -> [[Point]] {
    let angle = random.uniform(in: -rotation...rotation)
    let size = random.uniform(in: scale)
    let stretch = 1 + random.uniform(in: -stretch...stretch)
    let shear = random.uniform(in: -shear...shear)
    let move = Point(random.uniform(in: -shift...shift), random.uniform(in: -shift...shift))
    let (sine, cosine) = (sin(angle), cos(angle))
    return strokes.map { stroke in
      stroke.map { point in
        var p = point - Point(0.5, 0.5)
        p = Point(p.x * size * stretch, p.y * size / stretch)
        p.x += shear * p.y
        p = Point(cosine * p.x - sine * p.y, sine * p.x + cosine * p.y)
        return p + Point(0.5, 0.5) + move + wobble * Point(random.normal(), random.normal())
      }
    }
  }

  private static func distanceToLine(_ point: Point, _ line: [Point]) -> Double {
    zip(line, line.dropFirst()).map { a, b in
      let along = b - a
      let length = (along * along).sum()
      let share = length > 0 ? min(max(((point - a) * along).sum() / length, 0), 1) : 0
      let away = point - a - share * along
      return (away * away).sum().squareRoot()
    }.min() ?? 1
  }

  /// An arc around `centre` from angle `start` to `end` in turns; 0 points right, 1/4 down.
  private static func arc(_ centre: Point, _ radius: Double, _ start: Double, _ end: Double) -> [Point] {
    (0...12).map { step in
      let angle = 2 * Double.pi * (start + (end - start) * Double(step) / 12)
      return centre + radius * Point(cos(angle), sin(angle))
    }
  }

  /// The strokes of every class in the unit square, y downwards.
  private static let strokes: [[[Point]]] = [
    // ring
    [arc(Point(0.5, 0.5), 0.3, 0, 1)],
    // cross
    [[Point(0.22, 0.22), Point(0.78, 0.78)], [Point(0.78, 0.22), Point(0.22, 0.78)]],
    // plus
    [[Point(0.5, 0.18), Point(0.5, 0.82)], [Point(0.18, 0.5), Point(0.82, 0.5)]],
    // T
    [[Point(0.2, 0.22), Point(0.8, 0.22)], [Point(0.5, 0.22), Point(0.5, 0.82)]],
    // L
    [[Point(0.28, 0.18), Point(0.28, 0.78), Point(0.78, 0.78)]],
    // Z
    [[Point(0.22, 0.22), Point(0.78, 0.22), Point(0.22, 0.78), Point(0.78, 0.78)]],
    // triangle
    [[Point(0.5, 0.18), Point(0.82, 0.76), Point(0.18, 0.76), Point(0.5, 0.18)]],
    // arrow to the right
    [
      [Point(0.16, 0.5), Point(0.82, 0.5)],
      [Point(0.56, 0.24), Point(0.82, 0.5), Point(0.56, 0.76)],
    ],
    // U
    [[Point(0.24, 0.2), Point(0.24, 0.5)] + arc(Point(0.5, 0.52), 0.26, 0.5, 0) + [Point(0.76, 0.2)]],
    // two bars
    [[Point(0.34, 0.18), Point(0.34, 0.82)], [Point(0.66, 0.18), Point(0.66, 0.82)]],
  ]
}
