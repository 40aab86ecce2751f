import ArgumentParser
import Basics
import Commands
import Lanes

/// The command line of dbc-assign.
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dbc-assign",
    abstract: "Finds the clusters of images by a trained model.",
    usage: "[mpirun -np N] dbc-assign <model> [--images <path> …] [--output <directory>] [options]",
    discussion: """
      Every image gets its cluster, the score in it, the second best cluster, the margin between the two scores, and how far \
      it is from the cluster's centre, as the share of training images that are nearer (1: farther than all of them). \
      Pictures are prepared as those of the training were. Without --output a table goes to standard output. \
      Without --images, the run's own images are taken.

      Examples:
        dbc-assign runs/photos --images new/ > clusters.csv
        dbc-assign runs/photos --images new/ --format jsonl | jq .cluster
        mpirun -np 4 dbc-assign model.safetensors --images new/ --output out
        dbc-assign runs/photos --images new/ --sort sorted

      --help-all shows every option, such as --cache, --limit and --label-pattern.

      Exit codes: 0 done; 64 wrong options; 65 a file is not what it should be, or does not fit the model; 66 a file cannot \
      be read; 71 MPI or the system failed, or memory ran out; 73 --output, --sort or --cache cannot be used; 74 writing \
      failed; 75 stopped by a signal; 80 a rank hangs or is lost.
      """,
    version: BuildInformation.version)

  @Argument(help: "Directory of a finished run of dbc-train, or its model.safetensors.")
  var model: String

  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Labels, for the results' column only") var labels: LabelOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Directory of the results: assignments.csv, details.csv, embeddings.npy and scores.npy, or those of --format only.",
      valueName: "directory"))
  var output: String?

  @Flag(help: "Replace the results of dbc-assign that the output directory holds.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "Form of the results: csv (default on standard output), jsonl (an object per image), or npy (features and scores; needs --output).",
      valueName: "form"))
  var format: ResultForm?

  @Option(
    help: ArgumentHelp(
      "Put the image files into folders by cluster, in this new or empty directory, and write no table but with --output or --format.",
      discussion:
        "Folders are called 00, 01, … or as names.csv (cluster,name) in the run's directory says. No file is ever overwritten.",
      valueName: "directory"))
  var sort: String?

  @Option(
    help: ArgumentHelp(
      "How --sort puts a file there: link (hard link), symlink or copy (default: the first of these that works).",
      valueName: "way"))
  var by: SortWay?

  /// Whether rows go to standard output.
  var writesRows: Bool { output == nil && (sort == nil || format != nil) }

  @Flag(name: .shortAndLong, help: "Print nothing but the rows, errors and warnings.")
  var quiet = false

  func validate() throws {
    if format == .npy, output == nil { throw ValidationError("--format npy needs --output") }
    if by != nil, sort == nil { throw ValidationError("--by says how --sort works, which is not given") }
    if let sort, let output, FileName.absolute(sort) == FileName.absolute(output) {
      throw ValidationError("--sort needs a directory of its own, not that of --output")
    }
    if overwrite, output == nil { throw ValidationError("--overwrite is about --output, which is not given") }
  }
}

/// The form of the results.
enum ResultForm: String, CaseIterable, ExpressibleByArgument, Sendable {
  case csv, jsonl, npy
}

/// How a file comes to a second place.
enum SortWay: String, CaseIterable, ExpressibleByArgument, Sendable {
  case link, symlink, copy
}
