import Basics
import Clustering

/// What the parts of a page share.
final class PageContext {
  /// The run.
  let input: ReportInput
  /// What its scores say.
  let scores: ScoreTable
  /// The thumbnails of all parts but the map; nil where there are no pictures.
  let sprites: Sprites?
  /// The clusters' colours.
  let palette: Palette
  /// How clusters and classes fit; nil without labels.
  let agreement: Agreement?

  /// The clusters that have a sheet: all, or of too many the largest.
  let shown: Set<Int>
  /// What there is room for, by the whole of a usual page: 1, or less where that was too large.
  let room: Double

  /// Whether a part before has said which paper it is.
  private var hasNamedPaper = false

  /// The paper of the method; where a page speaks of it first, which one that is.
  var paper: HTML {
    defer { hasNamedPaper = true }
    return hasNamedPaper ? "the paper" : "the paper [Li, Qiao, Xi, Zhang 2017, arXiv:1703.07980]"
  }

  /// Bytes that thumbnails may take: those of the clusters, and of everything that is not the map.
  var clusterBytes: Double { 5_500_000 * room }
  /// Sheets of more clusters than this would be a page that nobody reads.
  private static let mostSheets = 1000
  private static let sheetBytes = 7_500_000.0

  /// What the names of the sprites' sheets begin with.
  private static let prefix: HTML = "s"
  /// How the rule for the first of them begins.
  static let firstSheet = Sprites.ruleStart(prefix, 0)

  init(_ input: ReportInput, room: Double) {
    self.input = input
    self.room = room
    scores = ScoreTable(input.scores, assignments: input.assignments)
    let members = scores.members
    let bySize = members.indices.sorted { (-members[$0].count, $0) < (-members[$1].count, $1) }
    shown = Set(bySize.prefix(Self.mostSheets))
    let side = input.clusters <= 60 ? 64 : input.clusters <= 300 ? 48 : 32
    sprites = input.pictures.map {
      Sprites($0, prefix: Self.prefix, side: side, limit: Int(Self.sheetBytes * room))
    }
    palette = Palette(input.clusters)
    agreement = input.labels.map {
      Agreement(assignments: input.assignments, clusters: input.clusters, labels: $0)
    }
  }

  /// What an image is called, on one line and not too long.
  func name(_ image: some BinaryInteger) -> String {
    Self.shortened(FileName.shown(input.source(Int(image))))
  }

  /// A text of at most so many characters: what is too much is left out of its middle.
  static func shortened(_ text: String, to most: Int = 64) -> String {
    guard text.utf8.count > most, text.count > most else { return text }
    return "\(text.prefix(most / 2))…\(text.suffix(most / 2 - 1))"
  }

  /// The name of a class.
  func className(_ number: Int32) -> String {
    Self.shortened(FileName.shown(input.labels?.names[Int(number)] ?? ""), to: 40)
  }

  /// Thumbnails in a row, each with its name where the mouse is over it. Without pictures, names.
  func strip(_ images: [Int32], _ sprites: [Sprite]?) -> HTML {
    if let sprites {
      let thumbs = zip(images, sprites).map { image, sprite in
        sprite.element("\(name(image)), score \(Numbers.fixed(Double(scores.own[Int(image)]), 3))")
      }
      return "<div class=\"thumbs\">\(thumbs)</div>\n"
    }
    let names = images.prefix(8).map { "<li><bdi>\(name($0))</bdi></li>" as HTML }
    return "<ul class=\"names\">\(names)</ul>\n"
  }

  /// An image with its name and what is to be said of it.
  func card(_ image: Int32, _ sprite: Sprite?, _ remark: HTML) -> HTML {
    """
    <figure class="card">\(sprite?.element(name(image)) ?? "")<figcaption><bdi>\(name(image))</bdi> \(remark)</figcaption></figure>

    """
  }

  /// Images with something to say of each, on a sheet of their own.
  func cards(_ images: [Int32], _ remark: (Int) -> HTML) -> HTML {
    let sprites = sprites?.add(images)
    return "<div class=\"cards\">\(images.indices.map { card(images[$0], sprites?[$0], remark($0)) })</div>\n"
  }

  /// A part of the page. `id` is its place in the page's table of contents.
  static func section(_ id: HTML, _ title: HTML, _ contents: HTML) -> HTML {
    "<section id=\"\(id)\"><h2>\(title)</h2>\n\(contents)</section>\n\n"
  }
}
