import ArgumentParser
import Clustering
import FCAE
import MPI
import Training

/// The command line of dbc-train.
struct Options: ParsableArguments {
  @OptionGroup(title: "Images") var data: DataOptions
  @OptionGroup(title: "Network") var network: NetworkOptions
  @OptionGroup(title: "Stage I, refinement and first partition") var pretraining: PretrainingOptions
  @OptionGroup(title: "Stage II: learning chain (DBC)") var chain: ChainOptions
  @OptionGroup(title: "Run") var run: RunOptions

  func validate() throws {
    guard network.initialModel != nil else { return }
    if network.augment == .compared {
      throw ValidationError(
        "--augment auto trains networks from the beginning, and cannot start from --init; use affine or none")
    }
    if let members = pretraining.members, members > 1 {
      throw ValidationError(
        "--init starts one network, and --members \(members) would train the others, with the last of which the run "
          + "goes on, from the beginning; leave --members out")
    }
  }

  /// The options as the trainer takes them: what is not given is the recipe's for so many images.
  func training(images: Int) -> TrainingOptions {
    var options = TrainingOptions(run.recipe, images: images)
    options.clusters = data.clusters
    options.seed = run.seed
    options.batchSize = network.batchSize ?? options.batchSize
    options.batchNorm = network.batchNorm
    options.featureActivation = network.featureActivation
    options.allReduce = run.allReduce
    options.pretrainEpochs = pretraining.pretrainEpochs ?? options.pretrainEpochs
    options.pretrainLearningRate = pretraining.pretrainLearningRate ?? options.pretrainLearningRate
    options.optimizer = pretraining.optimizer
    options.initialPartition = pretraining.initialPartition ?? options.initialPartition
    options.neighbours = pretraining.neighbours
    options.pixelGraph = pretraining.pixelGraph
    options.graphLimit = pretraining.graphImages
    let ensemble = network.initialModel == nil && options.initialPartition == .graph
    options.members = pretraining.members ?? (ensemble ? options.members : 1)
    let comparable = network.initialModel == nil && options.members > 1
    if options.augmentation == .compared, !comparable { options.augmentation = .fixed(.affine) }
    options.augmentation = network.augment ?? options.augmentation
    options.refinementEpochs = pretraining.refinementEpochs ?? options.refinementEpochs
    options.schedule = run.schedule ?? options.schedule
    options.refinementDegreesOfFreedom = pretraining.refinementDegreesOfFreedom
    options.refinementLearningRate = pretraining.refinementLearningRate ?? options.refinementLearningRate
    options.reconstructionWeight = chain.reconstructionWeight
    options.partitionEpochs = chain.partitionEpochs ?? options.partitionEpochs
    options.refinementFactor = pretraining.refinementFactor ?? options.refinementFactor
    options.kmeansRestarts = pretraining.kmeansRestarts ?? options.kmeansRestarts
    options.pixelKMeans = pretraining.pixelKMeans
    options.chainEpochs = chain.chainEpochs ?? options.chainEpochs
    options.refreshEpochs = chain.refreshEpochs ?? options.refreshEpochs
    if run.recipe == .graph { options.refreshes = options.refreshesToTheEnd }
    options.refreshes = chain.refreshes ?? options.refreshes
    options.iterations = chain.iterations ?? options.iterations
    options.learningRate = chain.learningRate ?? options.learningRate
    options.chainOptimizer = chain.chainOptimizer
    options.boost = chain.boost
    if run.recipe == .graph { options.degreesOfFreedom = options.guidedDegreesOfFreedom }
    options.degreesOfFreedom = chain.degreesOfFreedom ?? options.degreesOfFreedom
    options.normalization = chain.normalization
    options.target = chain.target
    return options
  }
}

struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("images"),
    help: ArgumentHelp(
      "IDX file (plain or gzip) or folder of PNG and JPEG files; may be given several times.",
      discussion: "Without it, a built-in set of drawn glyphs in ten classes is clustered.",
      valueName: "path"))
  var images: [String] = []

  @Option(
    name: .customLong("labels"),
    help: ArgumentHelp(
      "IDX file of labels, used for ACC, NMI and ARI only; one per IDX file of images, in the same order.",
      valueName: "path"))
  var labels: [String] = []

  @Option(
    help: ArgumentHelp(
      "Regular expression with one group that finds the label in an image's file name, such as 'obj([0-9]+)__'.",
      discussion: "Folders without it are labelled by their sub-folders, if they have any.",
      valueName: "regex"))
  var labelPattern: String?

  @Option(help: ArgumentHelp("Use the first N images only.", valueName: "N"))
  var limit: Int?

  @Option(help: ArgumentHelp("Images of the built-in set.", valueName: "N"))
  var builtInImages = 10000

  @Option(name: .shortAndLong, help: ArgumentHelp("Number of clusters K.", valueName: "K"))
  var clusters = 10
}

struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Auto-encoder: mnist (28×28), usps (16×16), coil (128×128) as in the paper, or auto for any size.",
      valueName: "name"))
  var architecture = "auto"

  @Option(help: "Activation of the feature layer.")
  var featureActivation = FeatureActivation.relu

  @Option(
    help: ArgumentHelp(
      "Small random affine maps of the images in training steps: none, affine, magnitudes such as "
        + "rotation=10,shift=0.07,scale=0.1,shear=0.1 (degrees, shares of the size, columns per row), or auto. "
        + "(default: auto; paper: none)",
      discussion:
        "auto trains the first network with affine and with none, and goes on with the one whose neighbour graphs fall "
        + "into clusters best, by their modularity; with --members 1, --init or --initial-partition kmeans the default is affine.",
      valueName: "maps"))
  var augment: AugmentationChoice?

  @Option(
    help: ArgumentHelp(
      "Images of a mini-batch over all ranks, a multiple of 16. (default: 32 to 256, by the number of images; paper: 256)",
      valueName: "images"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Batch-norm statistics over the whole mini-batch (sync) or over each rank's part of it (local).",
      discussion: "local saves messages, but its results depend on the number of ranks."))
  var batchNorm = BatchNormScope.sync

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Start from the weights and running statistics of a model.safetensors.",
      discussion:
        "Centres in the file are not used: k-means finds new ones. With --pretrain-epochs 0 stage I is skipped.",
      valueName: "file"))
  var initialModel: String?
}

struct PretrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Passes over the data in stage I; 0 leaves the network as it is drawn or loaded. (default: 6 to 30, by the number of images; paper: 20)",
      valueName: "epochs"))
  var pretrainEpochs: Int?

  @Option(help: ArgumentHelp("Learning rate of stage I. (default: 0.001)", valueName: "rate"))
  var pretrainLearningRate: Double?

  @Option(help: "Optimiser of stage I: sgd (momentum 0.9) or adam.")
  var optimizer = TrainingOptions().optimizer

  @Option(
    help:
      "First partition: kmeans of the features, or graph (their neighbour graph, cut). (default: graph; paper: kmeans)"
  )
  var initialPartition: InitialPartition?

  @Option(
    help: ArgumentHelp(
      "Epochs of the learning chain for finer clusters between the stages, which sharpens the features. (default: 30; paper: 0)",
      valueName: "epochs"))
  var refinementEpochs: Int?

  @Option(help: ArgumentHelp("Learning rate of the refinement. (default: 0.001)", valueName: "rate"))
  var refinementLearningRate: Double?

  @Option(help: ArgumentHelp("Degrees of freedom ν of the refinement's scores.", valueName: "nu"))
  var refinementDegreesOfFreedom = TrainingOptions().refinementDegreesOfFreedom

  @Option(
    help: ArgumentHelp(
      "Finer clusters per cluster in the refinement. (default: 8; paper: 4)", valueName: "factor"))
  var refinementFactor: Int?

  @Option(
    help: ArgumentHelp(
      "Networks trained one after another from different seeds; the first partition comes from the mean of their "
        + "neighbour graphs, or from one of them, and the last network goes on. (default: 2, with --init or --initial-partition kmeans 1; paper: 1)",
      valueName: "networks"))
  var members: Int?

  @Option(
    help: ArgumentHelp(
      "Nearest neighbours per image in the graph. (default: 1 + log of a cluster's average size)",
      valueName: "images"))
  var neighbours: Int?

  @Option(
    help: ArgumentHelp(
      "Images that the neighbour graph is made of at most; the others follow their nearest neighbour among them.",
      discussion: "The exact search for neighbours takes time as the square of their number.",
      valueName: "images"))
  var graphImages = TrainingOptions().graphLimit

  @Flag(
    inversion: .prefixedNo,
    help:
      "Judge partitions by a graph in which the pixels, as thumbnails, have half of the weight and the features the other, and partition it, too."
  )
  var pixelGraph = true

  @Option(
    help: ArgumentHelp(
      "Runs of k-means; the one with the lowest inertia wins. (default: 4; paper: 20)", valueName: "runs"))
  var kmeansRestarts: Int?

  @Flag(name: .customLong("pixel-kmeans"), help: "Also report k-means on the raw pixels, for comparison.")
  var pixelKMeans = false
}

