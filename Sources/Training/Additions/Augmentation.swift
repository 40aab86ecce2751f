import Lanes

/// How far images are moved at random before a training step sees them: each magnitude is the largest one, either way.
package struct Augmentation: Equatable, Sendable {
  /// Degrees.
  package var rotation = 0.0
  /// Share of the width and of the height.
  package var shift = 0.0
  /// Share of the size.
  package var scale = 0.0
  /// Columns per row.
  package var shear = 0.0

  /// Images as they are.
  package static let none = Augmentation()
  /// What leaves handwriting readable and objects recognisable.
  package static let affine = Augmentation(rotation: 10, shift: 0.07, scale: 0.1, shear: 0.1)

  /// The largest magnitudes, either way.
  package init(rotation: Double = 0, shift: Double = 0, scale: Double = 0, shear: Double = 0) {
    (self.rotation, self.shift, self.scale, self.shear) = (rotation, shift, scale, shear)
  }

  /// `none`, `affine`, or magnitudes such as `rotation=10,shift=0.07,scale=0.1,shear=0.1`, the others zero.
  package init?(_ text: String) {
    switch text {
    case "none": self = .none
    case "affine": self = .affine
    default:
      self = .none
      for part in text.split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, let value = Double(sides[1]), value >= 0, value.isFinite else { return nil }
        switch sides[0] {
        case "rotation": rotation = value
        case "shift" where value < 1: shift = value
        case "scale" where value < 1: scale = value
        case "shear": shear = value
        default: return nil
        }
      }
      if self == .none { return nil }
    }
  }

  /// The magnitudes as `init?` reads them.
  package var text: String {
    self == .none ? "none" : "rotation=\(rotation),shift=\(shift),scale=\(scale),shear=\(shear)"
  }

  /// The name that `init?` knows it by, or else its magnitudes.
  package var name: String { self == .affine ? "affine" : text }

  /// The map of image `image` in pass `pass` over the data.
  package func map(seed: UInt64, purpose: RandomPurpose, pass: Int, image: Int, _ grid: PixelGrid)
    -> AffineMap
  {
    var random = CounterRandom(seed: seed, purpose: purpose, epoch: pass, index: image)
    let degrees = random.uniform(in: -rotation...rotation)
    let scale = random.uniform(in: -scale...scale)
    let shear = random.uniform(in: -shear...shear)
    let columns = random.uniform(in: -shift...shift) * Double(grid.columns)
    let rows = random.uniform(in: -shift...shift) * Double(grid.rows)
    return Self.map(degrees: degrees, shear: shear, scale: scale, shift: (columns, rows), grid)
  }

  /// The maps that turn, shear and scale images by the largest magnitudes, one thing at a time, either way: at most six.
  package func extremes(_ grid: PixelGrid) -> [AffineMap] {
    func bothWays(_ magnitude: Double, _ map: (Double) -> AffineMap) -> [AffineMap] {
      magnitude > 0 ? [map(magnitude), map(-magnitude)] : []
    }
    return bothWays(rotation) { Self.map(degrees: $0, grid) } + bothWays(shear) { Self.map(shear: $0, grid) }
      + bothWays(scale) { Self.map(scale: $0, grid) }
  }

  /// - Parameter shift: in pixels
  private static func map(
    degrees: Double = 0, shear: Double = 0, scale: Double = 0,
    shift: (columns: Double, rows: Double) = (0, 0), _ grid: PixelGrid
  ) -> AffineMap {
    let turn = Elementary.sineAndCosine(degrees * Double.pi / 180)
    let (sine, cosine) = (turn.sine / (1 + scale), turn.cosine / (1 + scale))
    return AffineMap(
      matrix: (cosine, shear * cosine - sine, sine, shear * sine + cosine), rows: grid.rows,
      columns: grid.columns, shift: shift)
  }
}

/// How the images of a run's networks are moved.
package enum AugmentationChoice: Equatable, Sendable {
  /// The networks take turns between `Augmentation.affine`, which the last one has, and images as they are. Neighbours that
  /// both kinds of features agree on are more often of one class than those of either kind.
  case alternating
  /// All alike.
  case fixed(Augmentation)

  /// `auto`, or what `Augmentation.init?` reads.
  package init?(_ text: String) {
    if text == "auto" {
      self = .alternating
    } else if let augmentation = Augmentation(text) {
      self = .fixed(augmentation)
    } else {
      return nil
    }
  }

  /// As `init?` reads it.
  package var text: String {
    switch self {
    case .alternating: "auto"
    case .fixed(let augmentation): augmentation.text
    }
  }

  /// How the images of network `member`, from 0, of `members` are moved.
  package func augmentation(member: Int, of members: Int) -> Augmentation {
    switch self {
    case .alternating: (members - 1 - member).isMultiple(of: 2) ? .affine : .none
    case .fixed(let augmentation): augmentation
    }
  }
}
