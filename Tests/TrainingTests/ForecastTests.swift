import Basics
import Foundation
import Report
import Support
import Testing
import Training

/// What the console says of the whole run.
@Suite(.serialized) struct ForecastTests {
  private func epoch(_ stage: String, _ seconds: Double) throws -> MetricsRecord {
    let line = #"{"stage":"\#(stage)","epoch":1,"elapsed_seconds":\#(seconds)}"#
    return try JSON.decode(MetricsRecord.self, from: Data(line.utf8))
  }

  @Test("the time that is left is that of all epochs, searches and partitions to come")
  func left() throws {
    var options = TrainingOptions(.graph, images: 10000, startsFromModel: false, given: GivenOptions())
    (options.pretrainEpochs, options.refinementEpochs, options.chainEpochs) = (10, 20, 40)
    var forecast = RunForecast(options)
    #expect(forecast.networks == 2)
    let place = RunPlace(.pretraining)
    #expect(forecast.secondsLeft(at: place, epoch: 1, share: 0.5) == nil)
    // By the epoch that runs alone: what comes after it is guessed.
    #expect(try #require(forecast.secondsLeft(at: place, epoch: 1, share: 0.5, expected: 2)) > 2 * 19.5)
    forecast.add(try epoch("fcae", 2))
    forecast.add(try epoch("refine", 1))
    forecast.add(try epoch("dbc", 3))
    // The refinement of this network, all of another one, and stage II; of searches nothing is known.
    #expect(forecast.secondsLeft(at: place, epoch: 10, share: 1) == 180.0)
    forecast.add(
      try JSON.decode(
        MetricsRecord.self,
        from: Data(#"{"stage":"refine","epoch":0,"elapsed_seconds":1,"seconds":{"graph":2}}"#.utf8)))
    // Four searches; the partitions before epochs 1, 13, 25 and 37 of stage II take two searches each.
    #expect(forecast.secondsLeft(at: place, epoch: 10, share: 1) == 204.0)
    forecast.add(
      try JSON.decode(
        MetricsRecord.self, from: Data(#"{"stage":"graph","modularity":0.5,"elapsed_seconds":5}"#.utf8)))
    let chain = RunPlace(.chain, member: 1)
    #expect(forecast.secondsLeft(at: chain, epoch: 31, share: 0) == 35.0)
    #expect(forecast.secondsLeft(at: chain, epoch: 37, share: 0) == 12.0)
    #expect(forecast.secondsLeft(at: chain, epoch: 40, share: 1) == 0.0)
    #expect(forecast.secondsLeft(at: RunPlace(.chain), epoch: 1, share: 0) == nil)
  }

  @Test(
    "no line of a run has more than 80 columns, and one line of an epoch is all there is without a terminal",
    arguments: [[], ["--labels", "none"]])
  func columns(labels: [String]) throws {
    let directory = try TemporaryDirectory()
    let result = try TrainRun.launch(
      ranks: 2,
      labels + [
        "--built-in-images", "203", "--batch-size", "64", "--pretrain-epochs", "2", "--refinement-epochs",
        "1", "--chain-epochs", "2", "--output", directory.path("run"),
      ])
    #expect(result.exitCode == 0, "\(result)")
    let lines = result.errors.split(separator: "\n").filter { !$0.contains("warning:") }
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(result)")
    let epochs = lines.filter { $0.contains(" · epoch ") }
    // Stage I and the refinement of two networks; stage II before its first epoch, and after each.
    #expect(epochs.count == 2 * 2 + 2 * 2 + 3, "\(result)")
    #expect(epochs.filter { $0.hasPrefix("network 2 of 2 · stage I · epoch ") }.count == 2, "\(result)")
    #expect(epochs.contains { $0.hasSuffix(" left") }, "\(result)")
    #expect(result.output.contains("  clusters      10\n"), "\(result)")
    #expect(result.output.contains("2 networks, 2 epochs each of stage I, 1 each of refinement"), "\(result)")
    let table = result.output.split(separator: "\n").filter { $0.hasPrefix("graph partition ") }
    #expect(table.count == 1 && table.allSatisfy { $0.count <= 80 }, "\(result)")
    #expect(result.output.contains("ACC") == labels.isEmpty)
    #expect(result.output.contains("modularity") == !labels.isEmpty)
  }

  @Test("the partitions to come are counted as they are made, of any numbers")
  func partitions() {
    var options = TrainingOptions()
    options.initialPartition = .graph
    for (epochs, every) in [(40, 10), (48, 12), (5, 1), (0, 3), (7, 7), (8, 7), (9, 0)] {
      (options.chainEpochs, options.refreshEpochs) = (epochs, every)
      for epoch in 0...(epochs + 1) {
        let counted = (epoch...(epochs + 1)).count { options.partitions(afterEpoch: $0) }
        #expect(options.partitionCount(fromEpoch: epoch) == counted, "\(epochs) \(every) \(epoch)")
      }
    }
    (options.chainEpochs, options.refreshEpochs) = (.max, .max)
    #expect(options.partitionCount(fromEpoch: 0) == 1)
  }
}
