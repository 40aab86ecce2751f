import Basics
import Clustering
import Dataset
import FCAE
import Lanes
import MPI
import Report
import Training

/// The model as a safetensors file with PyTorch's names and shapes.
extension Model {
  /// Parameters, running statistics, centres, and the training images' distances to these: all that is needed to find the
  /// clusters of other images.
  ///
  /// - Parameter preparation: how pictures become the bytes that the network sees, divided by 255; where it is not that which
  ///   the image size alone tells, the file says it
  package func safeTensors(
    _ options: TrainingOptions, _ preparation: Preparation, _ distances: DistanceQuantiles
  ) -> SafeTensors {
    var tensors = network.safeTensors
    tensors.append(.init(name: "centres", shape: [clusters, network.features], values: centreValues))
    tensors += distances.tensors
    let architecture = network.architecture
    var metadata = [
      "architecture": architecture.name,
      "encoder": architecture.code,
      "image_size": "\(architecture.channels),\(architecture.rows),\(architecture.columns)",
      "preprocessing": "byte/255",
      "feature_activation": network.activation.rawValue,
      "degrees_of_freedom": "\(options.degreesOfFreedom)",
      "seed": "\(options.seed)",
      "format": "pt",
    ]
    if preparation != Preparation(shape: preparation.shape, fit: .pad) {
      metadata["preparation"] = JSON.line(preparation)
    }
    return SafeTensors(tensors: tensors, metadata: metadata)
  }
}

extension DistanceQuantiles {
  private static let (valuesName, sizesName) = ("distance_quantiles", "cluster_sizes")

  /// The table `[clusters][101]`, and the number of training images in each cluster.
  fileprivate var tensors: [SafeTensors.Tensor] {
    [
      .init(name: Self.valuesName, shape: [sizes.count, Self.count], values: values),
      .init(name: Self.sizesName, shape: [sizes.count], values: sizes.map { Float($0) }),
    ]
  }

  /// The table of a model; nil where it was made by an older version, which has none.
  init?(_ file: SafeTensors, clusters: Int, _ path: String) throws(ReportError) {
    guard file[Self.valuesName] != nil else { return nil }
    let values = try file.values(Self.valuesName, shape: [clusters, Self.count], path)
    let sizes = try file.values(Self.sizesName, shape: [clusters], path)
    let isOrdered = (1..<max(values.count, 1)).allSatisfy {
      $0 % Self.count == 0 || values[$0] >= values[$0 - 1]
    }
    guard isOrdered, sizes.allSatisfy({ $0 >= 0 && $0 < 1e15 }) else {
      throw ReportError(
        .malformed, path, "is damaged: its distances are not in ascending order; save the model again")
    }
    self.init(sizes: sizes.map { Int($0) }, values: values)
  }
}

extension AutoEncoder {
  /// Parameters and running statistics, the encoder's before the decoder's.
  fileprivate var safeTensors: [SafeTensors.Tensor] {
    var tensors: [SafeTensors.Tensor] = []
    func add(_ entry: ParameterLayout.Entry) {
      tensors.append(
        .init(name: entry.name, shape: entry.shape, values: entry.range.map { parameters.base[$0] }))
      guard entry.name.hasSuffix(".bn.bias"),
        let layer = running.first(where: { "\($0.name).bn.bias" == entry.name })
      else { return }
      for (name, values) in [
        ("running_mean", layer.statistics.mean), ("running_var", layer.statistics.variance),
      ] {
        tensors.append(.init(name: "\(layer.name).bn.\(name)", shape: [values.count], values: values))
      }
    }
    for part in ["encoder.", "decoder."] {
      for entry in layout.entries where entry.name.hasPrefix(part) { add(entry) }
    }
    return tensors
  }

  /// Takes weights and running statistics from rank 0's `file`, which is nil elsewhere. **Collective.**
  ///
  /// - Parameter path: what the user knows the file by
  package mutating func load(
    _ file: SafeTensors?, _ world: borrowing Communicator, path: String
  ) throws {
    var statistics = runningValues
    try world.onRoot {
      guard let file else { return }
      for entry in layout.entries {
        let values = try file.values(entry.name, shape: entry.shape, path)
        (parameters.base + entry.offset).update(from: values, count: values.count)
      }
      statistics = []
      for layer in running {
        let shape = [layer.statistics.mean.count]
        statistics += try file.values("\(layer.name).bn.running_mean", shape: shape, path)
        statistics += try file.values("\(layer.name).bn.running_var", shape: shape, path)
      }
    }
    try world.broadcast(parameters.all)
    runningValues = try world.broadcast(statistics)
  }
}

extension SafeTensors {
  /// The tensor `name`, which must have the shape `shape`.
  package func values(_ name: String, shape: [Int], _ path: String) throws(ReportError) -> [Float] {
    guard let tensor = self[name] else {
      throw ReportError(
        .malformed, path, "the model lacks the tensor \(name); it was made for another architecture")
    }
    guard tensor.shape == shape else {
      throw ReportError(
        .malformed, path,
        "the model's tensor \(name) has the shape \(tensor.shape), expected \(shape); it was made for another "
          + "architecture or image size")
    }
    return tensor.values
  }
}
