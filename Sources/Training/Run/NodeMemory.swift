import FCAE
import Lanes
import MPI

/// The memory of the machine that this rank runs on.
package enum NodeMemory {
  /// Throws on all ranks where the activations of a node's ranks do not fit into its memory. **Collective** over `world`.
  ///
  /// - Parameter ranks: on this rank's node
  package static func require(
    _ options: TrainingOptions, _ architecture: Architecture, images: Int, ranks: Int,
    _ world: borrowing Communicator
  ) throws {
    let bytes = AutoEncoder.activationBytes(
      architecture, capacity: options.laneGroupsPerRank(images: images, ranks: world.size))
    let host = world.host
    // All have looked before the first goes on and takes any.
    try world.together {
      guard let available = SystemMemory.available(processes: ranks), bytes > available.bytes else { return }
      throw TrainingError.options(
        "images of \(architecture.columns)×\(architecture.rows) pixels take \(mebibytes(bytes)) of memory per rank; "
          + "on \(host) only \(available) for \(ranks == 1 ? "it" : "each of \(ranks)"); make the images smaller, or use "
          + "fewer ranks per node or a smaller --batch-size")
    }
  }
}
