import Foundation
import Report
import Testing
import Training
import dbc_train

@Suite struct CurveTests {
  @Test("every record comes to its curves, an epoch's by the network that it trains")
  func curves() {
    let records = MetricsLog.records(MetricsRecord.self, in: RecordTests.lines.map { Data($0.utf8) })
    let curves = records.map { CurvePoints($0, network: 2) }
    let network = "refinement/network 2/"
    let partition = ["modularity", "ACC", "NMI", "NMI (mean entropy)", "ARI"]
    let quality = ["ACC", "NMI", "NMI (mean entropy)", "ARI"]
    let expected: [(String, [String])] = [
      ("k-means on pixels/", ["inertia"] + quality),
      ("stage I/network 2/", ["loss", "learning rate", "images per second"]),
      (network, ["learning rate", "changed", "mean score"] + quality),
      ("FCAE + k-means/", ["inertia"] + quality),
      ("k-means of refined features/", ["inertia"] + quality),
      ("graph partition/", partition),
      ("stage II/", ["learning rate", "changed", "mean score"] + quality),
      (
        "stage II/",
        ["loss", "learning rate", "images per second", "changed", "mean score", "modularity"] + quality
      ),
    ]
    #expect(curves.map { $0.scalars.map(\.tag) } == expected.map { group, names in names.map { group + $0 } })
    #expect(curves.map(\.step) == [0, 1, 0, 0, 0, 12, 0, 1])
    #expect(curves[1].scalars.map(\.value) == [3.25, 0.001, 1234.5])
    #expect(CurvePoints(records[1], network: nil).scalars[0].tag.hasPrefix("stage I/network "))
  }
}
