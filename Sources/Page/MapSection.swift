import Basics
import FoundationEssentials

/// The part of the page with a map of all images.
struct MapSection {
  /// The part itself.
  private(set) var html = HTML()
  /// The rules for its thumbnails.
  private(set) var styles = HTML()

  /// A legend of more clusters would be longer than the map.
  private static let mostKeys = 60
  /// Thumbnails at most, and in one sheet.
  private static let (mostThumbnails, sheet) = (8000, 1024)
  private static let side = 600

  /// What the script reads.
  private struct Contents: Encodable {
    /// All images; `points` of them are shown, in even steps.
    let images: Int
    let points: Int
    /// `MapPoints.bytes`, in base64.
    let data: String
    /// Points that have a thumbnail, in even steps; 0: none.
    let thumbnails: Int
    /// Thumbnails in a sheet, and in a row of it.
    let sheet: Int
    let row: Int
    /// Columns and rows of a thumbnail on the page.
    let width: Int
    let height: Int
    let colours: [String]
    /// What the clusters are called.
    let clusters: [String]
    /// The names of the points, one after the other: how many characters of the name before begin it, and the rest.
    let names: [Name]
  }

  private struct Name: Encodable {
    let shared: Int
    let rest: String

    func encode(to encoder: any Encoder) throws {
      var list = encoder.unkeyedContainer()
      try list.encode(shared)
      try list.encode(rest)
    }
  }

  init(_ page: PageContext) {
    let input = page.input
    let points = MapPoints(input.map)
    let side = input.pictures.map { max($0.shape.width, $0.shape.height) <= 32 } == true ? 32 : 40
    let sprites = input.pictures.map {
      Sprites($0, prefix: "m", side: side, limit: Int(4_000_000 * page.room))
    }
    let shown = sprites.map { Self.add(points, to: $0, images: input.images) } ?? 0
    if let sprites { styles = sprites.styles }
    let zoom = sprites?.zoom ?? 1
    let contents = Contents(
      images: input.images, points: points.images.count,
      data: Data(points.bytes(clusters: input.assignments)).base64EncodedString(), thumbnails: shown,
      sheet: Self.sheet, row: Thumbnails.columns(Self.sheet), width: zoom * (sprites?.thumbnails.width ?? 0),
      height: zoom * (sprites?.thumbnails.height ?? 0),
      colours: (0..<input.clusters).map(page.palette.text),
      clusters: (0..<input.clusters).map { page.title($0) },
      names: Self.names(points.images.lazy.map { page.name($0) }, bytes: Int(2_500_000 * page.room)))
    let picture = points.picture(side: Self.side, clusters: input.assignments, page.palette)
    let uri = picture.dataURI ?? "data:,"
    html = PageContext.section(
      "map", "Map of all images",
      """
      <p>Every point is an image; near each other are those of similar features, and colours are clusters.\
      \(Self.remarks(input.images, points.images.count, shown))</p>
      <div class="map" id="map-box"><img id="map-picture" src="\(uri)" alt="Map of all images, coloured by cluster"/>\
      <div id="map-tip" hidden="hidden"></div></div>
      \(Self.legend(page))
      <script type="application/json" id="map-data">\(HTML.json(JSON.line(contents)))</script>

      """)
  }

  /// Puts as many thumbnails into sheets as there is room for; returns how many points have one.
  private static func add(_ points: MapPoints, to sprites: Sprites, images: Int) -> Int {
    let each = sprites.bytesPerThumbnail(images: images)
    let most = min(mostThumbnails, Int(Double(sprites.limit) / (1.2 * max(each, 1))))
    let chosen = spread(points.images, most)
    for first in stride(from: 0, to: chosen.count, by: sheet) {
      let part = chosen[first..<min(first + sheet, chosen.count)]
      // Without one of the sheets the others' places would be wrong.
      guard sprites.add(Array(part)) != nil else {
        sprites.removeAll()
        return 0
      }
    }
    return chosen.count
  }

  private static func remarks(_ images: Int, _ points: Int, _ thumbnails: Int) -> HTML {
    var text: HTML = ""
    if points < images {
      text += " \(Numbers.whole(points)) of the \(Numbers.whole(images)) images are shown."
    }
    text += "<span class=\"script-only\"> Point at an image, or tap it, to see which it is"
    if thumbnails > 0, thumbnails < points {
      text += "; \(Numbers.whole(thumbnails)) of them have a picture here"
    }
    return text + ". A click on a cluster below shows it alone.</span>"
  }

  private static func legend(_ page: PageContext) -> HTML {
    guard page.input.clusters <= mostKeys, page.input.clusters > 1 else { return "" }
    let keys = (0..<page.input.clusters).map { cluster -> HTML in
      """
      <button type="button" data-cluster="\(cluster)"><span class="swatch" style="background:\(page.palette.text(cluster))"></span>\(page.key(cluster))</button>
      """
    }
    return "<div class=\"legend\" id=\"map-legend\">\(keys)</div>\n"
  }

  /// The names as the script reads them, until they have so many bytes; the images that are left have none.
  private static func names(_ names: some Sequence<String>, bytes limit: Int) -> [Name] {
    var (found, last, bytes): ([Name], [Unicode.Scalar], Int) = ([], [], 0)
    for name in names {
      let scalars = Array(name.unicodeScalars)
      let shared = zip(last, scalars).prefix { $0 == $1 }.count
      var rest = "".unicodeScalars
      rest.append(contentsOf: scalars[shared...])
      // The script counts in units of UTF-16.
      let units = scalars[..<shared].reduce(0) { $0 + UTF16.width($1) }
      bytes += JSON.quoted(String(rest)).utf8.count + 6
      guard bytes <= limit else { break }
      found.append(Name(shared: units, rest: String(rest)))
      last = scalars
    }
    return found
  }
}
