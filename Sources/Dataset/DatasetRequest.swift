/// The images and labels that a user asks for.
package struct DatasetRequest: Sendable {
  /// IDX files and folders, in order; none asks for the built-in set.
  package var images: [String]
  /// IDX files of labels.
  package var labels: [String]
  /// A regular expression with one group, searched in the names of image files.
  package var labelPattern: String?
  /// The first so many images only.
  package var limit: Int?
  /// Seed of the built-in set's random draws.
  package var seed: UInt64
  /// Images of the built-in set.
  package var builtInCount: Int

  /// A request for the images `images`.
  package init(
    images: [String], labels: [String] = [], labelPattern: String? = nil, limit: Int? = nil, seed: UInt64 = 0,
    builtInCount: Int = 10000
  ) {
    self.images = images
    self.labels = labels
    self.labelPattern = labelPattern
    self.limit = limit
    self.seed = seed
    self.builtInCount = builtInCount
  }
}

/// The size of every image of a data set.
package struct ImageShape: Codable, Equatable, Sendable {
  /// 1 for grey, 3 for RGB; IDX files may have any number.
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

  var text: String { "\(width)×\(height)×\(channels)" }
}
