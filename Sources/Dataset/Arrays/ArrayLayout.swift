/// What the dimensions of an array of images mean: n images, c channels, h rows, w columns.
package enum ArrayLayout: String, Codable, Sendable, CaseIterable {
  /// By the small dimension, where that is clear.
  case auto
  case nhw, nhwc, nchw
  /// One image.
  case hw, hwc, chw
  /// Every row is a square grey image.
  case flat

  /// The dimensions as in a message.
  var text: String {
    switch self {
    case .auto: "by the small dimension"
    case .nhw: "images × rows × columns"
    case .nhwc: "images × rows × columns × channels"
    case .nchw: "images × channels × rows × columns"
    case .hw: "rows × columns of one image"
    case .hwc: "rows × columns × channels of one image"
    case .chw: "channels × rows × columns of one image"
    case .flat: "images × pixels of square images"
    }
  }

  /// How many dimensions it is for.
  var dimensions: Int {
    switch self {
    case .auto: 0
    case .hw, .flat: 2
    case .nhw, .hwc, .chw: 3
    case .nhwc, .nchw: 4
    }
  }
}

/// What images an array of some sizes holds.
struct ArrayShape {
  let count: Int
  let channels: Int
  let height: Int
  let width: Int
  /// Whether an image is `[channel][row][column]`; otherwise it is `[row][column][channel]`.
  let isPlanar: Bool
  /// Whether the first size is not the number of images, but belongs to the one image.
  let isOneImage: Bool
  /// What was guessed, in one line; nil where there was nothing to guess.
  let remark: String?

  /// - Parameters:
  ///   - sizes: none is zero, and their product does not overflow
  ///   - file: for messages
  ///   - isIDX: whether the file is IDX, which has images, then channels, then rows where nothing else is clear
  init(_ sizes: [Int], _ layout: ArrayLayout, file: String, isIDX: Bool = false) throws(DatasetError) {
    var layout = layout
    var remark: String?
    if layout == .auto {
      layout = try ArrayShape.guess(sizes, file, isIDX: isIDX)
      // Three or four of something may be the channels of one image.
      let isClear =
        layout == .nhw ? isIDX || !(3...ArrayShape.mostSmall).contains(sizes[0]) : isIDX && layout == .nchw
      if !isClear {
        remark = "\(sizes) taken as \(layout.text); --layout says otherwise"
      }
    }
    guard sizes.count == layout.dimensions else {
      throw DatasetError(
        .mismatch, file,
        "--layout \(layout.rawValue) is for arrays of \(layout.dimensions) dimensions, the array is \(sizes)")
    }
    switch layout {
    case .nhw, .auto: (count, height, width, channels) = (sizes[0], sizes[1], sizes[2], 1)
    case .nhwc: (count, height, width, channels) = (sizes[0], sizes[1], sizes[2], sizes[3])
    case .nchw: (count, channels, height, width) = (sizes[0], sizes[1], sizes[2], sizes[3])
    case .hw: (count, height, width, channels) = (1, sizes[0], sizes[1], 1)
    case .hwc: (count, height, width, channels) = (1, sizes[0], sizes[1], sizes[2])
    case .chw: (count, channels, height, width) = (1, sizes[0], sizes[1], sizes[2])
    case .flat:
      guard let side = ArrayShape.root(sizes[1]) else {
        throw DatasetError(
          .mismatch, file,
          "--layout flat is for rows of square grey images, \(sizes[1]) is not the square of a number; "
            + "save it again as x.reshape(\(sizes[0]), rows, columns)")
      }
      (count, height, width, channels) = (sizes[0], side, side, 1)
    }
    isPlanar = layout == .nchw || layout == .chw
    isOneImage = layout == .hw || layout == .hwc || layout == .chw
    self.remark = remark
    try check(sizes, file)
  }

  /// More channels than an image may have.
  private static let mostChannels = 1 << 12

  private func check(_ sizes: [Int], _ file: String) throws(DatasetError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let most = PictureHeader.mostPixels
    guard !overflow, pixels <= most, channels <= Self.mostChannels, pixels * channels <= 4 * most else {
      throw DatasetError(
        .malformed, file,
        "has a header with impossible sizes: \(sizes) are images of \(height) × \(width) pixels and \(channels) channels, "
          + "expected at most \(most) pixels and \(Self.mostChannels) channels; --layout says which dimension is which"
      )
    }
    guard max(width, height) <= Preparation.longestSide else {
      throw DatasetError(
        .malformed, file,
        "holds images of \(height) rows and \(width) columns, expected at most \(Preparation.longestSide) of each; "
          + "save them in smaller pieces; --layout says which dimension is which")
    }
  }

