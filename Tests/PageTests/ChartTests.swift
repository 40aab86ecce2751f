import Foundation
import Testing

import Page

@Suite struct ChartTests {
  @Test("Axes hold all values and end at ticks")
  func axes() {
    for (values, fromZero) in [
      ([0.0, 1], false), ([3, 3], false), ([3, 3], true), ([0, 0], true), ([-7, 12.5], false),
      ([1e-7, 2e-7], false),
      ([1e9, 3e9], true), ([], false), ([.nan, .infinity, 5], false), ([-4, -4], true), ([0.1, 0.3], false),
    ] as [([Double], Bool)] {
      let axis = Axis(values, fromZero: fromZero)
      #expect(axis.ticks.count >= 2 && axis.ticks.count <= 12, "\(values): \(axis.ticks)")
      #expect(axis.range.lowerBound < axis.range.upperBound)
      for value in values where value.isFinite { #expect(axis.range.contains(value), "\(values)") }
      if fromZero { #expect(axis.range.contains(0)) }
      #expect(abs(axis.place(axis.ticks[0])) < 1e-9 && abs(axis.place(axis.ticks.last!) - 1) < 1e-9)
      #expect(
        Set(axis.ticks.map(axis.label)).count == axis.ticks.count, "\(values): \(axis.ticks.map(axis.label))")
    }
    #expect(Axis([0, 10.0]).ticks == [0, 2, 4, 6, 8, 10])
    #expect(
      Axis([0, 1.0]).ticks.map { Axis([0, 1.0]).label($0) } == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Axis([1, 3.0], ticks: 5, whole: true).ticks == [1, 2, 3])
  }

  @Test("Steps are 1, 2 or 5 times a power of ten")
  func steps() {
    #expect(
      [0.7, 1, 1.1, 3, 5.1, 0.021].map(Axis.niceStep).map { String(format: "%g", $0) } == [
        "1", "1", "2", "5", "10", "0.05",
      ])
  }

  @Test("A line has its points where the axes say")
  func line() {
    let svg = Chart.lines("t <&>", x: "epoch", [Chart.Line("", [(0, 0), (10, 5), (5, .nan)])]).source
    #expect(svg.contains("points=\"46,174 350,10\""))
    #expect(svg.contains("t &lt;&amp;&gt;") && MarkupCheck(svg).isWellFormed)
    let nothing = Chart.lines("t", x: "epoch", [Chart.Line("a", [(1, .nan)])]).source
    #expect(!nothing.contains("polyline") && MarkupCheck(nothing).isWellFormed)
  }

  @Test("A dot is on the last point, or on the one that is marked, with a line and its number")
  func marks() {
    let points = Chart.Line("", [(2, 0), (4, 1), (6, 0.5)])
    func circles(_ svg: String) -> [String] { Array(svg.components(separatedBy: "<circle").dropFirst()) }
    let plain = Chart.lines("t", x: "clusters", [points]).source
    #expect(circles(plain).count == 1 && circles(plain)[0].contains("cx=\"350\"") && !plain.contains("mark"))
    let marked = Chart.lines("t", x: "clusters", marked: 4, [points]).source
    #expect(circles(marked).count == 1 && circles(marked)[0].contains("cx=\"198\" cy=\"10\""), "\(marked)")
    #expect(marked.contains("<line class=\"mark\" x1=\"198\" x2=\"198\""))
    #expect(marked.components(separatedBy: ">4</text>").count == 3, "at the axis and at the line")
    #expect(circles(Chart.lines("t", x: "clusters", marked: 3, [points]).source).isEmpty)
    #expect(MarkupCheck(marked).isWellFormed)
  }

  @Test("Columns are as high as their values, and labels do not overlap")
  func columns() {
    let svg = Chart.columns(
      "t", x: "x", y: "", [1, 2, .nan], labels: ["a", "b", "c"], notes: ["a", "b", "c"]
    ).source
    #expect(svg.contains("height=\"82\"") && svg.contains("height=\"164\""))
    #expect(svg.components(separatedBy: "<rect").count == 3)
    let many = Chart.columns(
      "t", x: "x", y: "", [Double](repeating: 1, count: 300), labels: (0..<300).map { "\($0)" },
      notes: (0..<300).map { "\($0)" }
    ).source
    #expect(many.components(separatedBy: "text-anchor=\"middle\"").count < 22)
    #expect(!many.contains("nan") && !many.contains("inf"))
  }
}
