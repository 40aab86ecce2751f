import ArgumentParser
import Commands
import Lanes

/// What `--help` and `--version` say, and the options.
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dbc-report",
    abstract: "Makes one HTML page of a finished run of dbc-train.",
    usage: "dbc-report <run> [--output <file.html>] [--labels <source>]",
    discussion: """
      The page needs no network and no other file: the clusters with their most typical and their doubtful images, a map of \
      all images, pairs of clusters that might be one, outliers and near-duplicates, learning curves and, with labels, the \
      confusion matrix and the measures. Beside it are written doubtful.csv, outliers.csv, duplicates.csv and map.npy.

      Pictures are read from where the run found them; where they are gone, the page has none. A page that has pictures is not \
      replaced by one that has none.

      --help-all shows every option, such as --label-pattern.

      Exit codes: 0 done; 64 wrong options; 65 a file is not what it should be; 66 there is no finished run, or a file \
      cannot be read; 70 internal error; 71 MPI or the system failed, or memory ran out; 73 --output cannot be used, \
      or would lose its pictures; 74 writing failed.
      """,
    version: BuildInformation.version)

  @Argument(help: ArgumentHelp("Output directory of dbc-train.", valueName: "run"))
  var run: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The page; its tables are written to the same folder (default: report.html in the run's directory).",
      valueName: "file.html"))
  var output: String?

  @OptionGroup(title: "Labels, where the run had none, or others") var labels: LabelOptions
}

/// The options of a run by which its images are found again.
struct RecordedOptions: ParsableArguments {
  @OptionGroup var images: ImageOptions
  @OptionGroup var labels: LabelOptions
  @OptionGroup var preparation: PreparationOptions
}
