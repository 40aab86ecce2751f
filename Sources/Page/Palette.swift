import Basics

/// Colours of clusters, apart from each other on a light and on a dark page as far as so many can be.
struct Palette {
  /// Red, green and blue of every cluster, 0…255.
  let colours: [SIMD3<UInt8>]

  /// Colours for `count` clusters: hues by the golden ratio, in three lightnesses.
  init(_ count: Int) {
    colours = (0..<count).map { number in
      let hue = (0.58 + Double(number) * 0.618033988749895).truncatingRemainder(dividingBy: 1)
      return Self.colour(hue: hue, saturation: 0.68, lightness: [0.52, 0.40, 0.64][number % 3])
    }
  }

  /// A colour as style sheets write it.
  func text(_ cluster: Int) -> String {
    let colour = colours[cluster]
    return String(printf: "#%02x%02x%02x", colour.x, colour.y, colour.z)
  }

  private static func colour(hue: Double, saturation: Double, lightness: Double) -> SIMD3<UInt8> {
    func part(_ offset: Double) -> UInt8 {
      let place = (offset + hue * 12).truncatingRemainder(dividingBy: 12)
      let strength = saturation * min(lightness, 1 - lightness)
      return UInt8((255 * (lightness - strength * max(-1, min(place - 3, 9 - place, 1)))).rounded())
    }
    return SIMD3(part(0), part(8), part(4))
  }
}
