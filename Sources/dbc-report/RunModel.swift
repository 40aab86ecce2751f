import Commands
import MPI
import Page
import Report

/// The network of a run, as its model.safetensors has it.
final class RunModel {
  private let model: TrainedModel

  /// Reads the model.
  ///
  /// - Throws: where it is not one of this version, or not the run's
  init(_ run: FinishedRun, _ world: borrowing Communicator) throws {
    let path = "\(run.path)/model.safetensors"
    model = try TrainedModel(path, world)
    var sizes = [Int](repeating: 0, count: run.scores.columns)
    for cluster in run.assignments { sizes[Int(cluster)] += 1 }
    guard model.network.features == run.embeddings.columns, model.facts.clusters == sizes.count,
      model.distances.map({ $0.sizes == sizes }) ?? true
    else {
      throw ReportError(
        .malformed, path, "is not the model of this run: features, clusters or their sizes are others")
    }
  }

  /// The network for the page.
  var network: ReportInput.Network { { body in body(self.model.network) } }
}
