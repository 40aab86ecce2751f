import ArgumentParser
import Lanes

/// What `--help` and `--version` say, and the options.
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dbc-train",
    abstract: "Clusters images: a convolutional auto-encoder, then Discriminatively Boosted Clustering.",
    usage: "mpirun -np N dbc-train [--images <path> …] [--clusters <K>] [--output <directory>] [options]",
    discussion: """
      Examples:
        mpirun -np 2 dbc-train --output runs/glyphs
        mpirun -np 2 dbc-train --images photos/ --clusters 20 --output runs/photos
        mpirun -np 2 dbc-train --images data.npy --output runs/data

      The output directory receives assignments.csv, scores.npy, embeddings.npy, model.safetensors (PyTorch's names and \
      shapes), metrics.jsonl (a line per epoch and partition) and config.json.
      """,
    version: BuildInformation.version)

  @OptionGroup var options: Options

  /// What `--help-all` says: all options by topic, and what they are about.
  static var wholeHelp: String { "\(helpMessage(includeHidden: true))\n\(method)\n\n\(exitCodes)" }

  private static let method = """
    METHOD:
      Stage I trains a fully convolutional auto-encoder to reconstruct the images.
      Its features are refined, and the graph of nearest neighbours that two such
      networks find is cut into the first clusters. Stage II trains encoder and
      centres together on these, and on a boosted target of its own. --recipe
      paper is the method as published: k-means of the features, then the boosted
      target until no image changes its cluster (Li, Qiao, Xi, Zhang:
      arXiv:1703.07980). The images of a mini-batch are divided over the ranks in
      groups of 16; more ranks than groups help with all the rest. The result is the
      same to the last bit on any number of ranks.
    """

  private static let exitCodes = """
    EXIT CODES:
      0   done
      64  wrong options
      65  a file is not what it should be, or no checkpoint fits
      66  a file cannot be read
      70  internal error
      71  MPI or the system failed, memory ran out, or ranks do not belong
          together
      73  the output directory or --cache cannot be used
      74  writing failed
      75  stopped by a signal or by time, --resume continues
      76  the loss or the features became NaN, infinite or too large
      78  compiled for another CPU
      79  a rank's parameters drifted from the others'
      80  a rank hangs or is lost, and is named
      137 a rank was killed, or mpirun after 80
    """
}