  /// The number whose square `square` is.
  static func root(_ square: Int) -> Int? {
    let root = Int(Double(square).squareRoot().rounded())
    return root <= 1 << 31 && root * root == square ? root : nil
  }

  /// The largest number of channels that is told from rows and columns by being small.
  private static let mostSmall = 4
  /// Fewer rows or columns than this are not expected of an image.
  private static let fewestRows = 8

  /// The layout of an array of which nothing is said.
  private static func guess(_ sizes: [Int], _ file: String, isIDX: Bool) throws(DatasetError) -> ArrayLayout {
    switch sizes.count {
    case 2: return try guessTwo(sizes, file)
    case 3: return isIDX ? .nhw : try guessThree(sizes, file)
    case 4: return try guessFour(sizes, file, isIDX: isIDX)
    case 0, 1:
      throw DatasetError(
        .malformed, file,
        "expected images, of two to four dimensions, found an array of \(sizes.count) (\(sizes)); "
          + "labels are for --labels")
    default:
      throw DatasetError(
        .malformed, file,
        "expected images, of two to four dimensions, found an array of \(sizes.count) (\(sizes)); "
          + "save slices or frames as images, x.reshape(-1, rows, columns)")
    }
  }

  /// Rows of numbers: square images made flat, or one image, or no images.
  private static func guessTwo(_ sizes: [Int], _ file: String) throws(DatasetError) -> ArrayLayout {
    let (rows, columns) = (sizes[0], sizes[1])
    let isLikeOneImage = rows >= fewestRows && rows / 4 <= columns && columns / 4 <= rows
    if let side = root(columns), side >= fewestRows {
      if rows == columns { return .hw }
      guard isLikeOneImage else { return .flat }
      throw DatasetError(
        .mismatch, file,
        "\(sizes) may be \(rows) images of \(side) × \(side) pixels or one image of \(rows) × \(columns); "
          + "give --layout flat or --layout hw")
    }
    let colours = columns % 3 == 0 ? root(columns / 3) : nil
    if let side = colours, side >= fewestRows, !isLikeOneImage {
      throw DatasetError(
        .mismatch, file,
        "\(sizes) may be \(rows) RGB images of \(side) × \(side) pixels; save it again as "
          + "x.reshape(-1, 3, \(side), \(side)) if the planes follow one another (as in CIFAR), else as "
          + "x.reshape(-1, \(side), \(side), 3)")
    }
    if isLikeOneImage { return .hw }
    throw DatasetError(
      .malformed, file,
      "expected images, found a table of \(rows) rows of \(columns) numbers; dbc clusters pixels: save images made flat "
        + "as x.reshape(-1, rows, columns); for one image give --layout hw")
  }

  private static func guessThree(_ sizes: [Int], _ file: String) throws(DatasetError) -> ArrayLayout {
    let (first, second, third) = (sizes[0], sizes[1], sizes[2])
    if (3...mostSmall).contains(third) && min(first, second) >= fewestRows { return .hwc }
    // MATLAB's order, the images last. Images eight times as wide as high are rare, and of one such number are none.
    if first == second && first >= fewestRows && third > 8 * first {
      throw DatasetError(
        .mismatch, file,
        "\(sizes) looks like \(third) images of \(first) × \(second) with the images last; save it again as "
          + "x.transpose(2, 0, 1), or give --layout nhw for \(first) images of \(second) × \(third)")
    }
    return .nhw
  }

  private static func guessFour(_ sizes: [Int], _ file: String, isIDX: Bool) throws(DatasetError)
    -> ArrayLayout
  {
    let isFirst = sizes[1] <= mostSmall
    let isLast = sizes[3] <= mostSmall
    if isFirst != isLast { return isFirst ? .nchw : .nhwc }
    if isIDX { return .nchw }
    throw DatasetError(
      .mismatch, file,
      "\(sizes) may be " + ArrayLayout.nchw.text + " or " + ArrayLayout.nhwc.text
        + ": \(isFirst ? "both the second and the last size are" : "neither the second nor the last size is") "
        + "1 to \(mostSmall); give --layout nchw or --layout nhwc")
  }
}
