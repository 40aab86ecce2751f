import Foundation
import Testing
import Training
import dbc_train

/// What options come to: recipe, number of images and what was given, to all that a run's bits depend on.
@Suite struct ResolvedOptionsTests {
  /// With 70000 images and nothing given.
  private static let graph = [
    "--all-reduce": "fixed-order", "--architecture": "auto", "--augment": "auto", "--batch-norm": "sync",
    "--batch-size": "256", "--boost": "2.0", "--chain-epochs": "36", "--chain-optimizer": "adam",
    "--clusters": "10", "--degrees-of-freedom": "5.0", "--feature-activation": "relu",
    "--graph-weight": "0.9", "--init": "none",
    "--initial-partition": "graph", "--iterations": "one pass", "--kmeans-restarts": "4",
    "--learning-rate": "0.001", "--members": "2", "--neighbours": "by rule", "--normalization": "partition",
    "--optimizer": "adam", "--partition-epochs": "5", "--pixel-kmeans": "false",
    "--pretrain-epochs": "6", "--pretrain-learning-rate": "0.001", "--reconstruction-weight": "0.0",
    "--refinement-degrees-of-freedom": "1.0", "--refinement-epochs": "12", "--refinement-factor": "8",
    "--refinement-learning-rate": "0.001", "--refresh-epochs": "12",
    "--schedule": "cosine", "--seed": "0",
  ]
  /// Where `--recipe paper` differs from it.
  private static let paper = [
    "--augment": "none", "--chain-epochs": "50", "--degrees-of-freedom": "1.0", "--graph-weight": "0.0",
    "--initial-partition": "kmeans", "--kmeans-restarts": "20", "--learning-rate": "0.0001",
    "--normalization": "dbc",
    "--members": "1", "--partition-epochs": "1", "--pretrain-epochs": "20", "--refinement-epochs": "0",
    "--refinement-factor": "4", "--refresh-epochs": "0", "--schedule": "constant",
  ]
  /// The identity of a run that was given `arguments`.
  static func identity(_ arguments: String, images: Int) throws -> [String: String] {
    let options = try Options.parse(arguments.split(separator: " ").map(String.init))
    return options.identity(
      options.training(images: images), initialModel: arguments.contains("--init ") ? "m" : "none",
      images: images, ranks: 2)
  }

  @Test(
    "the default recipe: what is not given follows from the images and from what is given",
    arguments: [
      (70000, "", [:]),
      (17, "", ["--batch-size": "32", "--pretrain-epochs": "30", "--refinement-epochs": "30"]),
      (203, "", ["--batch-size": "32", "--pretrain-epochs": "30", "--refinement-epochs": "30"]),
      (5000, "", ["--batch-size": "112", "--pretrain-epochs": "22", "--refinement-epochs": "30"]),
      (10000, "", ["--batch-size": "240", "--pretrain-epochs": "23", "--refinement-epochs": "30"]),
      (2_000_000, "--batch-size 64", ["--batch-size": "64", "--graph-images": "100000"]),
      // Epochs of stage I go by the recipe's batch size, not by one that is given.
      (203, "--batch-size 256", ["--pretrain-epochs": "30", "--refinement-epochs": "30"]),
      (70000, "--init m", ["--init": "m, numbers of clusters kept", "--members": "1"]),
      (
        70000, "--init m --augment none",
        ["--augment": "none", "--init": "m, numbers of clusters kept", "--members": "1"]
      ),
      (
        70000, "--initial-partition kmeans",
        ["--degrees-of-freedom": "1.0", "--initial-partition": "kmeans", "--members": "1"]
      ),
      (70000, "--initial-partition graph", [:]),
      (70000, "--members 1", ["--members": "1"]),
      (70000, "--members 3", ["--members": "3"]),
      (70000, "--chain-epochs 100", ["--chain-epochs": "100"]),
      (70000, "--graph-weight 0", ["--graph-weight": "0.0"]),
      (
        70000, "--graph-weight 0 --degrees-of-freedom 2",
        ["--degrees-of-freedom": "2.0", "--graph-weight": "0.0"]
      ),
      (
        70000, "--refresh-epochs 5 --partition-epochs 3",
        ["--partition-epochs": "3", "--refresh-epochs": "5"]
      ),
      (
        203,
        "--pretrain-epochs 3 -c 7 --seed 9 --iterations 5 --neighbours 4 --pixel-kmeans",
        [
          "--batch-size": "32", "--clusters": "7", "--iterations": "5", "--neighbours": "4",
          "--pixel-kmeans": "true", "--pretrain-epochs": "3", "--refinement-epochs": "30", "--seed": "9",
        ]
      ),
      (70000, "--target distributed", [:]),
      (70000, "--all-reduce native", ["--all-reduce": "native", "the number of ranks": "2"]),
      (70000, "--batch-norm local", ["--batch-norm": "local", "the number of ranks": "2"]),
    ] as [(Int, String, [String: String])])
  func graph(images: Int, arguments: String, differences: [String: String]) throws {
    let expected = Self.graph.merging(differences) { $1 }
    #expect(try Self.identity(arguments, images: images) == expected)
  }

  @Test(
    "--recipe paper: what is not given is as in the paper, whatever is given",
    arguments: [
      (70000, "", [:]), (203, "", [:]),
      (70000, "--initial-partition graph", ["--initial-partition": "graph"]),
      (
        70000, "--initial-partition graph --partition-epochs 50 --members 2 --augment auto",
        ["--augment": "auto", "--initial-partition": "graph", "--members": "2", "--partition-epochs": "50"]
      ),
      (
        70000, "--init m --chain-epochs 100",
        ["--chain-epochs": "100", "--init": "m, numbers of clusters kept"]
      ),
    ] as [(Int, String, [String: String])])
  func paper(images: Int, arguments: String, differences: [String: String]) throws {
    let expected = Self.graph.merging(Self.paper) { $1 }.merging(differences) { $1 }
    #expect(try Self.identity("--recipe paper " + arguments, images: images) == expected)
  }

  @Test("without a command line the same: nothing given, or some of it")
  func given() {
    var given = GivenOptions()
    given[\.chainEpochs] = 100
    given[\.iterations] = 7
    let options = TrainingOptions(.graph, images: 70000, given: given)
    #expect(options.chainEpochs == 100 && options.iterations == 7 && given[\.iterations] == 7)
    #expect(given[\.members] == nil && given[\.neighbours] == nil)
    #expect(TrainingOptions(.graph, images: 70000, startsFromModel: true).members == 1)
    let paper = TrainingOptions(.paper, images: 99).config
    #expect(paper == TrainingOptions().config)
  }
}
