import Clustering
import Report
import Training

/// The part of the page that shows how stage II gathers the images: their features and scores after some epochs, and the scores
/// at the end.
struct EpochSection {
  let page: PageContext

  private static let side = 340

  /// The part; it has at least the scores at the end.
  var html: HTML {
    let earlier = histograms
    let text: HTML =
      earlier.isEmpty
      ? "The score that each image has in its own cluster at the end of the run"
      : "The score that each image had in its cluster of the time, after some epochs of stage II and at the end"
    let end = chart("At the end: images by score", ScoreHistogram(page.scores.own).counts)
    return PageContext.section(
      "histogram", "How sure the assignments are, and how they became so",
      """
      \(features)<p>\(text) (Fig. 6 of \(page.paper)). A run whose clusters are far apart has nearly all images at the right.</p>
      <div class="charts">
      \(earlier + [end])</div>

      """)
  }

  /// The number of stage II's last epoch; 0 where no record says.
  private var last: Int { chain.last?.epoch ?? 0 }

  private var chain: [EpochRecord] {
    page.input.records.compactMap {
      if case .epoch(let record) = $0, record.stage == .chain { record } else { nil }
    }
  }

  // MARK: - Scores

  /// A histogram for each of the epochs that are kept, as far as records have it.
  private var histograms: [HTML] {
    // Of an epoch that was trained again, the later record counts.
    var found: [Int: [Int]] = [:]
    for record in chain where record.epoch < last && FeatureSample.epochs.contains(record.epoch) {
      guard let counts = record.chain?.histogram, counts.count == ScoreHistogram.bins,
        counts.allSatisfy({ (0...page.input.images).contains($0) })
      else { continue }
      found[record.epoch] = counts
    }
    return found.sorted { $0.key < $1.key }.map { chart("\(Self.title($0.key)): images by score", $0.value) }
  }

  private func chart(_ title: String, _ counts: [Int]) -> HTML {
    func edge(_ bin: Int) -> String { Numbers.fixed(Double(bin) / Double(counts.count), 2) }
    return Chart.columns(
      title, x: "score from", y: "share of images in %",
      counts.map { 100 * Double($0) / Double(page.input.images) }, labels: counts.indices.map(edge),
      notes: counts.indices.map {
        "\(edge($0)) to \(edge($0 + 1)): \(Numbers.count(counts[$0], "image"))"
      })
  }

  // MARK: - Features

  /// Pictures of the sample's features, the last one of those at the end.
  private var features: HTML {
    guard let kept = page.input.features, kept.columns == page.input.embeddings.columns,
      let first = kept.epochs.first, first.number < last
    else { return "" }
    let images = GroupSample(images: kept.images, limit: kept.sample).imageNumbers
    guard kept.images == page.input.images, images.count == kept.rows else { return "" }
    let epochs = kept.epochs.filter { $0.number < last }
    let end = images.flatMap { page.input.embeddings[Int($0)] }
    let places = Self.places(epochs.map(\.values) + [end], columns: kept.columns)
    guard let places else { return "" }
    let titles = epochs.map { Self.title($0.number) } + ["At the end (epoch \(last))"]
    let clusters = images.map { page.input.assignments[Int($0)] }
    let all = MapPoints(places, most: places.count)
    let pictures = titles.indices.map { number in
      let part = (number * images.count)..<((number + 1) * images.count)
      return picture(
        titles[number], all.picture(side: Self.side, part: part, clusters: clusters, page.palette))
    }
    let sample: HTML =
      images.count < kept.images ? "\(Numbers.whole(images.count)) of the images" : "All images"
    return """
      <p>\(sample) by their features after some epochs of stage II, in one plane for all pictures, in which the features at the end
      vary most; colours are the clusters at the end (Fig. 7 of \(page.paper)).</p>
      <div class="charts">
      \(pictures)</div>

      """
  }

  /// Places of all rows of all epochs in the plane of the last one's principal components, `[epochs][rows][2]`; nil where there is no
  /// such plane.
  private static func places(_ epochs: [[Float]], columns: Int) -> [Float]? {
    guard
      let plane = epochs.last?.withUnsafeBufferPointer({ PrincipalPlane($0, dimensions: columns) })
    else { return nil }
    let places = epochs.flatMap { rows in
      rows.withUnsafeBufferPointer { plane.places($0) }.flatMap { [Float($0.x), Float($0.y)] }
    }
    return places.allSatisfy(\.isFinite) ? places : nil
  }

  private func picture(_ title: String, _ raster: Raster) -> HTML {
    """
    <figure class="chart"><figcaption>\(title)</figcaption>
    <img class="plane" src="\(raster.dataURI ?? "data:,")" alt="\(title): images by their features"/></figure>

    """
  }

  private static func title(_ epoch: Int) -> String {
    epoch == 0 ? "Before the first epoch" : "After epoch \(epoch)"
  }
}
