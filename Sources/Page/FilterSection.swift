import FCAE

/// The weights of one layer, `[filters][channels][rows][columns]`, as a picture.
package struct FilterPicture {
  /// The layer's name, such as `encoder.conv1`.
  package let name: String
  /// Filters, channels, rows and columns.
  package let shape: [Int]
  /// Filters that are in the picture, the first ones.
  package let shown: Int
  /// Channels of each that are in the picture, the first ones.
  package let shownChannels: Int
  /// The weights, and transparent lines of one pixel between filters.
  package let raster: Raster
  /// Pixels of the page in each direction per weight.
  package let zoom: Int

  /// Filters at most of a layer that sees grey or colour; of another one, filters and channels.
  private static let (most, mostPlanes) = (64, 16)
  private static let perRow = 8

  /// A filter of one or three channels is one tile, grey or in colour. Of other numbers of channels a filter is a column of
  /// tiles, one for each.
  ///
  /// Zero is a middle grey. Three times the root mean square of the layer's weights, and more, is white, or black where it is
  /// negative.
  package init(name: String, shape: [Int], weights: [Float]) {
    precondition(shape.count == 4 && weights.count == shape.reduce(1, *))
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    let isTile = [1, 3].contains(channels)
    (self.name, self.shape) = (name, shape)
    shown = min(shape[0], isTile ? Self.most : Self.mostPlanes)
    shownChannels = isTile ? channels : min(channels, Self.mostPlanes)
    zoom = max(1, (isTile ? 40 : 20) / max(width, height))
    let columns = isTile ? min(shown, Self.perRow) : shown
    let rows = isTile ? (shown + columns - 1) / columns : shownChannels
    var raster = Raster(
      width: columns * (width + 1) - 1, height: rows * (height + 1) - 1, channels: 4)
    let white = 3 * (weights.reduce(0) { $0 + $1 * $1 } / Float(weights.count)).squareRoot()
    func draw(_ filter: Int, _ colours: [Int], row: Int, column: Int) {
      for y in 0..<height {
        for x in 0..<width {
          let place = 4 * ((row * (height + 1) + y) * raster.width + column * (width + 1) + x)
          for (number, channel) in colours.enumerated() {
            let weight = weights[((filter * channels + channel) * height + y) * width + x]
            raster.samples[place + number] = Self.shade(weight, white)
          }
          raster.samples[place + 3] = 255
        }
      }
    }
    for filter in 0..<shown {
      if isTile {
        let colours = channels == 3 ? [0, 1, 2] : [0, 0, 0]
        draw(filter, colours, row: filter / columns, column: filter % columns)
      } else {
        for channel in 0..<shownChannels {
          draw(filter, [channel, channel, channel], row: channel, column: filter)
        }
      }
    }
    self.raster = raster
  }

  private static func shade(_ weight: Float, _ white: Float) -> UInt8 {
    guard white > 0, weight.isFinite else { return 128 }
    return UInt8((128 + 127 * max(-1, min(1, weight / white))).rounded())
  }

  /// The picture with what it shows.
  fileprivate var figure: HTML {
    guard let uri = raster.dataURI else { return "" }
    let title = LayerName.title(name)
    return """
      <figure class="chart"><figcaption>\(title)<span class="unit">\(caption)</span></figcaption>
      <img class="filters" src="\(uri)" width="\(zoom * raster.width)" height="\(zoom * raster.height)" alt="Filters of \(title)"/></figure>

      """
  }

  private var caption: String {
    let size = "\(shape[3])×\(shape[2])"
    let filters = (shown < shape[0] ? "\(shown) of " : "") + Numbers.count(shape[0], "filter")
    guard ![1, 3].contains(shape[1]) else { return "\(filters) of \(size)" }
    let channels = (shownChannels < shape[1] ? "\(shownChannels) of " : "") + "\(shape[1])"
    return "\(filters) (columns) of \(size), for \(channels) maps (rows)"
  }
}

/// What layers are called on the page.
enum LayerName {
  /// `encoder.conv1` as `Encoder, conv1`.
  static func title(_ name: String) -> String {
    let parts = name.split(separator: ".")
    return parts.count == 2 ? "\(parts[0].prefix(1).uppercased())\(parts[0].dropFirst()), \(parts[1])" : name
  }
}

/// The part of the page with the filters of the outer layers.
struct FilterSection {
  let page: PageContext

  /// Layers from the outside that are shown, of encoder and decoder each.
  private static let layers = 2

  var html: HTML {
    var figures = HTML()
    page.input.network? { network in
      for layer in network.architecture.layers.prefix(Self.layers) {
        let both = ["encoder.\(layer.name)", "decoder.\(layer.name)"].map { name -> HTML in
          let entry = network.layout["\(name).weight"]
          let weights = entry.range.map { network.parameters.base[$0] }
          return FilterPicture(name: name, shape: entry.shape, weights: weights).figure
        }
        figures += "<div class=\"charts\">\n\(both)</div>\n"
      }
    }
    guard !figures.source.isEmpty else { return "" }
    return PageContext.section(
      "filters", "Filters",
      """
      <p>The weights of the encoder’s first layers and of the decoder’s last ones at the end of the run (Fig. 5 of \(page.paper)).
      Middle grey is 0; white is three times the root mean square of the layer or more, black the same with a minus.\(colour) A filter of the encoder is
      what a map looks for, one of the decoder what a map draws.</p>
      \(figures)

      """)
  }

  private var colour: HTML {
    page.input.pictures?.shape.channels == 3
      ? " Weights for red, green and blue are those parts of a colour." : ""
  }
}
