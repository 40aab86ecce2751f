import ArgumentParser
import Clustering
import Commands
import FCAE
import MPI
import Training

/// The command line of dbc-train.
package struct Options: ParsableArguments {
  @OptionGroup(title: "Images") var images: ImageOptions
  @OptionGroup(title: "Labels, for ACC, NMI and ARI only") var labels: LabelOptions
  @OptionGroup(title: "From pictures to images of one size") var preparation: PreparationOptions
  @OptionGroup(title: "Clusters and network") var network: NetworkOptions
  @OptionGroup(title: "Stage I, refinement and first partition") var pretraining: PretrainingOptions
  @OptionGroup(title: "Stage II: learning chain (DBC)") var chain: ChainOptions
  @OptionGroup(title: "Run") var run: RunOptions

  /// What `ArgumentParser` fills in.
  package init() {}

  /// Throws where options that were given contradict each other.
  package func validate() throws {
    guard network.initialModel != nil else { return }
    let given = given
    if let members = given[\.members], members > 1 {
      throw ValidationError(
        "--init starts one network, and --members \(members) would train the others, with the last of which the run "
          + "goes on, from the beginning; leave --members out")
    }
  }

  /// Throws where there is no number of clusters and none can be found, or one is to be suggested that is given.
  ///
  /// - Parameter modelClusters: K of the model whose clusters keep their numbers
  func requireClusters(_ training: TrainingOptions, modelClusters: Int?) throws(TrainingError) {
    let count = training.clusterCount
    if (given[\.clusterCount] ?? modelClusters.map { ClusterCount($0) }) == nil, !isBuiltIn,
      run.recipe == .paper || training.initialPartition == .kmeans
    {
      throw .options(
        "how many clusters are there? Give --clusters K: it is found by neighbour graphs only, with --recipe graph and "
          + "--initial-partition graph")
    }
    if network.suggestOnly, !count.isRange {
      throw .options(
        "--suggest-only suggests a number of clusters in a range, such as --clusters 2...20, and there are \(count.text)"
      )
    }
  }

  /// Whether the images are the built-in ones.
  private var isBuiltIn: Bool { images.images.isEmpty }

  /// The groups, in which every option is.
  package var groups: [any ParsableArguments] {
    [images, labels, preparation, network, pretraining, chain, run]
  }

  /// The options as the trainer takes them: what is not given is the recipe's for so many images.
  ///
  /// - Parameter modelClusters: K of the model whose clusters keep their numbers
  package func training(images: Int, modelClusters: Int? = nil) -> TrainingOptions {
    var given = given
    if let modelClusters, given[\.clusterCount] == nil { given[\.clusterCount] = ClusterCount(modelClusters) }
    return TrainingOptions(
      run.recipe, images: images, startsFromModel: network.initialModel != nil, isBuiltIn: isBuiltIn,
      given: given)
  }

  /// The seed of the run.
  var seed: UInt64 { given[\.seed] ?? TrainingOptions().seed }
}

struct NetworkOptions: ParsableArguments {
  @Option(\.clusterCount, short: "c") var clusters

  @Flag(
    help: ArgumentHelp(
      "Stop with exit code 0 once the number of clusters is found in the range; --resume goes on.",
      visibility: .hidden))
  var suggestOnly = false

  @Option(
    help: ArgumentHelp(
      "Auto-encoder: mnist (28×28), usps (16×16), coil (128×128) as in the paper, or auto for any size.",
      valueName: "name", visibility: .hidden))
  var architecture = "auto"

  @Option(\.featureActivation) var featureActivation
  @Option(\.augmentation) var augment
  @Option(\.batchSize) var batchSize
  @Option(\.batchNorm) var batchNorm
  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Start from a trained model: a run's directory, or its model.safetensors.",
      discussion:
        "K is the model's, and clusters keep their numbers: k-means makes one run, from the model's clusters of the images, and "
        + "the neighbour graph's partition is numbered by them. With --pretrain-epochs 0 stage I is skipped.",
      valueName: "model", visibility: .hidden))
  var initialModel: String?

  @Flag(
    help: ArgumentHelp(
      "With --init: take the weights alone, and find and number the clusters anew.", visibility: .hidden))
  var freshCentres = false
}

struct PretrainingOptions: ParsableArguments {
  @Option(\.pretrainEpochs) var pretrainEpochs
  @Option(\.pretrainLearningRate) var pretrainLearningRate
  @Option(\.optimizer) var optimizer
  @Option(\.initialPartition) var initialPartition
  @Option(\.refinementEpochs) var refinementEpochs
  @Option(\.refinementLearningRate) var refinementLearningRate
  @Option(\.refinementDegreesOfFreedom) var refinementDegreesOfFreedom
  @Option(\.refinementFactor) var refinementFactor
  @Option(\.members) var members
  @Option(\.neighbours) var neighbours
  @Option(\.graphLimit) var graphImages
  @Option(\.kmeansRestarts) var kmeansRestarts
  @Flag(\.pixelKMeans) var pixelKMeans: Bool
}

