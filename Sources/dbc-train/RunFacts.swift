import Clustering
import Commands
import Dataset
import FCAE
import FoundationEssentials
import Images
import Lanes
import MPI
import Training

/// What a run runs on, for its header and config.json.
struct RunFacts {
  let ranks: Int
  let hosts: [String]
  let cpu: String
  let mpi: String
  let data: String
  let images: Int
  /// What is known of the images.
  let pixels: PixelFacts
  /// What was done to the images, left out or guessed; on rank 0.
  let notes: [ImageCatalogue.Note]
  /// The classes' names in the order of their numbers, where there are labels; on rank 0.
  let classes: [String]?
  /// The file of decoded images that they come from; nil where they were decoded.
  let packedPath: String?
  /// What finding and decoding the images took.
  let readSeconds: Double
  /// How pictures become images.
  let preparation: Preparation
  let architecture: Architecture
  let parameters: Int
  let activationBytes: Int

  /// **Collective.**
  init(
    _ world: borrowing Communicator, _ architecture: Architecture, _ network: borrowing AutoEncoder,
    _ inputs: RunInputs
  ) throws {
    let set = inputs.set
    packedPath = set.packedPath
    (pixels, readSeconds) = (inputs.facts, inputs.readSeconds)
    ranks = world.size
    let names = try world.hosts()
    hosts = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    cpu = "\(BuildInformation.cpu), compiled for \(BuildInformation.vectorInstructions)"
    mpi = MPIRuntime.libraryName
    data = set.catalogue?.summary ?? ""
    images = set.plan.count
    notes = set.catalogue?.allNotes ?? []
    classes = set.catalogue?.labels?.names
    preparation = set.plan.preparation
    self.architecture = architecture
    parameters = network.layout.parameterCount
    activationBytes = network.activationBytes
  }

  /// What is odd about the images, with so many clusters.
  func warnings(clusters: Int) -> [String] {
    let distinct = pixels.distinctImages
    if distinct < clusters {
      return [
        "only \(distinct) of the \(images) images differ from each other: \(clusters) clusters cannot be told apart; "
          + "ask for fewer --clusters"
      ]
    }
    var warnings: [String] = []
    if images >= 10 * distinct {
      warnings.append("\(images - distinct) of the \(images) images are copies of others, to the last byte")
    }
    if 10 * pixels.constantImages >= 9 * images {
      warnings.append("\(pixels.constantImages) of the \(images) images are of one colour each")
    }
    return warnings
  }

  /// Every option that shapes the result, what it runs on, and what its bits depend on.
  func config(_ options: Options, _ training: TrainingOptions, _ identity: RunIdentity) -> RunConfig {
    var config = RunConfig()
    config.version = BuildInformation.version
    config.started = Date.now.ISO8601Format()
    (config.ranks, config.hosts) = (ranks, hosts)
    (config.cpu, config.mpi) = (cpu, mpi)
    (config.data, config.parameters) = (data, parameters)
    config.notes = notes.map { "\($0.title): \($0.text)" }
    (config.classes, config.preparation) = (classes, preparation)
    config.options = options.config(training)
    config.identity = identity
    return config
  }
}
