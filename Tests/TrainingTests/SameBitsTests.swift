import Foundation
import Support
import Testing

@Suite(.serialized) struct TrainingBitsTests {
  @Test("model, scores, features and assignments are byte-identical on 1, 2, 3, 4 and 7 ranks")
  func ranks() throws {
    let one = try TrainRun(ranks: 1)
    #expect(one.result.exitCode == 0, "\(one.result)")
    let expected = try one.results()
    for ranks in [2, 3, 4, 7] {
      let run = try TrainRun(ranks: ranks)
      #expect(run.result.exitCode == 0, "\(run.result)")
      #expect(try run.results() == expected, "\(ranks) ranks")
    }
  }

  @Test("so they are with SGD and targets formed on every rank")
  func otherPath() throws {
    let options =
      TrainRun.small + [
        "--optimizer", "sgd", "--pretrain-learning-rate", "1e-5", "--chain-optimizer", "sgd", "--iterations",
        "5",
      ]
    let one = try TrainRun(ranks: 1, options)
    let three = try TrainRun(ranks: 3, options + ["--target", "distributed"])
    #expect(three.result.exitCode == 0, "\(three.result)")
    #expect(try one.results() == three.results())
  }

  @Test(
    "so they are with the default recipe, and with the reconstruction in stage II, whoever computes the target"
  )
  func defaultRecipe() throws {
    let options = [
      "--built-in-images", "203", "--batch-size", "64", "--pretrain-epochs", "1", "--refinement-epochs", "2",
      "--chain-epochs", "3", "--refresh-epochs", "2", "--partition-epochs", "1", "--reconstruction-weight",
      "0.1",
    ]
    let one = try TrainRun(ranks: 1, options)
    #expect(one.result.exitCode == 0, "\(one.result)")
    for ranks in [2, 3, 4] {
      let run = try TrainRun(ranks: ranks, options)
      #expect(run.result.exitCode == 0, "\(run.result)")
      #expect(try run.results() == one.results(), "\(ranks) ranks")
    }
    let distributed = try TrainRun(ranks: 3, options + ["--target", "distributed"])
    #expect(try distributed.results() == one.results())
    #expect(try TrainRun(ranks: 1, options + ["--graph-weight", "0.5"]).results() != one.results())
    let without = try TrainRun(ranks: 1, options + ["--reconstruction-weight", "0"])
    #expect(try without.results() != one.results())
  }

  @Test(
    "so they are on more ranks than a mini-batch has groups, and on more than all images have; the header says how many train",
    arguments: [("203", "32", [3, 5], 2), ("40", "16", [4], 1)])
  func idleRanks(images: String, batchSize: String, ranks: [Int], training: Int) throws {
    let options = [
      "--built-in-images", images, "--clusters", "4", "--batch-size", batchSize, "--pretrain-epochs", "1",
      "--refinement-epochs", "1", "--chain-epochs", "3", "--refresh-epochs", "2", "--partition-epochs", "1",
    ]
    let one = try TrainRun(ranks: 1, options)
    #expect(one.result.exitCode == 0, "\(one.result)")
    for count in ranks {
      let run = try TrainRun(ranks: count, options)
      #expect(run.result.exitCode == 0, "\(run.result)")
      #expect(try run.results() == one.results(), "\(count) ranks")
    }
    let folder = try TemporaryDirectory()
    let told = try TrainRun.launch(ranks: ranks[0], options + ["--output", folder.path("run")])
    #expect(told.output.contains("; \(training) of them in training steps, as mini-batches of"), "\(told)")
  }

  @Test("so they are where the graph is made of a sample, of fewer lane groups than ranks")
  func graphOfSample() throws {
    let options = [
      "--built-in-images", "203", "--batch-size", "64", "--augment", "none", "--pretrain-epochs", "1",
      "--refinement-epochs", "1", "--chain-epochs", "3", "--refresh-epochs", "2", "--partition-epochs", "1",
    ]
    let one = try TrainRun(ranks: 1, options + ["--graph-images", "48"])
    #expect(one.result.exitCode == 0, "\(one.result)")
    for ranks in [2, 4] {
      let run = try TrainRun(
        ranks: ranks, options + ["--graph-images", "48", "--target", ranks == 4 ? "distributed" : "root"])
      #expect(run.result.exitCode == 0, "\(run.result)")
      #expect(try run.results() == one.results(), "\(ranks) ranks")
    }
    let whole = try TrainRun(ranks: 1, options).results()
    #expect(try one.results() != whole)
    #expect(try TrainRun(ranks: 1, options + ["--graph-images", "203"]).results() == whole)
  }

  @Test("so they are with the C library's code for older CPUs, and without a BLAS library")
  func library() throws {
    let directory = try TemporaryDirectory()
    let options = [
      "--built-in-images", "203", "--batch-size", "64", "--pretrain-epochs", "1", "--refinement-epochs", "1",
      "--chain-epochs", "2", "--degrees-of-freedom", "2.5", "--boost", "1.7", "--no-report", "--quiet",
    ]
    let files = try ["", "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA,-FMA4,-AVX"].map { tunables in
      let path = directory.path("run\(tunables.utf8.count)")
      let result = try ProcessRunner.mpirun(
        ranks: 1, program: "dbc-train", arguments: options + ["--output", path],
        environment: ["GLIBC_TUNABLES": tunables])
      #expect(result.exitCode == 0, "\(result)")
      return try TrainRun.files.map { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\($0)")) }
    }
    #expect(files[0] == files[1])
    let libraries = try ProcessRunner.run(
      try ProcessRunner.tool("ldd"), [try ProcessRunner.built("dbc-train")])
    #expect(libraries.exitCode == 0 && !libraries.output.contains("blas"), "\(libraries)")
  }

  @Test("another seed gives another result")
  func seeds() throws {
    let first = try TrainRun(ranks: 1)
    let second = try TrainRun(ranks: 1, TrainRun.small + ["--seed", "1"])
    #expect(try first.results() != second.results())
  }

  @Test("MPI's own all-reduce agrees to rounding")
  func native() throws {
    let fixed = try TrainRun(ranks: 3)
    let native = try TrainRun(ranks: 3, TrainRun.small + ["--all-reduce", "native"])
    #expect(native.result.exitCode == 0, "\(native.result)")
    let pairs = zip(try fixed.rows("scores.npy").joined(), try native.rows("scores.npy").joined())
    #expect(pairs.allSatisfy { abs($0 - $1) < 0.02 })
    #expect(pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / (203 * 10) < 0.002)
  }

  @Test("batch norm over each rank's own images runs")
  func localBatchNorm() throws {
    let run = try TrainRun(ranks: 2, TrainRun.small + ["--batch-norm", "local"])
    #expect(run.result.exitCode == 0, "\(run.result)")
    #expect(try run.results().count == 4)
  }
}
