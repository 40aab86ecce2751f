import FCAE
import Lanes
import Training

/// The part of the page with what the layers of the network make of some images.
struct ActivationSection {
  /// The part itself.
  private(set) var html = HTML()
  /// The rules for its pictures.
  private(set) var styles = HTML()

  private let page: PageContext
  /// Images at most; their layers and the pixels of their maps all together.
  private static let (mostImages, mostLayers, mostPixels) = (4, 20, 400_000.0)

  /// An image, what the layers make of it, and its reconstruction.
  private struct Trace {
    let image: Int32
    let bytes: [UInt8]
    var layers: [LayerPictures] = []
    var reconstruction: [UInt8] = []

    var pixels: Int { layers.reduce(0) { $0 + $1.pictures.count * $1.columns * $1.rows } }
  }

  init(_ page: PageContext) {
    self.page = page
    guard let pictures = page.input.pictures else { return }
    // The most typical image of each of the first clusters.
    let images = page.scores.members.compactMap(\.first).prefix(Self.mostImages)
    var traces = images.map { image in
      var bytes: [UInt8] = []
      pictures.read(Int(image)) { bytes = Array($0) }
      return Trace(image: image, bytes: bytes)
    }
    page.input.network? { Self.follow(&traces, through: $0) }
    guard let first = traces.first, !first.layers.isEmpty else { return }
    let room = min(
      Self.mostLayers / first.layers.count, Int(page.room * Self.mostPixels) / first.pixels)
    traces = Array(traces.prefix(max(1, room)))
    show(traces, pictures)
  }

  /// Passes all images through the network, together.
  private static func follow(_ traces: inout [Trace], through network: borrowing AutoEncoder) {
    let count = network.imageCount
    guard traces.allSatisfy({ $0.bytes.count == count }) else { return }
    let numbers = traces.indices.map { Int32($0) }
    traces.flatMap(\.bytes).withUnsafeBufferPointer { bytes in
      numbers.withUnsafeBufferPointer {
        gatherImages(bytes.baseAddress!, pixelsPerImage: count, images: $0, to: network.imageGroup(0))
      }
    }
    let layers = network.layers(mask: laneMask(images: traces.count))
    for lane in traces.indices {
      for (number, layer) in layers.enumerated() {
        let size = layer.channels * layer.rows * layer.columns
        let values = (0..<size).map { layer.values[$0][lane] }
        if number == layers.count - 1 {
          traces[lane].reconstruction = values.map { UInt8((255 * max(0, min(1, $0))).rounded()) }
        } else if layer.rows == 1, layer.columns == 1 {
          traces[lane].layers.append(LayerPictures(layer.name, features: values))
        } else {
          traces[lane].layers.append(
            LayerPictures(
              layer.name, maps: layer.channels, rows: layer.rows, columns: layer.columns, values))
        }
      }
    }
  }

  private mutating func show(_ traces: [Trace], _ pictures: ReportInput.Pictures) {
    let bytes = traces.map(\.bytes) + traces.map(\.reconstruction)
    let sprites = Sprites(
      ReportInput.Pictures(shape: pictures.shape) { bytes[$0].withUnsafeBufferPointer($1) }, prefix: "r",
      side: 64, limit: .max)
    var sheet = MapSheet()
    let places = traces.map { trace in
      trace.layers.map { sheet.add($0.pictures, columns: $0.columns, rows: $0.rows) }
    }
    let raster = sheet.raster
    guard let both = sprites.add(bytes.indices.map { Int32($0) }), let uri = raster.dataURI else { return }
    styles = sprites.styles + ".a{background-image:url(\(uri));image-rendering:pixelated}\n"
    for (number, layer) in traces[0].layers.enumerated() {
      styles += """
        .a\(number){width:\(layer.zoom * layer.columns)px;height:\(layer.zoom * layer.rows)px;\
        background-size:\(layer.zoom * raster.width)px \(layer.zoom * raster.height)px}

        """
    }
    let articles = traces.indices.map { number -> HTML in
      let trace = traces[number]
      let layers = trace.layers.indices.map { layer in
        Self.strip(trace.layers[layer], number: layer, places[number][layer])
      }
      let cluster = Int(page.scores.clusters[Int(trace.image)])
      return """
        <article><h3>\(page.link(cluster, page.heading(cluster)))</h3>
        <div class="cards">\(page.card(trace.image, both[number], ""))\
        \(Self.reconstruction(both[traces.count + number]))</div>
        \(layers)</article>

        """
    }
    html = PageContext.section(
      "layers", "What the layers make of an image",
      """
      <p>The most typical image of \(clusters(traces)), and what goes from each layer of the network to the next (Fig. 4 of
      \(page.paper)): maps after batch normalisation, ReLU and pooling. Black is 0\(smallest), white the largest value of the layer for
      this image; brightness goes with the root.\(remark)</p>
      <div class="layers">
      \(articles)</div>

      """)
  }

  private func clusters(_ traces: [Trace]) -> String {
    let numbers = traces.map { "\(page.scores.clusters[Int($0.image)])" }
    guard numbers.count > 1 else { return "cluster \(numbers[0])" }
    return "clusters \(numbers.dropLast().joined(separator: ", ")) and \(numbers[numbers.count - 1])"
  }

  private static func reconstruction(_ sprite: Sprite) -> HTML {
    "<figure class=\"card\">\(sprite.element("Reconstruction"))<figcaption>reconstruction</figcaption></figure>"
  }

  private static func strip(_ layer: LayerPictures, number: Int, _ places: [(x: Int, y: Int)]) -> HTML {
    let title = LayerName.title(layer.name)
    let sprites = places.enumerated().map { map, place in
      Sprite(classes: "a a\(number)", x: place.x * layer.zoom, y: place.y * layer.zoom)
        .element("\(title), map \(map)")
    }
    return """
      <h4>\(title): \(layer.summary)</h4>
      <div class="thumbs" style="max-width:\(layer.pageWidth)px">\(sprites)</div>

      """
  }

  private var smallest: String {
    page.input.config.options?["feature_activation"]?.string == FeatureActivation.linear.rawValue
      ? " (of features the smallest value)" : ""
  }

  /// What is to be known of the reconstruction.
  private var remark: HTML {
    let moved = page.input.records.contains {
      if case .epoch(let record) = $0 { record.stage != .pretraining && record.epoch > 0 } else { false }
    }
    let weight = page.input.config.options?["reconstruction_weight"]?.double ?? 0
    guard moved, weight == 0 else { return "" }
    return """
       The decoder was trained in stage I only (<code class="whole">--reconstruction-weight</code> is 0). The features have moved since then, and the
      reconstruction shows how far.
      """
  }
}
