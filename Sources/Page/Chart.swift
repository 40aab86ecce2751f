import Basics

/// A chart as SVG. Its texts have the colour of the page's.
package struct Chart: Sendable {
  /// Points that a line joins.
  package struct Line: Sendable {
    /// What the legend says; empty: nothing.
    package let name: String
    /// Where its points are; those that are not finite are left out.
    package let points: [(x: Double, y: Double)]

    /// A line through `points`.
    package init(_ name: String, _ points: [(x: Double, y: Double)]) {
      (self.name, self.points) = (name, points)
    }
  }

  private static let (width, height) = (360.0, 210.0)
  private static let (left, right, top, bottom) = (46.0, 10.0, 10.0, 36.0)
  /// As many colours as the style sheet has; later lines begin again.
  private static let colours = 8

  private let title: String
  private var contents = HTML()
  private var legend = HTML()

  private init(_ title: String) { self.title = title }

  /// Lines over common axes. A dot is on the last point of each, or, where a place is marked, on the point there.
  ///
  /// - Parameter marked: the x of a vertical line, which says the number; nil: there is none
  package static func lines(
    _ title: String, x: String, y: String = "", fromZero: Bool = false, marked: Int? = nil, _ lines: [Line]
  ) -> HTML {
    var chart = Chart(title)
    let across = Axis(lines.flatMap { $0.points.map(\.x) }, ticks: 5, whole: true)
    let up = Axis(lines.flatMap { $0.points.map(\.y) }, fromZero: fromZero)
    chart.addAxes(across, x, up, y)
    if let marked { chart.addMark(across, marked) }
    for (number, line) in lines.enumerated() {
      let points = line.points.filter { $0.x.isFinite && $0.y.isFinite }
      guard let last = points.last else { continue }
      func corner(_ point: (x: Double, y: Double)) -> (x: String, y: String) {
        (coordinate(place(x: across, point.x)), coordinate(place(y: up, point.y)))
      }
      let colour = number % colours
      let corners = points.map { "\(corner($0).x),\(corner($0).y)" }.joined(separator: " ")
      chart.contents += "<polyline class=\"line c\(colour)\" points=\"\(corners)\"/>\n"
      if let dotted = marked.map({ x in points.first { $0.x == Double(x) } }) ?? last {
        let (x, y) = corner(dotted)
        chart.contents +=
          "<circle class=\"dot c\(colour)\" cx=\"\(x)\" cy=\"\(y)\" r=\"\(marked == nil ? "2.5" : "4")\"/>\n"
      }
      if !line.name.isEmpty { chart.legend += "<span class=\"key c\(colour)\">\(line.name)</span> " }
    }
    return chart.figure
  }

  /// A column for each of `values`, from 0 on.
  ///
  /// - Parameters:
  ///   - labels: what stands under the columns; where there is no room, under some of them
  ///   - notes: what is said of a column where the mouse is over it
  package static func columns(
    _ title: String, x: String, y: String, _ values: [Double], labels: [String], notes: [String]
  ) -> HTML {
    var chart = Chart(title)
    let up = Axis(values, fromZero: true)
    chart.addAxes(nil, x, up, y)
    let room = (width - left - right) / Double(max(values.count, 1))
    let gap = min(room * 0.15, 3)
    for (number, value) in values.enumerated() where value.isFinite {
      let (from, to) = (place(y: up, max(value, 0)), place(y: up, min(value, 0)))
      chart.contents += """
        <rect class="bar" x="\(coordinate(left + room * Double(number) + gap / 2))" y="\(coordinate(from))" \
        width="\(coordinate(max(room - gap, 0.3)))" height="\(coordinate(to - from))"><title>\(notes[number])</title></rect>

        """
    }
    // A digit is about 6.5 wide.
    let widest = 6.5 * Double(labels.map(\.count).max() ?? 1) + 6
    let every = max(1, Int(Axis.niceStep(max(widest / room, 1)).rounded(.up)))
    for number in stride(from: 0, to: labels.count, by: every) {
      chart.contents += text(
        labels[number], x: left + room * (Double(number) + 0.5), y: height - bottom + 14, "middle")
    }
    return chart.figure
  }

  private static func place(x axis: Axis, _ value: Double) -> Double {
    left + axis.place(value) * (width - left - right)
  }

  private static func place(y axis: Axis, _ value: Double) -> Double {
    height - bottom - axis.place(value) * (height - top - bottom)
  }

  private static func coordinate(_ value: Double) -> String {
    String(printf: "%.4g", (value * 10).rounded() / 10)
  }

  private static func text(_ text: String, x: Double, y: Double, _ anchor: String) -> HTML {
    "<text x=\"\(coordinate(x))\" y=\"\(coordinate(y))\" text-anchor=\"\(anchor)\">\(text)</text>\n"
  }

  private mutating func addAxes(_ across: Axis?, _ x: String, _ up: Axis, _ y: String) {
    let end = Self.coordinate(Self.width - Self.right)
    for tick in up.ticks {
      let place = Self.place(y: up, tick)
      contents += """
        <line class="grid" x1="\(Self.coordinate(Self.left))" x2="\(end)" y1="\(Self.coordinate(place))" \
        y2="\(Self.coordinate(place))"/>

        """
      contents += Self.text(up.label(tick), x: Self.left - 5, y: place + 4, "end")
    }
    if let across {
      for tick in across.ticks {
        contents += Self.text(
          across.label(tick), x: Self.place(x: across, tick), y: Self.height - Self.bottom + 14, "middle")
      }
    }
    contents += Self.text(x, x: (Self.left + Self.width - Self.right) / 2, y: Self.height - 5, "middle")
    if !y.isEmpty { legend += "<span class=\"unit\">\(y)</span> " }
  }

  /// A vertical line at a number of the horizontal axis, with the number at its side.
  private mutating func addMark(_ across: Axis, _ number: Int) {
    let place = Self.place(x: across, Double(number))
    let x = Self.coordinate(place)
    contents += """
      <line class="mark" x1="\(x)" x2="\(x)" y1="\(Self.coordinate(Self.top))" y2="\(Self.coordinate(Self.height - Self.bottom))"/>

      """
    let isRight = place > Self.width / 2
    contents += Self.text(
      "\(number)", x: place + (isRight ? -4 : 4), y: Self.height - Self.bottom - 5, isRight ? "end" : "start")
  }

  private var figure: HTML {
    """
    <figure class="chart"><figcaption>\(title) \(legend)</figcaption>
    <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(title)">
    \(contents)</svg></figure>

    """
  }
}