struct ChainOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Epochs T of the learning chain at most; it stops earlier when no assignment changes. (default: 48; paper: 50)",
      valueName: "epochs"))
  var chainEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "How often a new partition of the neighbour graph replaces the chain's. (default: every --refresh-epochs to the chain's end, 3 times; paper: 0)",
      valueName: "times"))
  var refreshes: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs for which a partition of the neighbour graph is then the target in place of R. (default: 10; paper: 1)",
      valueName: "epochs"))
  var partitionEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "Epochs from one partition of the neighbour graph to the next. (default: 12; paper: 10)",
      valueName: "epochs"))
  var refreshEpochs: Int?

  @Option(
    help: ArgumentHelp(
      "Weight of the reconstruction's mean squared error in the loss of refinement and stage II; 0 leaves the decoder as stage I left it.",
      valueName: "weight"))
  var reconstructionWeight = TrainingOptions().reconstructionWeight

  @Option(
    help: ArgumentHelp(
      "Mini-batches B per epoch of refinement and stage II. (default: one pass over the data)",
      valueName: "steps"))
  var iterations: Int?

  @Option(help: ArgumentHelp("Learning rate of stage II. (default: 0.001; paper: 0.0001)", valueName: "rate"))
  var learningRate: Double?

  @Option(help: "Optimiser of refinement and stage II: sgd (momentum 0.9) or adam.")
  var chainOptimizer = TrainingOptions().chainOptimizer

  @Option(
    help: ArgumentHelp(
      "Exponent α > 1 of the boosted target, in refinement and stage II.", valueName: "alpha"))
  var boost = TrainingOptions().boost

  @Option(
    help: ArgumentHelp(
      "Degrees of freedom ν of stage II's Student-t scores: with more of them scores come closer to 0 and 1. (default: 5; paper: 1)",
      discussion:
        "The default is 1 where the chain is mostly left to its own target R, as with --initial-partition kmeans or --refreshes 0: with 5 it then drifts away from a good partition.",
      valueName: "nu"))
  var degreesOfFreedom: Double?

  @Option(help: "What a cluster's boosted scores are divided by: Σ s^α (dbc), Σ s (dec) or nothing (none).")
  var normalization = TrainingOptions().normalization

  @Option(
    help: "Who computes the target R: rank 0 (root), or every rank its rows (distributed, the same bits).")
  var target = TrainingOptions().target
}

struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What other options default to: graph (the first partition from the neighbour graph of refined features, small random affine maps), or paper (the paper's method alone: k-means, images as they are)."
    ))
  var recipe = Recipe.graph

  @Option(
    help:
      "Learning rate within stage II: constant, or cosine (down to zero). (default: cosine; paper: constant)")
  var schedule: LearningRateSchedule?

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
      "When checkpoints are written: every so many epochs (1), after a time (10m, 1h), or never.",
      discussion: "The last two are kept. A run that is stopped by a signal or by time always writes one.",
      valueName: "interval"))
  var checkpointEvery = CheckpointInterval.epochs(1)

  @Option(
    help: ArgumentHelp(
      "Stop after this time (90s, 55m, 2h) with a checkpoint and exit code 75.",
      discussion: "The end of a Slurm or PBS job, where it is known, does the same.", valueName: "time"))
  var maxTime: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "End the job, with the name of the rank that is late and exit code 80, when no rank has made progress for this time "
        + "(10m, 90s, 1h30m), or one gives no sign of life; 0 or never: wait for ever.",
      discussion:
        "Six times as long while a rank does work that the others wait for (R, metrics, checkpoints, files).",
      valueName: "time"))
  var hangTimeout = HangTimeout(seconds: 600)

  @Option(help: ArgumentHelp("Seed of every random draw.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(
    help: "Order of sums over ranks: fixed-order (same bits on any number of ranks) or native (MPI's own).")
  var allReduce = ReductionMode.fixedOrder

  @Option(
    help: ArgumentHelp(
      "Write what every rank did when as a trace for ui.perfetto.dev or chrome://tracing.", valueName: "file")
  )
  var trace: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors and warnings.")
  var quiet = false
}

extension LearningRateSchedule: ExpressibleByArgument {}
extension Recipe: ExpressibleByArgument {}
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
