import Basics
import Foundation
import Report
import Support
import Testing
import Training

@Suite(.serialized) struct SummaryTests {
  private func records(_ lines: [String]) -> [MetricsRecord] {
    MetricsLog.records(MetricsRecord.self, in: lines.map { Data($0.utf8) })
  }

  @Test("the closing tables of records that are read back are those of the live ones")
  func replay() throws {
    var live = RunSummary()
    let all = records(RecordTests.lines)
    for record in all { live.add(record) }
    #expect(RunSummary(records(all.map { JSON.line($0, .null) })) == live)
    #expect(
      live.rows.map(\.name) == [
        "k-means on pixels", "FCAE + k-means", "k-means of refined features", "graph partition, epoch 12",
        "DBC",
      ])
    // Of k-means with the stage that made its features.
    #expect(live.rows.map(\.seconds) == [0.5, 2, 3, 4.5, 5])
    #expect(live.phases == [.data: 0.25, .normExchange: 0.5, .encode: 2])
    #expect(live.seconds == 15)
    #expect(live.rows.allSatisfy { $0.metrics?.accuracy == 0.5 })
  }

  @Test("a run without a chain has no metrics of it, and no phases")
  func empty() {
    let summary = RunSummary()
    #expect(summary.rows.count == 1 && summary.rows[0].metrics == nil)
    #expect(summary.phases.isEmpty && summary.sizes.isEmpty && summary.seconds == 0)
  }

  @Test("what older versions call k-means of features is that of refined ones where there was a refinement")
  func older() {
    let kmeans = #"{"stage":"kmeans","inertia":1}"#
    #expect(RunSummary(records([kmeans])).rows[0].name == "FCAE + k-means")
    let refined = RunSummary(records([#"{"stage":"refine","epoch":0}"#, kmeans]))
    #expect(refined.rows[0].name == "k-means of refined features")
  }

  @Test("the sizes of the clusters are those of the last state of the chain")
  func sizes() {
    #expect(RunSummary(records(RecordTests.lines)).sizes == [5, 0, 0])
    #expect(RunSummary(records(Array(RecordTests.lines[1..<2]))).sizes.isEmpty)
  }

  @Test(
    "fewer different images than clusters: a warning with the sizes, quiet or not, and a result all the same",
    arguments: [["--recipe", "paper"], ["--augment", "none", "--refinement-epochs", "1"]])
  func missingClusters(recipe: [String]) throws {
    let folder = try TemporaryDirectory()
    let image = (0..<144).map { UInt8($0 % 12 * 20) }
    try Data(idxHeader([96, 12, 12]) + (0..<96).flatMap { _ in image })
      .write(to: URL(fileURLWithPath: folder.path("images")))
    let run = try TrainRun(
      recipe + [
        "--images", folder.path("images"), "--clusters", "3", "--batch-size", "32", "--pretrain-epochs", "1",
        "--chain-epochs", "1",
      ])
    #expect(run.result.exitCode == 0 && run.result.output.isEmpty, "\(run.result)")
    let warnings = run.result.errors.split(separator: "\n")
    #expect(warnings.count == 2, "\(run.result)")
    #expect(warnings.first?.contains("only 1 of the 96 images differ") == true, "\(run.result)")
    #expect(warnings.last?.hasPrefix("dbc-train: warning: 2 of the 3 clusters are empty") == true)
    #expect(warnings.last?.contains("96") == true && warnings.last?.contains("--clusters") == true)
  }
}
