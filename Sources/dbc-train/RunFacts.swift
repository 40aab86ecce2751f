import Clustering
import Dataset
import FCAE
import Foundation
import Lanes
import MPI
import Training

/// What a run runs on, for its header and config.json.
struct RunFacts {
  let ranks: Int
  let hosts: [String]
  let cpu: String
  let blas: String
  let mpi: String
  let data: String
  let images: Int
  /// Images that differ from each other in some byte.
  let distinctImages: Int
  let architecture: Architecture
  let parameters: Int
  let activationBytes: Int

  /// **Collective.**
  init(
    _ world: borrowing Communicator, _ architecture: Architecture, _ network: borrowing AutoEncoder,
    _ catalogue: ImageCatalogue, distinctImages: Int
  ) throws {
    ranks = world.size
    let names = try world.hosts()
    hosts = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    cpu = "\(BuildInformation.cpu), compiled for \(BuildInformation.vectorInstructions)"
    blas = "OpenBLAS \(BLAS.coreName)"
    mpi = MPIRuntime.libraryVersion.split(separator: ",").first.map(String.init) ?? ""
    data = catalogue.summary
    images = catalogue.count
    self.distinctImages = distinctImages
    self.architecture = architecture
    parameters = network.layout.parameterCount
    activationBytes = network.activationBytes
  }

  /// What is odd about the images, with so many clusters.
  func warnings(clusters: Int) -> [String] {
    if distinctImages < clusters {
      return [
        "only \(distinctImages) of the \(images) images differ from each other: \(clusters) clusters cannot be told apart; "
          + "ask for fewer --clusters"
      ]
    }
    return images >= 10 * distinctImages
      ? ["\(images - distinctImages) of the \(images) images are copies of others, to the last byte"] : []
  }

  /// Every option that shapes the result, what it runs on, and what its bits depend on.
  func config(_ options: Options, _ training: TrainingOptions, _ identity: RunIdentity) -> RunConfig {
    var config = RunConfig()
    config.version = BuildInformation.version
    config.started = Date.now.ISO8601Format()
    (config.ranks, config.hosts) = (ranks, hosts)
    (config.cpu, config.blas, config.mpi) = (cpu, blas, mpi)
    (config.data, config.parameters) = (data, parameters)
    config.options = options.config(training)
    config.identity = identity
    return config
  }
}