struct ChainOptions: ParsableArguments {
  @Option(\.chainEpochs) var chainEpochs
  @Option(\.partitionEpochs) var partitionEpochs
  @Option(\.graphWeight) var graphWeight
  @Option(\.refreshEpochs) var refreshEpochs
  @Option(\.reconstructionWeight) var reconstructionWeight
  @Option(\.iterations) var iterations
  @Option(\.learningRate) var learningRate
  @Option(\.chainOptimizer) var chainOptimizer
  @Option(\.boost) var boost
  @Option(\.degreesOfFreedom) var degreesOfFreedom
  @Option(\.normalization) var normalization
  @Option(\.target) var target
}

struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What other options default to: graph (the first partition from the neighbour graph of refined features, small random affine maps), or paper (the paper's method alone: k-means, images as they are).",
      visibility: .hidden))
  var recipe = Recipe.graph

  @Option(\.schedule) var schedule
  @Option(name: .shortAndLong, help: ArgumentHelp("Directory of the results.", valueName: "directory"))
  var output = "runs/latest"

  @Flag(help: "Replace the run that the output directory holds, unless --resume continues it.")
  var overwrite = false

  @Option(
    defaultAsFlag: "", parsing: .next,
    help: ArgumentHelp(
      "Continue the run in the output directory from its newest checkpoint, or begin it where there is none.",
      discussion:
        "With a path (a run's directory, or one generation of its checkpoints) continue from there; with --overwrite also "
        + "from an older generation of the run in the output directory, whose newer ones and results are removed. On any "
        + "number of ranks, the result is that of a run that was never interrupted.",
      valueName: "path"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Take the options of another run from its config.json, but for those that are given here and --output.",
      discussion: "--resume takes them from the run that it continues.", valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "When checkpoints are written: every so many epochs (1), after a time (10m, 1h), or never.",
      discussion: "The last two are kept. A run that is stopped by a signal or by time always writes one.",
      valueName: "interval", visibility: .hidden))
  var checkpointEvery = CheckpointInterval.epochs(1)

  @Option(
    help: ArgumentHelp(
      "Stop after this time (90s, 55m, 2h, 1h30m) with a checkpoint and exit code 75.",
      discussion: "The end of a Slurm or PBS job, where it is known, does the same.", valueName: "time"))
  var maxTime: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "End the job, with the name of the rank that is late and exit code 80, when no rank has made progress for this time "
        + "(10m, 90s, 1h30m), or one gives no sign of life; 0 or never: wait for ever.",
      discussion:
        "Six times as long while a rank does work that the others wait for (R, metrics, checkpoints, files).",
      valueName: "time", visibility: .hidden))
  var hangTimeout = HangTimeout(seconds: 600)

  @Option(\.seed) var seed
  @Option(\.allReduce) var allReduce
  @Option(
    help: ArgumentHelp(
      "Write what every rank did when as a trace for ui.perfetto.dev or chrome://tracing.", valueName: "file",
      visibility: .hidden)
  )
  var trace: String?

  @Flag(
    help: ArgumentHelp(
      "Write curves and reconstructed images for TensorBoard, as the run goes on, to tensorboard/ in the output directory.",
      visibility: .hidden))
  var tensorboard = false

  @Flag(help: "Leave out report.html, the page about the run, and its tables.")
  var noReport = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors and warnings.")
  var quiet = false

  @Flag(help: "Show all options by topic, the method, and the exit codes.")
  var helpAll = false
}

extension LearningRateSchedule: ExpressibleByArgument {}
extension Recipe: ExpressibleByArgument {}
extension ClusterCount: ExpressibleByArgument {
  /// What follows `--clusters`.
  package init?(argument: String) { self.init(argument) }
  /// What `--help` shows.
  package var defaultValueDescription: String { text }
}
extension InitialPartition: ExpressibleByArgument {}
extension FeatureActivation: ExpressibleByArgument {}
extension AugmentationChoice: ExpressibleByArgument {
  /// What follows `--augment`.
  package init?(argument: String) { self.init(argument) }
  /// What `--help` shows.
  package var defaultValueDescription: String { text }
}
extension BatchNormScope: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension TargetNormalization: ExpressibleByArgument {}
extension TargetMode: ExpressibleByArgument {}
extension ReductionMode: ExpressibleByArgument {}
