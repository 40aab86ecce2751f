import Testing
import Training
import dbc_train

/// Values and combinations that are refused, each with its message.
@Suite struct OptionChecksTests {
  @Test(
    "a value that an option cannot have is refused by name",
    arguments: [
      ("--clusters 1", "--clusters must be at least 2, found 1"),
      (
        "--batch-size 24",
        "--batch-size must be a multiple of 16 (16 images share a vector register), found 24"
      ),
      (
        "--batch-size 0", "--batch-size must be a multiple of 16 (16 images share a vector register), found 0"
      ),
      ("--batch-size 4294967296", "--batch-size must be at most 2147483647, found 4294967296"),
      ("--pretrain-epochs=-1", "--pretrain-epochs must not be negative, found -1"),
      ("--chain-epochs=-1", "--chain-epochs must not be negative, found -1"),
      ("--iterations 0", "--iterations must be at least 1, found 0"),
      ("--iterations 4294967296", "--iterations must be at most 2147483647, found 4294967296"),
      ("--refinement-epochs=-1", "--refinement-epochs must not be negative, found -1"),
      ("--refinement-factor 0", "--refinement-factor must be at least 1, found 0"),
      ("--refinement-factor 4294967296", "--refinement-factor must be at most 2147483647, found 4294967296"),
      ("--graph-weight 1.5", "--graph-weight must be between 0 and 1, found 1.5"),
      ("--graph-weight nan", "--graph-weight must be between 0 and 1, found nan"),
      ("--refresh-epochs=-1", "--refresh-epochs must not be negative, found -1"),
      ("--members 0", "--members must be at least 1, found 0"),
      ("--members 4294967296", "--members must be at most 2147483647, found 4294967296"),
      ("--neighbours 0", "--neighbours must be at least 1, found 0"),
      ("--graph-images 99999999", "--graph-images must be at most 16777216, found 99999999"),
      ("--graph-images 15", "--graph-images must be at least 16, found 15"),
      ("--kmeans-restarts 0", "--kmeans-restarts must be at least 1, found 0"),
      ("--pretrain-learning-rate 0", "--pretrain-learning-rate must be a positive number, found 0.0"),
      ("--pretrain-learning-rate inf", "--pretrain-learning-rate must be a positive number, found inf"),
      ("--learning-rate nan", "--learning-rate must be a positive number, found nan"),
      ("--refinement-learning-rate=-1", "--refinement-learning-rate must be a positive number, found -1.0"),
      ("--degrees-of-freedom 0", "--degrees-of-freedom must be between 0.001 and 10000, found 0.0"),
      (
        "--refinement-degrees-of-freedom 20000",
        "--refinement-degrees-of-freedom must be between 0.001 and 10000, found 20000.0"
      ),
      (
        "--reconstruction-weight=-1", "--reconstruction-weight must be 0 or a positive number, found -1.0"
      ),
      ("--partition-epochs=-1", "--partition-epochs must not be negative, found -1"),
      ("--boost 1", "--boost must be larger than 1, found 1.0"),
    ])
  func values(arguments: String, message: String) throws { try expect(arguments, message) }

  @Test(
    "options that do not fit together, or the images, are refused",
    arguments: [
      ("--clusters 500", "--clusters 500 is more than the 400 images; choose at most 400"),
      ("--members 2 --initial-partition kmeans", "--members 2 needs --initial-partition graph"),
      (
        "--graph-images 30",
        "--graph-images 30 makes a graph of 16 images, too few for 10 clusters: at least four images for each are needed"
      ),
    ])
  func combinations(arguments: String, message: String) throws { try expect(arguments, message) }

  private func expect(_ arguments: String, _ message: String) throws {
    let options = try Options.parse(arguments.split(separator: " ").map(String.init))
    let error = #expect(throws: TrainingError.self) {
      try options.training(images: 400).validate(images: 400)
    }
    #expect(error?.description == message)
  }

  @Test("what is right passes", arguments: ["", "--recipe paper", "--graph-images 64 --clusters 10"])
  func right(arguments: String) throws {
    let options = try Options.parse(arguments.split(separator: " ").map(String.init))
    try options.training(images: 400).validate(images: 400)
  }
}
