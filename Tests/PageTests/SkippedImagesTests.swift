import Foundation
import Support
import Testing

import Page

extension ReportProgramTests {
  @Test("A run that has left images out has its page again, with pictures, and with labels")
  func skipped() throws {
    let folder = try TemporaryDirectory()
    try makePictures(folder, count: 40)
    // One file whose header cannot be read, and two that end within their pixels, before and between the others.
    try Data("nothing".utf8).write(to: URL(fileURLWithPath: folder.path("pictures/c0-1.png")))
    var raster = Raster(width: 16, height: 16, channels: 1)
    for place in raster.samples.indices { raster.samples[place] = UInt8(place * place % 251) }
    let whole = try #require(raster.png)
    for name in ["a", "c1-2"] {
      try whole.prefix(whole.count / 2).write(
        to: URL(fileURLWithPath: folder.path("pictures/\(name).png")))
    }
    try train(folder, ["--images", "pictures", "--labels", "none", "--skip-unreadable"])
    #expect(try text(folder.path("run/skipped.csv")).split(separator: "\n").count == 4)
    let page = try text(folder.path("run/report.html"))
    let again = try report(folder)
    #expect(again.exitCode == 0 && again.errors == "", "\(again)")
    #expect(try text(folder.path("run/report.html")) == page && page.contains("background-image:url(data:"))

    let labels = ["--label-pattern", "([a-z][0-9]?)", "--output", folder.path("other.html")]
    let labelled = try report(folder, labels)
    #expect(labelled.exitCode == 0 && labelled.errors == "", "\(labelled)")
    // Class "a" is that of a file which was left out. Labels by assignments.csv are the same.
    let table = try #require(try section("classes", folder.path("other.html")))
    try FileManager.default.moveItem(atPath: folder.path("pictures"), toPath: folder.path("elsewhere"))
    try FileManager.default.removeItem(atPath: folder.path("other.html"))
    #expect(try report(folder, labels).exitCode == 0)
    let bare = try #require(try section("classes", folder.path("other.html")))
    for row in ["c0", "c1", "c2"] {
      let rows = [table, bare].map {
        $0.components(separatedBy: "<tr>").filter { $0.contains("<bdi>\(row)</bdi></th>") }
      }
      #expect(rows[0] == rows[1] && rows[0].count == 1, "\(rows)")
    }
    try FileManager.default.moveItem(atPath: folder.path("elsewhere"), toPath: folder.path("pictures"))

    try FileManager.default.removeItem(atPath: folder.path("pictures/c0-0.pgm"))
    let fewer = try report(folder)
    #expect(
      fewer.exitCode == 73 && fewer.errors.contains("c0-0.pgm, is not there any more"), "\(fewer)")
    #expect(try text(folder.path("run/report.html")) == page)
  }

  /// A section of the page at `path`.
  private func section(_ id: String, _ path: String) throws -> Substring? {
    let page = try text(path)
    guard let start = page.firstRange(of: "<section id=\"\(id)\">"),
      let end = page[start.upperBound...].firstRange(of: "</section>")
    else { return nil }
    return page[start.upperBound..<end.lowerBound]
  }
}
