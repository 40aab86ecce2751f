import Lanes

/// Why an architecture does not fit, in words for the user.
package struct ArchitectureError: Error, CustomStringConvertible {
  /// What does not fit, and what would.
  package let description: String
}

/// A fully convolutional auto-encoder (Li et al., section 3.1 and Table 2): convolutions, each with batch
/// normalisation and ReLU and some followed by 2 × 2 max-pooling, down to a 1 × 1 feature layer; the decoder is
/// the same list backwards.
package struct Architecture: Equatable, Sendable {
  /// One convolution of the encoder. The last one is the feature layer.
  package struct Stage: Equatable, Sendable {
    /// The kernel's rows.
    package let kernelRows: Int
    /// The kernel's columns.
    package let kernelColumns: Int
    /// Output channels.
    package let channels: Int
    /// Zeros around the map, in pixels on each side.
    package let padding: Int
    /// Whether 2 × 2 max-pooling follows.
    package let pool: Bool

    /// A square kernel.
    package init(kernel: Int, channels: Int, padding: Int = 0, pool: Bool = false) {
      (kernelRows, kernelColumns, self.channels, self.padding, self.pool) = (
        kernel, kernel, channels, padding, pool
      )
    }

    init(featureRows: Int, featureColumns: Int, channels: Int) {
      (kernelRows, kernelColumns, self.channels, padding, pool) = (
        featureRows, featureColumns, channels, 0, false
      )
    }
  }

  /// One of `names`, or a name of its own.
  package let name: String
  /// Channels of an image.
  package let channels: Int
  /// Rows of an image.
  package let rows: Int
  /// Columns of an image.
  package let columns: Int
  /// The convolutions of the encoder, in order.
  package let stages: [Stage]

  /// The number of features per image, the channels of the last stage.
  package var features: Int { stages[stages.count - 1].channels }

  /// The names that `named` knows.
  package static let names = ["mnist", "usps", "coil", "auto"]

  /// Checks that every kernel and pool fits and that the last map is one pixel.
  package init(name: String, channels: Int, rows: Int, columns: Int, stages: [Stage])
    throws(ArchitectureError)
  {
    self.name = name
    self.channels = channels
    self.rows = rows
    self.columns = columns
    self.stages = stages
    var height = rows
    var width = columns
    for (number, stage) in stages.enumerated() {
      height += 2 * stage.padding - stage.kernelRows + 1
      width += 2 * stage.padding - stage.kernelColumns + 1
      let fits = height >= 1 && width >= 1 && (!stage.pool || (height >= 2 && width >= 2))
      guard fits else {
        throw ArchitectureError(
          description:
            "architecture \(name) does not fit images of \(columns)×\(rows) pixels: nothing is left "
            + "after convolution \(number + 1); --architecture auto builds one for any size")
      }
      if stage.pool { (height, width) = (height / 2, width / 2) }
    }
    guard height == 1, width == 1 else {
      throw ArchitectureError(
        description: "architecture \(name) turns images of \(columns)×\(rows) pixels into a feature map of "
          + "\(width)×\(height), expected 1×1; --architecture auto builds one for any size")
    }
  }

  /// The architecture `name` for images of this size.
  package static func named(
    _ name: String, channels: Int, rows: Int, columns: Int
  ) throws(ArchitectureError) -> Architecture {
    let stages: [Stage]
    switch name {
    case "mnist":
      stages = [
        Stage(kernel: 5, channels: 6, pool: true), Stage(kernel: 5, channels: 16, pool: true),
        Stage(kernel: 4, channels: 120),
      ]
    case "usps":
      stages = [
        Stage(kernel: 3, channels: 20, padding: 1, pool: true),
        Stage(kernel: 3, channels: 20, padding: 1, pool: true),
        Stage(kernel: 4, channels: 160),
      ]
    case "coil":
      stages = [
        Stage(kernel: 9, channels: 20, pool: true), Stage(kernel: 5, channels: 20, pool: true),
        Stage(kernel: 5, channels: 20, pool: true), Stage(kernel: 5, channels: 40, pool: true),
        Stage(kernel: 4, channels: 320),
      ]
    case "auto":
      stages = automaticStages(rows: rows, columns: columns)
    default:
      throw ArchitectureError(
        description: "no architecture is named \(name); there are \(names.joined(separator: ", "))")
    }
    return try Architecture(name: name, channels: channels, rows: rows, columns: columns, stages: stages)
  }

  /// Stages in the paper's manner: a large first kernel for large images, 5 × 5 while the map is large enough and
  /// 3 × 3 with padding when it is not; kernels one smaller where that makes the pooled size even; pooling until
  /// at most 6 × 6 pixels (or, in long narrow images, 3 in the shorter direction) are left for the feature layer.
  private static func automaticStages(rows: Int, columns: Int) -> [Stage] {
    var (height, width) = (rows, columns)
    var stages: [Stage] = []
    while max(height, width) > 6, min(height, width) >= 4 {
      let shorter = min(height, width)
      let odd = max(height, width) % 2 == 1
      let size = shorter >= 96 ? 9 : shorter >= 12 ? 5 : 3
      let kernel = size == 3 ? 3 : odd ? size - 1 : size
      let padding = size == 3 ? 1 : 0
      stages.append(Stage(kernel: kernel, channels: 20, padding: padding, pool: true))
      height = (height + 2 * padding - kernel + 1) / 2
      width = (width + 2 * padding - kernel + 1) / 2
    }
    if stages.count > 2 {
      let last = stages.removeLast()
      stages.append(Stage(kernel: last.kernelRows, channels: 40, padding: last.padding, pool: true))
    }
    let features = max(rows, columns) > 48 ? 320 : 160
    return stages + [Stage(featureRows: height, featureColumns: width, channels: features)]
  }

  /// The convolutions of the encoder with their names and the pooling behind them; the decoder's deconvolutions have
  /// the same shapes in reverse.
  package var layers: [(name: String, shape: ConvolutionShape, pool: PoolShape?)] {
    var layers: [(name: String, shape: ConvolutionShape, pool: PoolShape?)] = []
    var (channels, rows, columns) = (channels, rows, columns)
    for (number, stage) in stages.enumerated() {
      let shape = ConvolutionShape(
        inChannels: channels, outChannels: stage.channels, kernelRows: stage.kernelRows,
        kernelColumns: stage.kernelColumns, paddingRows: stage.padding, paddingColumns: stage.padding,
        inRows: rows, inColumns: columns)
      let pool =
        stage.pool ? PoolShape(channels: stage.channels, rows: shape.outRows, columns: shape.outColumns) : nil
      layers.append((number == stages.count - 1 ? "feature" : "conv\(number + 1)", shape, pool))
      (channels, rows, columns) = (
        stage.channels, pool?.outRows ?? shape.outRows, pool?.outColumns ?? shape.outColumns
      )
    }
    return layers
  }

  /// The encoder for programs: per convolution `rows x columns - channels - padding`, `+pool` where one follows,
  /// such as `5x5-6-0+pool 5x5-16-0+pool 4x4-120-0`.
  package var code: String {
    stages.map {
      "\($0.kernelRows)x\($0.kernelColumns)-\($0.channels)-\($0.padding)\($0.pool ? "+pool" : "")"
    }.joined(separator: " ")
  }

  /// The encoder in one line, for headers: `28×28×1 → conv 5×5 6, pool → … → 120 features`. Sizes are columns × rows, as
  /// those of images everywhere.
  package var summary: String {
    let layers = stages.dropLast().map {
      "conv \($0.kernelColumns)×\($0.kernelRows) \($0.channels)\($0.pool ? ", pool" : "")"
    }
    let last = stages[stages.count - 1]
    return
      (["\(columns)×\(rows)×\(channels)"] + layers
      + ["conv \(last.kernelColumns)×\(last.kernelRows) \(last.channels) features"]).joined(separator: " → ")
  }
}
