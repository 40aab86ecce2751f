import Basics
import Lanes
import Report

/// The report of a run: one page that needs nothing else, and tables beside it.
package struct ReportPage {
  /// The page as HTML.
  package let html: String
  private let input: ReportInput
  private let scores: ScoreTable
  private let odd: OddImages

  /// A page has at most so many bytes.
  package static let mostBytes = 20_000_000

  /// Makes the page. What has no data is left out.
  ///
  /// - Complexity: O(n·(K + d) + n log n), the images being read only where they are shown
  package init(_ input: ReportInput) {
    self.input = input
    let odd = OddImages(input)
    var page = PageContext(input, room: 1)
    var html = Self.document(page, odd)
    // The sizes of what is in it are estimated; should it be too large, there is less in it.
    while html.utf8.count > Self.mostBytes, page.room > 0.01 {
      page = PageContext(input, room: page.room / 2)
      html = Self.document(page, odd)
    }
    self.html = html
    (self.odd, scores) = (odd, page.scores)
  }

  /// Whether the file at `path` is a page with pictures of images, of this version or an older one.
  package static func showsPictures(_ path: String) -> Bool {
    guard let bytes = Files.contents(path) else { return false }
    let page = String(decoding: bytes, as: UTF8.self)
    // Names of images come behind the style sheet.
    guard let end = page.firstRange(of: "</style>") else { return false }
    return page[..<end.lowerBound].contains(PageContext.firstSheet.source)
  }

  /// Writes the page to `path`, and doubtful.csv, outliers.csv, duplicates.csv and map.npy beside it, each in one step.
  package func write(to path: String) throws(ReportError) {
    let folder = FileName.folder(path)
    try ReportTables(input: input, scores: scores, odd: odd).write(to: folder)
    try input.map.withUnsafeBufferPointer { map throws(ReportError) in
      try NPY.write(map, rows: input.images, columns: 2, to: FileName.join(folder, "map.npy"))
    }
    // Last: where it is there, so are the tables that it speaks of.
    var file = try AtomicFile(path)
    try file.write(html)
    try file.finish()
  }

  /// The page allows itself neither the network nor frames, whatever is in it.
  private static let policy: HTML =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

  private static func document(_ page: PageContext, _ odd: OddImages) -> String {
    let map = MapSection(page)
    let curves = Curves(records: page.input.records)
    // In the order of the page: the first that speaks of the paper says which one it is.
    var parts: [(id: HTML, title: HTML, html: HTML)] = [
      ("run", "The run", RunCard(page: page).html),
      ("clusters", "Clusters", ClusterSheets(page: page).html),
      ("sizes", "Sizes", ScoreCharts(page: page).sizes),
      ("map", "Map", map.html),
      ("pairs", "Pairs", PairTable(page: page).html),
      ("counts", "How many", ClusterCounts(records: page.input.records).html),
      ("classes", "Classes", ClassTable(page)?.html ?? ""),
      ("odd", "Outliers", OddSheets(page: page, odd: odd).html),
      ("curves", "Learning", curves.html),
      ("histogram", "Certainty", EpochSection(page: page).html),
      ("filters", "Filters", FilterSection(page: page).html),
    ]
    let activations = ActivationSection(page)
    parts += [("layers", "Layers", activations.html), ("time", "Time", curves.time)]
    parts.removeAll { $0.html.source.isEmpty }
    let name = PageContext.shortened(FileName.shown(page.input.name))
    let contents = parts.map { "<a href=\"#\($0.id)\">\($0.title)</a>\n" as HTML }
    let document: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="\(policy)"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="referrer" content="no-referrer"/>
      <title>\(name): dbc report</title>
      <style>
      \(StyleSheet.source)\(page.sprites?.styles ?? "")\(map.styles)\(activations.styles)</style>
      </head>
      <body>
      <header><h1>\(Numbers.count(page.input.images, "image")) in \(Numbers.count(page.input.clusters, "cluster"))</h1>
      <p>Run <bdi>\(name)</bdi></p>
      <nav class="contents">\(contents)</nav></header>
      <main>
      \(parts.map(\.html))</main>
      <footer>Made by dbc-report \(BuildInformation.version). Beside this page: <code>doubtful.csv</code>,
      <code>outliers.csv</code>, <code>duplicates.csv</code>, <code>map.npy</code>.</footer>
      <script>
      \(MapScript.source)</script>
      </body>
      </html>

      """
    return document.source
  }
}
