/// With labels: how clusters and classes fit, and the mistakes that the scores are most sure of.
struct ClassTable {
  let page: PageContext
  let agreement: Agreement
  let labels: ReportInput.Labels

  /// A table of more classes or clusters has no numbers, but shades.
  private static let mostNumbers = 25
  /// Of more cells than this there is no picture either.
  private static let mostCells = 250_000

  /// nil without labels.
  init?(_ page: PageContext) {
    guard let agreement = page.agreement, let labels = page.input.labels else { return nil }
    (self.page, self.agreement, self.labels) = (page, agreement, labels)
  }

  var html: HTML {
    let metrics = agreement.metrics
    return PageContext.section(
      "classes", "Clusters and classes",
      """
      <p>Labels: \(labels.origin). Nothing of the run has seen them.</p>
      \(HTML.table(
        ["measure", "value", "what it is"], numbers: [1],
        [
          ["ACC", "\(Numbers.fixed(metrics.accuracy))", "images in the cluster that stands for their class, by the best one-to-one map"],
          ["NMI, larger entropy", "\(Numbers.fixed(metrics.nmi))", "mutual information by the larger of the two entropies, as in \(page.paper); <code>nmi</code> in <code>metrics.jsonl</code>"],
          ["NMI, mean entropy", "\(Numbers.fixed(metrics.nmiByMean ?? .nan))", "by the arithmetic mean of the two: scikit-learn’s default; <code>nmi_mean</code>"],
          ["ARI", "\(Numbers.fixed(metrics.ari))", "adjusted Rand index"],
        ]))
      <h3>Images by class and cluster</h3>
      \(confusion)
      \(mistakes)
      """)
  }

  private var confusion: HTML {
    let (table, order) = (agreement.table, agreement.order)
    if table.count <= Self.mostNumbers, order.count <= Self.mostNumbers { return numbers }
    guard table.count * order.count <= Self.mostCells else {
      return
        "<p>The table has \(Numbers.whole(table.count)) × \(Numbers.whole(order.count)) cells, and is left out.</p>\n"
    }
    return shades
  }

  private static let order: HTML = """
    <p>A row for every class, a column for every cluster, in the order of the best map: what is not on the diagonal is
    mistaken.</p>

    """

  private var numbers: HTML {
    let head = agreement.order.map {
      "<th class=\"n\"><a href=\"#cluster-\($0)\">\(page.key($0))</a></th>" as HTML
    }
    let rows = agreement.table.enumerated().map { label, counts -> HTML in
      let sum = max(counts.reduce(0, +), 1)
      let cells = agreement.order.map { cluster -> HTML in
        let isMatch = agreement.classOfCluster[cluster] == label
        let share = Numbers.fixed(Double(counts[cluster]) / Double(sum), 2)
        return """
          <td class="n cell\(isMatch ? " match" : "")" style="--share:\(share)">\(counts[cluster] == 0 ? "" : Numbers.whole(counts[cluster]))</td>
          """
      }
      return "<tr><th><bdi>\(page.className(Int32(label)))</bdi></th>\(cells)</tr>\n"
    }
    return """
      \(Self.order)<div class="wide"><table class="confusion"><thead><tr><th>class \\ cluster</th>\(head)</tr></thead>
      <tbody>\(rows)</tbody></table></div>

      """
  }

  private var shades: HTML {
    let (table, order) = (agreement.table, agreement.order)
    let levels = 8
    var paths = [String](repeating: "", count: levels)
    for (row, counts) in table.enumerated() {
      let sum = Double(max(counts.reduce(0, +), 1))
      for (column, cluster) in order.enumerated() where counts[cluster] > 0 {
        let level = min(levels - 1, Int((Double(counts[cluster]) / sum).squareRoot() * Double(levels)))
        paths[level] += "M\(column) \(row)h1v1h-1z"
      }
    }
    let shades = paths.enumerated().filter { !$0.element.isEmpty }.map { level, path in
      "<path class=\"shade\" fill-opacity=\"\(Numbers.fixed(Double(level + 1) / Double(levels), 3))\" d=\"\(path)\"/>\n"
        as HTML
    }
    return """
      \(Self.order)<figure class="chart"><figcaption>\(table.count) classes (rows) and \(order.count) clusters (columns)</figcaption>
      <svg viewBox="0 0 \(order.count) \(table.count)" role="img" aria-label="Images by class and cluster" class="matrix">
      <rect class="frame" width="\(order.count)" height="\(table.count)"/>
      \(shades)</svg></figure>
      \(largest)
      """
  }

  /// The largest numbers beside the diagonal.
  private var largest: HTML {
    var cells: [(label: Int, cluster: Int, count: Int)] = []
    for (label, counts) in agreement.table.enumerated() {
      for (cluster, count) in counts.enumerated()
      where count > 0 && agreement.classOfCluster[cluster] != label {
        cells.append((label, cluster, count))
      }
    }
    guard !cells.isEmpty else { return "" }
    cells.sort { (-$0.count, $0.label, $0.cluster) < (-$1.count, $1.label, $1.cluster) }
    let rows = cells.prefix(20).map { cell -> [HTML] in
      [
        "<bdi>\(page.className(Int32(cell.label)))</bdi>", page.link(cell.cluster), meaning(cell.cluster),
        "\(Numbers.whole(cell.count))",
      ]
    }
    return "<h3>The most frequent mistakes</h3>\n"
      + HTML.table(["class", "in", "which stands for", "images"], numbers: [3], Array(rows))
  }

  /// The class of a cluster.
  private func meaning(_ cluster: Int) -> HTML {
    agreement.classOfCluster[cluster].map { "“<bdi>\(page.className(Int32($0)))</bdi>”" } ?? "no class"
  }

  private var mistakes: HTML {
    let scores = page.scores
    func isWrong(_ image: Int) -> Bool {
      agreement.classOfCluster[Int(scores.clusters[image])] != Int(labels.numbers[image])
    }
    let wrong = (0..<Int32(page.input.images)).filter { isWrong(Int($0)) }
      .sorted { (-scores.own[Int($0)], $0) < (-scores.own[Int($1)], $1) }
    guard !wrong.isEmpty else { return "<p>No image is in a cluster of another class.</p>\n" }
    let shown = Array(wrong.prefix(24))
    return """
      <h3>Mistakes of the highest scores</h3>
      <p>\(Numbers.count(wrong.count, "image")) (\(Numbers.percent(Double(wrong.count) / Double(page.input.images)))) are in a
      cluster that stands for another class, or none; these have the highest scores there (Fig. 8 of \(page.paper)).</p>
      \(page.cards(shown) { number in
        let image = Int(shown[number])
        return """
          is “<bdi>\(page.className(labels.numbers[image]))</bdi>”, in \(page.link(scores.clusters[image])) (\(meaning(Int(scores.clusters[image])))), \(Numbers.fixed(Double(scores.own[image]), 3))
          """
      })
      """
  }
}
