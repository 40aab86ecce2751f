import Dataset
import Foundation
import Report
import Support
import Testing

import Page

/// Clusters that people have named.
@Suite struct NamesTests {
  private static func page(_ names: [String?]?, labelled: Bool = true) -> String {
    let run = MadeRun(images: 60, clusters: 4)
    var input = run.input()
    input.names = names.map { ClusterNames($0) }
    input.pictures = MadeRun.noise(ImageShape(channels: 1, height: 8, width: 8))
    if labelled {
      input.labels = .init(numbers: (0..<60).map { Int32($0 % 2) }, names: ["a", "b"], origin: "a test")
    }
    return withExtendedLifetime(run) { ReportPage(input).html }
  }

  @Test("A name stands on the sheet, in links, on the map and in its legend, over the classes; numbers stay")
  func everywhere() {
    let html = Self.page(["cats", nil, "dogs", nil])
    for text in [
      "<h3><span class=\"swatch\" style=", "<bdi>cats</bdi> (cluster 0)</h3>", "Cluster 1</h3>",
      "<a href=\"#cluster-2\"><bdi>dogs</bdi> (2)</a>", "<a href=\"#cluster-1\">cluster 1</a>",
      "\"clusters\":[\"cats (cluster 0)\",\"cluster 1\",\"dogs (cluster 2)\",\"cluster 3\"]",
      "</span><bdi>cats</bdi> (0)</button>", "</span>1</button>",
      "<th class=\"n\"><a href=\"#cluster-0\"><bdi>cats</bdi> (0)</a></th>", "cats (cluster 0): 15 images",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(!html.contains("merged by name"))
    #expect(!Self.page(nil).contains("<bdi>cats"))
  }

  @Test("Clusters of one name are said to be one: in the run's card, on their sheets, in the pairs")
  func merged() {
    let html = Self.page(["cats", "cats", nil, "dogs"])
    #expect(html.contains("4; merged by name: <bdi>cats</bdi> (0, 1)"))
    #expect(
      html.contains(
        "; by its name one with <a href=\"#cluster-1\"><bdi>cats</bdi> (1)</a>, 30 images together"))
    #expect(html.components(separatedBy: ", one by name").count == 2)
  }

  @Test("Whatever clusters are called, the page is well-formed and has no element or attribute of theirs")
  func escaped() {
    for start in EscapingTests.names.indices {
      let names = (0..<4).map { EscapingTests.names[(start + $0 / 2) % EscapingTests.names.count] }
      let html = Self.page(names)
      let check = MarkupCheck(html)
      #expect(check.isWellFormed, "\(check.problem)")
      #expect(!check.elements.contains { $0.attributes.keys.contains { $0.hasPrefix("on") } })
      #expect(check.elements.count { $0.name == "script" } == 2)
      #expect(html.components(separatedBy: "</script>").count == 3)
    }
  }

  @Test("names.csv: clusters that there are, each once, by a name that is one")
  func file() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("names.csv")
    #expect(try ClusterNames(path, clusters: 3) == nil)
    func names(_ text: String) throws -> ClusterNames? {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return try ClusterNames(path, clusters: 3)
    }
    let found = try #require(try names("\u{FEFF}cluster,name\r\n2,\"a, \"\"b\"\"\"\r\n0,x\r\n"))
    #expect(found.names == ["x", nil, "a, \"b\""] && found.merged.isEmpty)
    #expect(try ClusterNames.folders(found, clusters: 3) == ["x", "01", "a, \"b\""])
    #expect(try names("cluster,name\n0,x\n2,x\n")?.merged == [[0, 2]])
    for (text, message) in [
      ("cluster,name\n3,x\n", "line 2: expected a cluster from 0 to 2"),
      ("cluster,name\n-1,x\n", "line 2: expected a cluster from 0 to 2"),
      ("cluster,name\n1,x\n1,x\n", "line 3: expected each cluster once"),
      ("cluster,name\n1,\n", "line 2: expected a name of cluster 1"),
      ("cluster,name\n1,\" \"\n", "line 2: expected a name of cluster 1"),
      ("cluster,name\n1\n", "line 2: expected a cluster from 0 to 2"),
      ("cluster;name\n1;x\n", "line 1: expected the columns cluster,name"),
    ] {
      let error = #expect(throws: ReportError.self) { _ = try names(text) }
      #expect(
        error?.kind == .malformed && error?.message.contains(message) == true, "\(String(describing: error))")
    }
  }
}
