/// The one size of a data set, from the sizes that were found.
package struct SizeRule {
  /// Columns and rows of every image.
  package let width: Int
  package let height: Int
  /// `pad` where nothing else is asked for. On six sets of mixed aspects, nearest neighbours were of the same class as often as
  /// when stretched (0.72 and 0.73), and more often than when cropped (0.68).
  package let fit: Fit
  /// What is done to the pictures, for the header; nil where their size stays.
  package let line: String?

  /// One size stays with `auto` up to so many pixels on the longer side.
  package static let longestKept = 128
  /// The longer side that `auto` scales larger pictures to.
  ///
  /// DBC's accuracy at 32, 64 and 128 pixels was 0.83, 0.84 and 0.82 on COIL-20, and 0.50, 0.49 and 0.44 on crops of twelve
  /// photos; an image takes 5 times as long at 64 as at 32, and 7 times as long at 128 as at 64.
  package static let longestScaled = 64
  /// With `auto`, one size keeps at least so many pixels on its shorter side, if it has them: with fewer, nothing can
  /// be seen.
  package static let shortestScaled = 16

  /// A size that was found, as shown, and how many pictures have it.
  package typealias Found = (width: Int, height: Int, count: Int)

  /// The size that `choice` asks for.
  ///
  /// `auto` keeps one size of at most `longestKept` pixels. Otherwise the longer side is the median of the pictures' longer
  /// sides, in steps of 8, but at most `longestScaled`. The aspect is the median one where nine of ten pictures have nearly
  /// (± 10 %) that one; else the images are square.
  /// - Parameters:
  ///   - sizes: one at least, in any order; a size may be there twice
  ///   - fit: nil leaves it to the rule
  /// - Throws: where `keep` is asked for and there are several
  package static func resolve(_ sizes: [Found], _ choice: SizeChoice, _ fit: Fit?) throws(DatasetError)
    -> SizeRule
  {
    let sizes = merged(sizes)
    precondition(!sizes.isEmpty)
    let first = sizes[0]
    var fit = fit
    let frame: (width: Int, height: Int)
    switch choice {
    case .keep:
      guard sizes.count == 1 else { throw severalSizes(sizes) }
      frame = (first.width, first.height)
    case .square(let side): frame = (side, side)
    case .exact(let width, let height): frame = (width, height)
    case .auto where sizes.count > 1: frame = commonFrame(sizes)
    case .auto where max(first.width, first.height) <= longestKept: frame = (first.width, first.height)
    case .auto:
      let exact = scaled(first.width, first.height, longer: longestScaled, shorter: 1)
      frame = scaled(first.width, first.height, longer: longestScaled, shorter: shortestScaled)
      // All are deformed alike: nothing is lost by it.
      if frame != exact { fit = fit ?? .stretch }
    }
    return SizeRule(sizes, frame, fit ?? .pad)
  }

  private init(_ sizes: [Found], _ frame: (width: Int, height: Int), _ fit: Fit) {
    (width, height, self.fit) = (frame.width, frame.height, fit)
    let isReady = sizes.count == 1 && (sizes[0].width, sizes[0].height) == frame
    let shape = ImageShape(channels: 1, height: frame.height, width: frame.width)
    let fills = sizes.allSatisfy { size in
      let target = Placement(width: size.width, height: size.height, in: shape, .pad).target
      return (target.width, target.height) == frame
    }
    let verb =
      switch fit {
      case _ where fills: "scaled"
      case .pad: "padded"
      case .crop: "cropped"
      case .stretch: "stretched"
      }
    let ordered = sizes.sorted {
      let (a, b) = (max($0.width, $0.height), max($1.width, $1.height))
      return (a, $0.width * $0.height, $0.width) < (b, $1.width * $1.height, $1.width)
    }
    let (least, most) = (ordered[0], ordered[ordered.count - 1])
    let found =
      sizes.count == 1
      ? "all \(Self.text(least))"
      : "\(Self.counted(sizes.count)) sizes from \(Self.text(least)) to \(Self.text(most))"
    line = isReady ? nil : "\(found), \(verb) to \(frame.width)×\(frame.height)"
  }

  /// Every size once, the commonest first.
  private static func merged(_ sizes: [Found]) -> [Found] {
    var counts: [[Int]: Int] = [:]
    for size in sizes { counts[[size.width, size.height], default: 0] += size.count }
    return counts.map { (width: $0.key[0], height: $0.key[1], count: $0.value) }
      .sorted { ($1.count, $0.width, $0.height) < ($0.count, $1.width, $1.height) }
  }

  /// `width` × `height` with a longer side of `longer` pixels, and `shorter` at least on the other where there are so many.
  private static func scaled(
    _ width: Int, _ height: Int, longer: Int, shorter: Int
  ) -> (width: Int, height: Int) {
    let (long, short) = (max(width, height), min(width, height))
    let side = min(max((2 * short * longer + long) / (2 * long), shorter), max(short, 1), longer)
    return width >= height ? (longer, side) : (side, longer)
  }

  private static func commonFrame(_ sizes: [Found]) -> (width: Int, height: Int) {
    let middle = median(sizes) { (max($0.width, $0.height), 1) }
    let longest = max(middle.width, middle.height)
    let side = min(longest < 16 ? longest : (longest + 7) / 8 * 8, longestScaled)
    let usual = median(sizes) { ($0.width, $0.height) }
    let near = sizes.reduce(0) { sum, size in
      let (a, b) = (size.width * usual.height, usual.width * size.height)
      return sum + (10 * a <= 11 * b && 10 * b <= 11 * a ? size.count : 0)
    }
    let all = sizes.reduce(0) { $0 + $1.count }
    guard 10 * near >= 9 * all else { return (side, side) }
    let (long, short) = (max(usual.width, usual.height), min(usual.width, usual.height))
    let other = max(1, (2 * short * side + long) / (2 * long))
    return usual.width >= usual.height ? (side, other) : (other, side)
  }

  /// The size in the middle of all pictures in the order of a ratio; the larger of two.
  private static func median(_ sizes: [Found], _ ratio: (Found) -> (Int, Int)) -> Found {
    let ordered = sizes.sorted {
      let (a, b) = (ratio($0), ratio($1))
      let (x, y) = (a.0 * b.1, b.0 * a.1)
      return (x, $0.width, $0.height) < (y, $1.width, $1.height)
    }
    let half = sizes.reduce(0) { $0 + $1.count } / 2
    var seen = 0
    for size in ordered {
      seen += size.count
      if seen > half { return size }
    }
    return ordered[ordered.count - 1]
  }

  private static func severalSizes(_ sizes: [Found]) -> DatasetError {
    let most = 5
    var found = sizes.prefix(most).map { "\(text($0)) (\($0.count))" }.joined(separator: ", ")
    if sizes.count > most { found += " and \(sizes.count - most) more" }
    return DatasetError(
      .mismatch, nil,
      "--size keep needs pictures of one size, found \(counted(sizes.count)) sizes: \(found); "
        + "--size auto brings them to one, --size WxH to that one")
  }

  private static func text(_ size: Found) -> String { "\(size.width)×\(size.height)" }

  private static func counted(_ count: Int) -> String {
    let words = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    return (2...12).contains(count) ? words[count - 2] : "\(count)"
  }
}
