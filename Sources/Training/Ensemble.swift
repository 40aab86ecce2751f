import FCAE
import Lanes
import MPI

/// What came of one of the candidates that are compared.
package struct ComparisonRecord: Sendable {
  /// How its images were moved.
  package let augmentation: Augmentation
  /// The partition of its network's neighbour graph.
  package let partition: GraphRecord
  /// After the last candidate, the one that is taken.
  package let taken: Augmentation?
}

/// The networks of a run, one after another.
extension Trainer {
  /// How images are moved for the network in training.
  var augmentation: Augmentation {
    switch options.augmentation {
    case .fixed(let augmentation): augmentation
    case .compared: Augmentation.candidates[progress.network.candidate]
    }
  }

  /// After the training of a network: its neighbours, then the next one from the beginning, if there is one.
  /// **Collective.**
  ///
  /// - Returns: whether there is one.
  package mutating func endNetwork() throws -> Bool {
    guard progress.part == .graph else { return false }
    epochStarted = monotonicSeconds()
    if options.pixelGraph, neighbours.pixels == nil { neighbours.pixels = try findPixelNeighbours() }
    neighbours.members.append(try findNeighbours())
    if options.augmentation == .compared, progress.network.member == 0, try compareCandidate() {
      startNetwork()
      return true
    }
    guard progress.network.member + 1 < options.members else {
      begin(Progress(.kmeans))
      return false
    }
    progress.network.member += 1
    startNetwork()
    return true
  }

  /// Judges the candidate that has been trained. After the last of them the best one's neighbours stay, as if it had been
  /// the only one. **Collective.**
  ///
  /// - Returns: whether there is another candidate to train.
  private mutating func compareCandidate() throws -> Bool {
    let own = NeighbourTables(pixels: neighbours.pixels, members: [neighbours.members.last!])
    clock.start(.graph)
    let (_, record) = try partition(own, graphs: .mixed, searchSeconds: 0)
    clock.stop()
    let trained = augmentation
    let candidates = Augmentation.candidates
    progress.network.modularities.append(record.candidates[record.chosen].quality.modularity)
    let modularities = progress.network.modularities
    let isOver = modularities.count == candidates.count
    if isOver {
      let best = modularities.firstIndex(of: modularities.max()!)!
      progress.network.candidate = best
      neighbours.members = [neighbours.members[best]]
    } else {
      progress.network.candidate += 1
    }
    try observer.didCompare(
      ComparisonRecord(augmentation: trained, partition: record, taken: isOver ? augmentation : nil))
    return !isOver
  }

  /// A network that has learnt nothing.
  private mutating func startNetwork() {
    begin(Progress(.pretraining, epoch: 1))
    network.initialize(seed: memberSeed)
    optimizer = Optimizer(
      options.optimizer, learningRate: options.pretrainLearningRate, range: network.layout.autoEncoder)
  }
}
