import Foundation
import Support
import Testing

extension FaultTests {
  /// Ranks that vanish without a word.
  @Suite(.serialized) struct KillTests {
    @Test("SIGKILL of a rank at random steps of both stages, one after another", arguments: [UInt64(1), 2])
    func randomSteps(seed: UInt64) throws {
      var random = SplitMix(state: seed)
      let run = try FaultRun()
      for (stage, epochs) in [("fcae", [1, 2]), ("dbc", [1, 2, 3])] {
        for epoch in epochs {
          let ranks = Int.random(in: 1...3, using: &random)
          let rank = Int.random(in: 0..<ranks, using: &random)
          let step = Int.random(in: 1...4, using: &random)
          let fault = "kill:rank=\(rank):at=step:stage=\(stage):epoch=\(epoch):step=\(step)"
          let result = try run.start(ranks: ranks, fault: fault)
          #expect(result.exitCode == 137, "\(fault) on \(ranks) ranks: \(result)")
        }
      }
      try run.expectRecovery(ranks: 3)
    }

    @Test("SIGKILL during k-means, and between R and its broadcast")
    func kmeansAndBroadcast() throws {
      let run = try FaultRun()
      for fault in [
        "kill:rank=1:at=kmeans:restart=2", "kill:rank=0:at=step:stage=dbc:epoch=1:step=1",
        "kill:rank=0:at=broadcast", "kill:rank=1:at=broadcast",
      ] {
        let result = try run.start(ranks: 2, fault: fault)
        #expect(result.exitCode == 137, "\(fault): \(result)")
      }
      try run.expectRecovery()
    }

    @Test("SIGKILL in every part of the graph recipe")
    func graphRecipe() throws {
      let recipe = [
        "--recipe", "graph", "--batch-size", "64", "--refinement-epochs", "2", "--refresh-epochs", "2",
        "--graph-images", "64",
        "--partition-epochs", "2",
      ]
      let undisturbed = try FaultRun()
      let whole = try undisturbed.start(ranks: 1, recipe)
      #expect(whole.exitCode == 0, "\(whole)")
      let run = try FaultRun()
      for place in [
        "step:stage=fcae:epoch=2:step=1", "step:stage=refine:epoch=1:step=2",
        "step:stage=refine:epoch=2:step=3",
        // The second network.
        "step:stage=fcae:epoch=1:step=3", "step:stage=fcae:epoch=2:step=1",
        "step:stage=refine:epoch=1:step=1",
        "step:stage=refine:epoch=2:step=1",
        "kmeans:restart=1", "step:stage=dbc:epoch=1:step=2", "step:stage=dbc:epoch=3:step=1",
        "step:stage=dbc:epoch=3:step=4",
      ] {
        let fault = "kill:rank=0:at=\(place)"
        let result = try run.start(ranks: 2, fault: fault, recipe + ["--resume"])
        #expect(result.exitCode == 137, "\(fault): \(result)")
      }
      let result = try run.start(ranks: 3, recipe + ["--resume"])
      #expect(result.exitCode == 0, "\(result)")
      #expect(try run.results() == undisturbed.results())
    }

    @Test("SIGKILL before every file operation of a checkpoint")
    func everyOperation() throws {
      var operation = 1
      while true {
        let run = try FaultRun()
        let result = try run.start(
          ranks: 1, fault: "kill:at=checkpoint:generation=4:operation=\(operation)")
        if result.exitCode == 0 { break }
        #expect(result.exitCode == 137, "operation \(operation): \(result)")
        try run.expectRecovery(ranks: 1, "operation \(operation)")
        operation += 1
        try #require(operation < 60)
      }
      // Two directories; two files of create, write, sync, rename; two directory syncs and a rename; the oldest
      // generation with its two files.
      #expect(operation - 1 >= 16, "\(operation - 1) operations")
    }

    @Test("SIGKILL before every file operation of the features by epoch")
    func everyEpoch() throws {
      // Create, write, sync and rename, after epochs 0, 1 and 3.
      for operation in 1...12 {
        let run = try FaultRun()
        let result = try run.start(ranks: 1, fault: "kill:at=history:operation=\(operation)")
        #expect(result.exitCode == 137, "operation \(operation): \(result)")
        try run.expectRecovery(ranks: operation % 3 + 1, "operation \(operation)")
      }
    }

    @Test("SIGKILL before every file operation of the results")
    func everyResult() throws {
      let stopped = try FaultRun.stopped()
      var (operation, ofReport) = (1, 0)
      while operation < 80 {
        let run = try stopped.copy()
        let result = try run.start(ranks: 1, fault: "kill:at=results:operation=\(operation)")
        if result.exitCode == 0 { break }
        #expect(result.exitCode == 137, "operation \(operation): \(result)")
        // The report comes behind the results, among which the model is the last.
        if run.has("model.safetensors") { ofReport += 1 } else { #expect(ofReport == 0) }
        #expect(!run.has("report.html"))
        try run.expectRecovery(ranks: 1, "operation \(operation)")
        #expect(run.has("report.html") == (ofReport == 0), "operation \(operation)")
        operation += 1
      }
      #expect(operation - ofReport > 4 && ofReport > 4 && operation < 80)
    }
  }
}
