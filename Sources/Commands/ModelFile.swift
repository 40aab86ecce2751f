import Basics
import Dataset
import FCAE
import Lanes
import MPI
import Report
import Training

/// The model as a safetensors file with PyTorch's names and shapes.
extension Model {
  /// Parameters, running statistics and centres.
  ///
  /// - Parameter preparation: how pictures become the bytes that the network sees, divided by 255; where it is not that which
  ///   the image size alone tells, the file says it
  package func safeTensors(seed: UInt64, _ preparation: Preparation) -> SafeTensors {
    var tensors = network.safeTensors
    tensors.append(.init(name: "centres", shape: [clusters, network.features], values: centreValues))
    let architecture = network.architecture
    var metadata = [
      "architecture": architecture.name,
      "encoder": architecture.code,
      "image_size": "\(architecture.channels),\(architecture.rows),\(architecture.columns)",
      "preprocessing": "byte/255",
      "seed": "\(seed)",
      "format": "pt",
    ]
    if preparation != Preparation(shape: preparation.shape, fit: .pad) {
      metadata["preparation"] = JSON.line(preparation)
    }
    return SafeTensors(tensors: tensors, metadata: metadata)
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
  package mutating func load(_ file: SafeTensors?, _ world: borrowing Communicator) throws {
    var statistics = runningValues
    try world.onRoot {
      guard let file else { return }
      for entry in layout.entries {
        let values = try file.values(entry.name, shape: entry.shape)
        (parameters.base + entry.offset).update(from: values, count: values.count)
      }
      statistics = []
      for layer in running {
        let shape = [layer.statistics.mean.count]
        statistics += try file.values("\(layer.name).bn.running_mean", shape: shape)
        statistics += try file.values("\(layer.name).bn.running_var", shape: shape)
      }
    }
    try world.broadcast(parameters.all)
    runningValues = try world.broadcast(statistics)
  }
}

extension SafeTensors {
  /// The tensor `name`, which must have the shape `shape`.
  fileprivate func values(_ name: String, shape: [Int]) throws(ReportError) -> [Float] {
    guard let tensor = self[name] else {
      throw ReportError(
        .malformed, "--init", "the model lacks the tensor \(name); it was made for another architecture")
    }
    guard tensor.shape == shape else {
      throw ReportError(
        .malformed, "--init",
        "the model's tensor \(name) has the shape \(tensor.shape), expected \(shape); it was made for another "
          + "architecture or image size")
    }
    return tensor.values
  }
}
