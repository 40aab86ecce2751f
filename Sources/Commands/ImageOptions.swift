import ArgumentParser
import Dataset

/// Which images, and how their files are read.
package struct ImageOptions: ParsableArguments {
  @Option(
    name: .customLong("images"),
    help: ArgumentHelp(
      "Folder or file of images, array (.npy, .npz, HDF5, IDX), tar shards, list (list.csv, @list.txt) or quoted pattern; may be given several times.",
      discussion:
        "Image files are PNG, JPEG, WebP, TIFF, GIF, BMP and PNM, told by their contents. data.h5:/images is one dataset of a file, data.npz:x one array. "
        + "Without --images, dbc-train takes a built-in set of drawn glyphs in ten classes, dbc-assign the images of the run.",
      valueName: "path"))
  package var images: [String] = []

  @Option(
    help: ArgumentHelp(
      "Dimensions of arrays, where they can be taken in two ways: \(ArrayLayout.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "layout", visibility: .hidden))
  package var layout = ArrayLayout.auto

  @Flag(help: "Leave out files that cannot be read, and list them in skipped.csv.")
  package var skipUnreadable = false

  @Option(
    help: ArgumentHelp(
      "Folder that keeps the decoded images for the next run on the same files.",
      discussion:
        "Without it dbc-train keeps them in the output directory where decoding takes more than a few seconds, or they need much of the memory; dbc-assign keeps none.",
      valueName: "directory", visibility: .hidden))
  package var cache: String?

  @Option(help: ArgumentHelp("Use the first N images only.", valueName: "N", visibility: .hidden))
  package var limit: Int?

  @Option(help: ArgumentHelp("Images of the built-in set.", valueName: "N", visibility: .hidden))
  package var builtInImages = Self.builtInDefault

  /// How many these are where nothing else is asked for.
  package static let builtInDefault = 10000

  /// What `ArgumentParser` fills in.
  package init() {}
}

/// Where the classes of the images come from.
package struct LabelOptions: ParsableArguments {
  @Option(
    name: .customLong("labels"),
    help: ArgumentHelp(
      "Classes: none, folders (the deepest sub-folder is the class), or a file (IDX, .npy, CSV, or one label a line), one per file of images.",
      discussion:
        "Not given: what lists, shards and .npz files say, or sub-folders where they look like classes.",
      valueName: "source"))
  package var labels: [String] = []

  @Option(
    help: ArgumentHelp(
      "Regular expression with one group that finds the label in an image's file name, such as 'obj([0-9]+)__'.",
      valueName: "regex", visibility: .hidden))
  package var labelPattern: String?

  /// Whether labels, or that there are none, are asked for.
  package var areGiven: Bool { !labels.isEmpty || labelPattern != nil }

  /// What `ArgumentParser` fills in.
  package init() {}

  /// Throws where both are given.
  package func validate() throws {
    if labelPattern != nil, !labels.isEmpty {
      throw ValidationError("--labels and --label-pattern exclude each other")
    }
  }
}

/// How pictures become images of one size, and of bytes.
package struct PreparationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Size of all images: auto, keep (refuse others than one), N (pixels on each side) or WxH.",
      discussion: "auto keeps images of one size up to 128 pixels on the longer side, and scales others.",
      valueName: "size"))
  package var size = SizeChoice.auto

  @Option(
    help: ArgumentHelp(
      "How images of another shape come to that size: pad, crop or stretch, where their shapes differ (default: pad).",
      valueName: "way", visibility: .hidden))
  package var fit: Fit?

  @Option(
    help: ArgumentHelp(
      "Channels of image files: auto (grey where all are grey), grey or rgb.", visibility: .hidden))
  package var colour = ColourChoice.auto

  @Option(
    help: ArgumentHelp(
      "What shows behind transparent pixels: white, black, grey, #rrggbb or r,g,b.", valueName: "colour",
      visibility: .hidden))
  package var background = Background.white

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What becomes black and white where samples are no bytes: auto (the data's own range), type (the type's), MIN,MAX, or P% (all but P percent at each end).",
      valueName: "range", visibility: .hidden))
  package var range = RangeChoice.auto

  /// What `ArgumentParser` fills in.
  package init() {}
}

extension DatasetRequest {
  /// The images as `Dataset` looks for them.
  ///
  /// - Parameter seed: that of the built-in set
  package init(_ images: ImageOptions, _ labels: LabelOptions, seed: UInt64) throws {
    self.init(
      images: images.images, labels: try LabelChoice(labels: labels.labels, pattern: labels.labelPattern),
      limit: images.limit, seed: seed, builtInCount: images.builtInImages)
    layout = images.layout
    skipsUnreadable = images.skipUnreadable
  }

  /// The same with `preparation`.
  package init(
    _ images: ImageOptions, _ labels: LabelOptions, _ preparation: PreparationOptions, seed: UInt64
  ) throws {
    try self.init(images, labels, seed: seed)
    (size, fit) = (preparation.size, preparation.fit)
    (colour, background, range) = (preparation.colour, preparation.background, preparation.range)
  }
}

extension TextChoice where Self: ExpressibleByArgument {
  /// What follows the option.
  package init?(argument: String) { self.init(argument) }
  /// What `--help` shows.
  package var defaultValueDescription: String { text }
}
extension SizeChoice: ExpressibleByArgument {}
extension RangeChoice: ExpressibleByArgument {}
extension Background: ExpressibleByArgument {}
extension Fit: ExpressibleByArgument {}
extension ColourChoice: ExpressibleByArgument {}
extension ArrayLayout: ExpressibleByArgument {}
