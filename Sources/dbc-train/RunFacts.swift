import Clustering
import Dataset
import FCAE
import Foundation
import Lanes
import MPI
import Report
import Training

/// What a run runs on, for its header and config.json.
struct RunFacts {
  let ranks: Int
  let hosts: [String]
  let cpu: String
  let blas: String
  let mpi: String
  let data: String
  let architecture: Architecture
  let parameters: Int
  let activationBytes: Int

  /// **Collective.**
  init(
    _ world: borrowing Communicator, _ architecture: Architecture, _ network: borrowing AutoEncoder,
    _ catalogue: ImageCatalogue
  ) throws {
    ranks = world.size
    let names = try world.hosts()
    hosts = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    cpu = "\(BuildInformation.cpu), compiled for \(BuildInformation.vectorInstructions)"
    blas = "OpenBLAS \(BLAS.coreName)"
    mpi = MPIRuntime.libraryVersion.split(separator: ",").first.map(String.init) ?? ""
    data = catalogue.summary
    self.architecture = architecture
    parameters = network.layout.parameterCount
    activationBytes = network.activationBytes
  }

  /// Every option that shapes the result, what it runs on, and what its bits depend on.
  func config(_ options: Options, _ training: TrainingOptions, _ identity: RunIdentity) -> JSONLine {
    var config = JSONLine()
    config.add("version", BuildInformation.version)
    config.add("started", Date.now.ISO8601Format())
    config.add("ranks", ranks)
    config.add("hosts", hosts)
    config.add("cpu", cpu)
    config.add("blas", blas)
    config.add("mpi", mpi)
    config.add("data", data)
    config.add("parameters", parameters)
    config.add("options", self.options(options, training))
    config.add("identity", identity.json)
    return config
  }

  private func options(_ options: Options, _ training: TrainingOptions) -> JSONLine {
    var json = JSONLine()
    json.add("images", options.data.images)
    json.add("labels", options.data.labels)
    if let pattern = options.data.labelPattern { json.add("label_pattern", pattern) }
    if let limit = options.data.limit { json.add("limit", limit) }
    if options.data.images.isEmpty { json.add("built_in_images", options.data.builtInImages) }
    json.add("recipe", options.run.recipe.rawValue)
    json.add("clusters", training.clusters)
    json.add("architecture", options.network.architecture)
    json.add("feature_activation", training.featureActivation.rawValue)
    json.add("augment", training.augmentation.text)
    json.add("batch_size", training.batchSize)
    json.add("batch_norm", training.batchNorm.rawValue)
    if let file = options.network.initialModel { json.add("init", file) }
    json.add("pretrain_epochs", training.pretrainEpochs)
    json.add("pretrain_learning_rate", training.pretrainLearningRate)
    json.add("optimizer", training.optimizer.rawValue)
    json.add("kmeans_restarts", training.kmeansRestarts)
    json.add("initial_partition", training.initialPartition.rawValue)
    if let neighbours = training.neighbours { json.add("neighbours", neighbours) }
    json.add("pixel_graph", training.pixelGraph)
    json.add("graph_images", training.graphLimit)
    json.add("refinement_epochs", training.refinementEpochs)
    json.add("members", training.members)
    json.add("schedule", training.schedule.rawValue)
    json.add("refinement_learning_rate", training.refinementLearningRate)
    json.add("refinement_degrees_of_freedom", training.refinementDegreesOfFreedom)
    json.add("refinement_factor", training.refinementFactor)
    json.add("refreshes", training.refreshes)
    json.add("refresh_epochs", training.refreshEpochs)
    json.add("partition_epochs", training.partitionEpochs)
    json.add("reconstruction_weight", training.reconstructionWeight)
    json.add("pixel_kmeans", training.pixelKMeans)
    json.add("chain_epochs", training.chainEpochs)
    if let iterations = training.iterations { json.add("iterations", iterations) }
    json.add("learning_rate", training.learningRate)
    json.add("chain_optimizer", training.chainOptimizer.rawValue)
    json.add("boost", training.boost)
    json.add("degrees_of_freedom", training.degreesOfFreedom)
    json.add("normalization", training.normalization.rawValue)
    json.add("target", training.target.rawValue)
    json.add("output", options.run.output)
    json.add("seed", String(training.seed))
    json.add("all_reduce", training.allReduce.rawValue)
    return json
  }
}
