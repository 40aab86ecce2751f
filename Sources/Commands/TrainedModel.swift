import Basics
import Clustering
import Dataset
import FCAE
import FoundationEssentials
import Lanes
import MPI
import Report

/// A trained model as its file holds it, alike on all ranks: what finds the clusters of images.
package final class TrainedModel {
  /// What the file says in words.
  package struct Facts: Codable, Sendable {
    /// The name of the architecture.
    package let architecture: String
    /// How pictures become the images that the network sees.
    package let preparation: Preparation
    /// The activation of the feature layer.
    package let activation: String
    /// ν of the scores.
    package let degreesOfFreedom: Double
    /// The number of clusters, K.
    package let clusters: Int
    /// The seed of the training, which the built-in images depend on.
    package let seed: UInt64
    /// What an older version's file lacks, and what is taken in its place.
    package let warnings: [String]
  }

  /// What the file says in words.
  package let facts: Facts
  /// The encoder, ready for single lane groups.
  package let network: AutoEncoder
  /// The centres μ, `[clusters][features]`.
  package let centres: AlignedBuffer<Float>
  /// The training images' distances to the centres; nil where the file lacks them.
  package let distances: DistanceQuantiles?

  /// The scores around the centres.
  package var rule: SoftScores {
    SoftScores(
      clusters: facts.clusters, features: network.features, degreesOfFreedom: Float(facts.degreesOfFreedom))
  }

  /// The model in a few words.
  package var summary: String { "\(network.architecture.summary), \(facts.clusters) clusters" }

  /// Reads the file at `path` on rank 0. **Collective.** Throws on all ranks where it is no model that can be used.
  package init(_ path: String, _ world: borrowing Communicator) throws {
    var file: SafeTensors?
    let facts = try world.onRoot {
      let contents = try SafeTensors.read(path)
      file = contents
      return try Facts(contents, path)
    }
    let shape = facts.preparation.shape
    let architecture = try Architecture.named(
      facts.architecture, channels: shape.channels, rows: shape.height, columns: shape.width)
    var network = AutoEncoder(
      architecture, activation: FeatureActivation(rawValue: facts.activation) ?? .relu, capacity: 1)
    try network.load(file, world, path: path)
    network.refreshWeights()
    let count = facts.clusters * network.features
    let centres = AlignedBuffer<Float>(count: (count + laneCount - 1) / laneCount * laneCount)
    var distances: DistanceQuantiles?
    try world.onRoot {
      guard let file else { return }
      let values = try file.values("centres", shape: [facts.clusters, network.features], path)
      centres.base.update(from: values, count: count)
      distances = try DistanceQuantiles(file, clusters: facts.clusters, path)
    }
    try world.broadcast(centres.all)
    if try world.onRoot({ distances != nil }) {
      let sizes = try world.broadcast((distances?.sizes ?? []).map { Int64($0) })
      let values = try world.broadcast(distances?.values ?? [])
      distances = DistanceQuantiles(sizes: sizes.map { Int($0) }, values: values)
    }
    (self.facts, self.distances) = (facts, distances)
    self.centres = centres
    self.network = network
  }
}

extension TrainedModel.Facts {
  /// What the file at `path` says; throws where it is not a model of this program, or was made by another version.
  package init(_ file: SafeTensors, _ path: String) throws(ReportError) {
    func text(_ key: String) throws(ReportError) -> String {
      guard let text = file.metadata[key] else {
        throw ReportError(
          .malformed, path,
          "is no model of dbc-train: its metadata lack \(key); name a run, or its model.safetensors")
      }
      return text
    }
    func damaged(_ key: String, _ text: String, _ expected: String) -> ReportError {
      ReportError(
        .malformed, path,
        "is a model that this version cannot use: expected \(expected) as \(key), found \(text.prefix(100)); use the "
          + "version of dbc-train that made it, or train again")
    }
    let name = try text("architecture")
    let size = try text("image_size")
    let sides = size.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    let shape = ImageShape(
      channels: sides[0], height: sides.count == 3 ? sides[1] : 0, width: sides.count == 3 ? sides[2] : 0)
    guard Preparation.isPossible(shape) else {
      throw damaged("image_size", size, "channels, rows and columns")
    }
    let code = try text("encoder")
    let architecture = try? Architecture.named(
      name, channels: shape.channels, rows: shape.height, columns: shape.width)
    guard let architecture, architecture.code == code else {
      throw damaged("encoder", "\(name), \(code)", architecture?.code ?? "one for images of \(size)")
    }
    guard try text("preprocessing") == "byte/255" else {
      throw damaged("preprocessing", try text("preprocessing"), "byte/255")
    }
    if let text = file.metadata["preparation"] {
      guard let found = try? JSON.decode(Preparation.self, from: Data(text.utf8)), found.shape == shape else {
        throw damaged("preparation", text, "one for images of \(size)")
      }
      preparation = found
    } else {
      preparation = Preparation(shape: shape, fit: .pad)
    }
    let seed = try text("seed")
    guard let number = UInt64(seed) else { throw damaged("seed", seed, "a number") }
    let activation = file.metadata["feature_activation"] ?? FeatureActivation.relu.rawValue
    guard FeatureActivation(rawValue: activation) != nil else {
      throw damaged("feature_activation", activation, "relu or linear")
    }
    var warnings: [String] = []
    let freedom = file.metadata["degrees_of_freedom"]
    let degrees = freedom.map { Double($0) } ?? 1
    guard let degrees, degrees > 0, degrees < 1e6 else {
      throw damaged("degrees_of_freedom", freedom ?? "", "a number above 0")
    }
    if freedom == nil {
      warnings.append(
        "the model was made by an older version and does not say its degrees of freedom; 1 is taken, and a ReLU behind the "
          + "features: scores differ where the run had others")
    }
    guard let centres = file["centres"], centres.shape.count == 2, centres.shape[0] >= 2 else {
      throw ReportError(
        .malformed, path, "holds no centres of two clusters at least; name the model of a finished run")
    }
    guard file.tensors.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      throw ReportError(
        .malformed, path,
        "is damaged: it has values that are NaN or infinite; copy the model again, or train again")
    }
    (self.architecture, self.activation, degreesOfFreedom) = (name, activation, degrees)
    (clusters, self.seed) = (centres.shape[0], number)
    if file["distance_quantiles"] == nil {
      warnings.append(
        "the model was made by an older version and lacks the training images' distances; distance_quantile is empty"
      )
    }
    self.warnings = warnings
  }
}
