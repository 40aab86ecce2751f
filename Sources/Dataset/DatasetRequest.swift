/// The images and labels that a user asks for.
package struct DatasetRequest: Sendable {
  /// Folders, image files, lists, arrays and shards, in order; none asks for the built-in set.
  package var images: [String]
  /// Where the classes of the images come from.
  package var labels: LabelChoice
  /// The first so many images only.
  package var limit: Int?
  /// Seed of the built-in set's random draws.
  package var seed: UInt64
  /// Images of the built-in set.
  package var builtInCount: Int
  /// What the dimensions of arrays are.
  package var layout = ArrayLayout.auto
  /// The one size of all images.
  package var size = SizeChoice.auto
  /// How pictures of another shape come to that size; nil: the rule's choice.
  package var fit: Fit?
  /// Whether the images are grey or RGB.
  package var colour = ColourChoice.auto
  /// What is seen behind transparent pixels.
  package var background = Background.white
  /// What becomes black and white where samples are no bytes.
  package var range = RangeChoice.auto
  /// How pictures become images, where a model says it: size, fit, colour, background and range are then of no effect.
  package var preparation: Preparation?
  /// Whether files that cannot be read are left out, instead of ending the run.
  package var skipsUnreadable = false

  /// A request for the images `images`.
  package init(
    images: [String], labels: LabelChoice = .auto, limit: Int? = nil, seed: UInt64 = 0,
    builtInCount: Int = 10000
  ) {
    self.images = images
    self.labels = labels
    self.limit = limit
    self.seed = seed
    self.builtInCount = builtInCount
  }
}

/// The size of every image of a data set.
package struct ImageShape: Codable, Equatable, Sendable {
  /// 1 for grey, 3 for RGB; arrays may have any number.
  package let channels: Int
  /// Rows, in pixels.
  package let height: Int
  /// Columns, in pixels.
  package let width: Int

  /// Images of `channels` maps of `height` rows and `width` columns.
  package init(channels: Int, height: Int, width: Int) {
    (self.channels, self.height, self.width) = (channels, height, width)
  }

  /// Bytes of one image.
  package var byteCount: Int { channels * height * width }

  /// Such as `28×28×1`: columns, rows, channels.
  package var text: String { "\(width)×\(height)×\(channels)" }
}
