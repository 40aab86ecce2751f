/// Which part of a picture goes to which part of an image.
struct Placement: Equatable {
  /// Columns and rows of the picture, as shown.
  let source: Area
  /// Columns and rows of the image.
  let target: Area

  /// A rectangle of pixels.
  struct Area: Equatable {
    var left = 0
    var top = 0
    var width: Int
    var height: Int
  }

  /// A picture of `width` × `height` in an image of `shape`.
  init(width: Int, height: Int, in shape: ImageShape, _ fit: Fit) {
    var source = Area(width: width, height: height)
    var target = Area(width: shape.width, height: shape.height)
    // Whether the picture is wider than the image, by its aspect.
    let (across, down) = (width * shape.height, height * shape.width)
    switch fit {
    case .stretch: break
    case .pad where across > down: target.height = Self.rounded(height * shape.width, width)
    case .pad: target.width = Self.rounded(width * shape.height, height)
    case .crop where across > down: source.width = Self.rounded(height * shape.width, shape.height)
    case .crop: source.height = Self.rounded(width * shape.height, shape.width)
    }
    (source.left, source.top) = ((width - source.width) / 2, (height - source.height) / 2)
    (target.left, target.top) = ((shape.width - target.width) / 2, (shape.height - target.height) / 2)
    (self.source, self.target) = (source, target)
  }

  /// The nearest whole number, at least 1.
  private static func rounded(_ a: Int, _ b: Int) -> Int { max(1, (2 * a + b) / (2 * b)) }
}
