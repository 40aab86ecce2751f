import Dataset

/// Small copies of the run's images.
struct Thumbnails {
  private let pictures: ReportInput.Pictures
  /// Pixels of the image, in each direction, that become one.
  private let block: Int
  /// Columns of a thumbnail.
  let width: Int
  /// Rows of a thumbnail.
  let height: Int
  /// 1 grey, 3 RGB.
  let channels: Int

  /// Thumbnails of which no side is longer than `side` pixels.
  init(_ pictures: ReportInput.Pictures, side: Int) {
    self.pictures = pictures
    let shape = pictures.shape
    block = max(1, (max(shape.width, shape.height) + side - 1) / side)
    width = (shape.width + block - 1) / block
    height = (shape.height + block - 1) / block
    channels = shape.channels == 3 ? 3 : 1
  }

  /// Whether something of the images is not shown.
  var showsFirstChannelOnly: Bool { ![1, 3].contains(pictures.shape.channels) }

  /// Draws the thumbnail of an image: the means of square blocks of pixels, those at the right and lower edge being smaller.
  ///
  /// - Parameters:
  ///   - left: the first column in `raster`, which has as many channels
  ///   - top: the first row
  func draw(_ image: Int, into raster: inout Raster, left: Int, top: Int) {
    let shape = pictures.shape
    let (stride, channels) = (raster.width * raster.channels, channels)
    pictures.read(image) { pixels in
      guard pixels.count >= shape.byteCount else { return }
      raster.samples.withUnsafeMutableBufferPointer { samples in
        for channel in 0..<channels {
          for row in 0..<height {
            for column in 0..<width {
              let (y, x) = (row * block, column * block)
              let (rows, columns) = (min(block, shape.height - y), min(block, shape.width - x))
              var sum = 0
              for dy in 0..<rows {
                let first = (channel * shape.height + y + dy) * shape.width + x
                for place in first..<(first + columns) { sum += Int(pixels[place]) }
              }
              samples[(top + row) * stride + (left + column) * channels + channel] =
                UInt8((sum + rows * columns / 2) / (rows * columns))
            }
          }
        }
      }
    }
  }

  /// The thumbnails of `images` side by side.
  func sheet(_ images: some Collection<Int32>) -> Raster {
    let columns = Self.columns(images.count)
    let rows = (images.count + columns - 1) / columns
    var raster = Raster(width: columns * width, height: rows * height, channels: channels)
    for (number, image) in images.enumerated() {
      draw(Int(image), into: &raster, left: number % columns * width, top: number / columns * height)
    }
    return raster
  }

  /// Thumbnails in a row of a sheet of so many.
  static func columns(_ count: Int) -> Int { min(max(count, 1), 32) }
}

/// The pictures in a page, as sprite sheets that the style sheet holds, within a number of bytes.
final class Sprites {
  /// The style sheet's rules for the sheets.
  private(set) var styles = HTML()
  /// How they are made.
  let thumbnails: Thumbnails
  /// How often larger a thumbnail is shown.
  let zoom: Int
  /// Whether some were left out, as the page would have become too large.
  private(set) var hasRunOut = false
  private(set) var bytes = 0
  /// Bytes that all sheets may take.
  let limit: Int
  private let prefix: HTML
  private var sheets = 0

  /// - Parameters:
  ///   - prefix: what the names of the sheets' classes begin with, one letter for one use
  ///   - side: the longest side of a thumbnail, in pixels
  ///   - limit: bytes that all sheets may take
  init(_ pictures: ReportInput.Pictures, prefix: HTML, side: Int, limit: Int) {
    thumbnails = Thumbnails(pictures, side: side)
    // Small images are shown larger, by a whole number.
    zoom = max(1, 60 / max(thumbnails.width, thumbnails.height))
    (self.prefix, self.limit) = (prefix, limit)
    start()
  }

  private func start() {
    styles = """
      .\(prefix){width:\(zoom * thumbnails.width)px;height:\(zoom * thumbnails.height)px\
      \(zoom > 1 ? ";image-rendering:pixelated" as HTML : "")}

      """
  }

  /// How the style sheet's rule for a sheet begins.
  static func ruleStart(_ prefix: HTML, _ number: Int) -> HTML { ".\(prefix)\(number){background-image:url(" }

  /// Takes all sheets back.
  func removeAll() {
    (sheets, bytes) = (0, 0)
    start()
  }

  /// A sheet of `images`, and where each of them is; nil where the page has no room for it.
  func add(_ images: [Int32]) -> [Sprite]? {
    guard !images.isEmpty, !hasRunOut else { return nil }
    let raster = thumbnails.sheet(images)
    guard let uri = raster.dataURI, bytes + uri.utf8.count <= limit else {
      hasRunOut = true
      return nil
    }
    bytes += uri.utf8.count
    let number = sheets
    sheets += 1
    styles += """
      \(Self.ruleStart(prefix, number))\(uri));background-size:\(zoom * raster.width)px \(zoom * raster.height)px}

      """
    let columns = Thumbnails.columns(images.count)
    return images.indices.map { place in
      Sprite(
        classes: "\(prefix) \(prefix)\(number)", x: place % columns * thumbnails.width * zoom,
        y: place / columns * thumbnails.height * zoom)
    }
  }

  /// Bytes that a thumbnail takes in a sheet, about, by some of the run's images.
  func bytesPerThumbnail(images: Int) -> Double {
    let some = spread((0..<Int32(images)).map { $0 }, 48)
    return Double(thumbnails.sheet(some).dataURI?.utf8.count ?? 1) / Double(some.count)
  }
}

/// Where in the page's sheets a thumbnail is.
struct Sprite {
  /// Classes of the element that shows it.
  let classes: HTML
  /// Pixels of the page from the sheet's left edge.
  let x: Int
  /// Pixels from its upper edge.
  let y: Int

  /// The element, which says `text` where the mouse is over it, and to who cannot see it.
  func element(_ text: String) -> HTML {
    """
    <span class="t \(classes)" role="img" style="background-position:-\(x)px -\(y)px" title="\(text)"></span>
    """
  }
}
