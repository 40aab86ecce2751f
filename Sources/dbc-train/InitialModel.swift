import Basics
import Commands
import Dataset
import FCAE
import MPI
import Report
import Training

/// The model that a run starts from, as `--init` names it: a run's directory, or a model file.
struct InitialModel {
  /// The model file.
  let path: String
  /// What is in it; on rank 0.
  let contents: SafeTensors?
  /// What it says; nil where the run finds centres of its own.
  let facts: TrainedModel.Facts?

  /// What all ranks know of it.
  private struct Known: Codable {
    let path: String
    let facts: TrainedModel.Facts?
  }

  /// Reads the model on rank 0. **Collective.** Throws on all ranks where there is none that can be used.
  ///
  /// - Returns: nil where the run starts from none; and where it goes on from a checkpoint, which has all that it needs, unless the
  ///   command line itself names a model that is still there.
  static func read(_ options: Options, _ world: borrowing Communicator) throws -> InitialModel? {
    var contents: SafeTensors?
    let known = try world.onRoot { () -> Known? in
      guard let argument = options.network.initialModel else {
        guard !options.network.freshCentres else {
          throw TrainingError.options(
            "--fresh-centres says what becomes of the centres of --init, which is not given")
        }
        return nil
      }
      func read() throws -> Known {
        let path = try ModelLocation(argument).file
        let file = try SafeTensors.read(path)
        let facts = options.network.freshCentres ? nil : try TrainedModel.Facts(file, path)
        contents = file
        return Known(path: path, facts: facts)
      }
      guard options.run.findsCheckpoint else { return try read() }
      let isNamed = FileName.arguments.contains { $0 == "--init" || $0.hasPrefix("--init=") }
      return isNamed ? try? read() : nil
    }
    return known.map { InitialModel(path: $0.path, contents: contents, facts: $0.facts) }
  }

  /// K, where the run takes it from the model.
  var clusters: Int? { facts?.clusters }

  /// What is in the file, as a run's identity has it.
  var sum: String? { contents?.sum.text }

  /// Throws where the model's centres are of no use to a run with these options, this network and images like these.
  func require(
    _ training: TrainingOptions, _ preparation: Preparation, _ architecture: Architecture
  ) throws {
    guard let facts else { return }
    func fail(_ text: String) -> ReportError { ReportError(.malformed, path, text) }
    let (model, images) = (facts.preparation.shape, preparation.shape)
    guard model == images else {
      let colour =
        model.channels == images.channels ? "" : model.channels == 1 ? " --colour grey" : " --colour rgb"
      throw fail(
        "is a model of images of \(model.text) (columns × rows × channels), but these are of \(images.text): it was made for "
          + "another architecture or image size; give --size \(model.width)x\(model.height)\(colour), or another --init"
      )
    }
    let own = try Architecture.named(
      facts.architecture, channels: model.channels, rows: model.height, columns: model.width)
    guard own.code == architecture.code else {
      throw fail(
        "was made for another architecture, \(facts.architecture): give --architecture \(facts.architecture), or another "
          + "--init")
    }
    guard facts.activation == training.featureActivation.rawValue else {
      throw fail(
        "has features of the activation \(facts.activation); give --feature-activation \(facts.activation), or another --init"
      )
    }
    guard training.clusterCount == ClusterCount(facts.clusters) else {
      throw TrainingError.options(
        "--clusters \(training.clusterCount.text), but the model \(FileName.shown(path)) has \(facts.clusters) clusters, whose numbers "
          + "are kept; leave --clusters out, or give --fresh-centres to find other clusters")
    }
  }

  /// A warning where the samples of the images become bytes in another way than those that the model was trained on; nil where
  /// they do not.
  func warning(_ preparation: Preparation) -> String? {
    guard let facts, facts.preparation.range != preparation.range else { return nil }
    func text(_ range: ClosedRange<Double>?) -> String {
      range.map { "\($0.lowerBound),\($0.upperBound)" } ?? "none, as they are bytes"
    }
    return
      "the range of samples is \(text(preparation.range)) here, and \(text(facts.preparation.range)) in the model: its "
      + "clusters may not be recognized; --range sets it"
  }

  /// Takes the weights, and, unless the run finds centres of its own, the numbers of the clusters. **Collective.**
  ///
  /// - Returns: the clusters of the model that none of the images are in.
  func begin(_ trainer: Trainer, _ world: borrowing Communicator) throws -> [Int] {
    try trainer.model.network.load(contents, world, path: path)
    guard let facts else { return [] }
    var centres: [Float] = []
    try world.onRoot {
      guard let contents else { return }
      centres = try contents.values("centres", shape: [facts.clusters, trainer.model.network.features], path)
    }
    let sizes = try trainer.keepNumbers(
      of: try world.broadcast(centres), degreesOfFreedom: facts.degreesOfFreedom)
    return sizes.indices.filter { sizes[$0] == 0 }
  }
}

extension Options {
  /// What the header says of the model that the run starts from; nil where there is none.
  func initialModelText(_ training: TrainingOptions) -> String? {
    network.initialModel.map {
      "\(FileName.shown($0)): "
        + (network.freshCentres
          ? "its weights; clusters are found and numbered anew"
          : "its \(training.clusters) clusters keep their numbers, as far as their images stay together")
    }
  }
}

extension Console {
  /// A warning where clusters of the model that the run starts from have none of the images.
  static func withoutImages(_ clusters: [Int]) -> String? {
    guard !clusters.isEmpty else { return nil }
    let shown =
      clusters.prefix(30).map(String.init).joined(separator: ", ") + (clusters.count > 30 ? ", …" : "")
    return
      "no image is in the model's cluster\(clusters.count == 1 ? "" : "s") \(shown): what fits none of the others may get "
      + "\(clusters.count == 1 ? "its number" : "their numbers")"
  }
}
