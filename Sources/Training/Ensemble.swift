import Clustering
import FCAE
import Lanes
import MPI

/// The networks of a run, one after another.
extension Trainer {
  /// How images are moved for the network in training.
  var augmentation: Augmentation {
    switch options.augmentation {
    case .fixed(let augmentation): augmentation
    case .compared: Augmentation.candidates[progress.network.candidate]
    }
  }

  /// Whether the network in training is there to be compared.
  private var isCandidate: Bool { options.augmentation == .compared && progress.network.member == 0 }

  /// The network in training, for records.
  var origin: RecordOrigin {
    RecordOrigin(
      member: progress.network.member + 1, members: options.members, augment: augmentation.name)
  }

  /// What follows stage I.
  var afterPretraining: Progress { isCandidate ? Progress(.comparison) : afterComparison }

  private var afterComparison: Progress {
    options.refinementEpochs > 0 ? Progress(.refinement) : afterRefinement
  }

  /// What follows the training of a network.
  var afterRefinement: Progress { Progress(options.initialPartition == .graph ? .graph : .kmeans) }

  /// After stage I: the first of two judgements on a candidate. **Collective.**
  package mutating func judgePretraining() throws {
    guard progress.part == .comparison else { return }
    epochStarted = monotonicSeconds()
    try findPixelNeighbours()
    try observer.record(.comparison(try judge(try findNeighbours(), isRefined: false)))
    begin(afterComparison)
  }

  /// After the training of a network: its neighbours, then the next one from the beginning, if there is one.
  /// **Collective.**
  ///
  /// - Returns: whether there is one.
  package mutating func endNetwork() throws -> Bool {
    guard progress.part == .graph else { return false }
    epochStarted = monotonicSeconds()
    try findPixelNeighbours()
    neighbours.members.append(try findNeighbours())
    if isCandidate, try judgeCandidate() {
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

  /// The second judgement on a candidate. After the last one the neighbours of the best stay, as if it had been the only
  /// one. **Collective.**
  ///
  /// - Returns: whether there is another candidate to train.
  private mutating func judgeCandidate() throws -> Bool {
    var record = try judge(neighbours.members.last!, isRefined: true)
    let next = progress.network.candidate + 1
    guard next == Augmentation.candidates.count else {
      try observer.record(.comparison(record))
      progress.network.candidate = next
      return true
    }
    let sums = (0..<next).map { progress.network.modularities[2 * $0..<2 * $0 + 2].reduce(0, +) }
    let best = sums.firstIndex(of: sums.max()!)!
    progress.network.candidate = best
    neighbours.members = [neighbours.members[best]]
    record.sums = zip(Augmentation.candidates, sums).map { .init(augment: $0.name, modularity: $1) }
    record.taken = augmentation.name
    try observer.record(.comparison(record))
    return false
  }

  /// Notes how well the neighbour graph of `table`, with the pixels', falls into clusters. **Collective.**
  private mutating func judge(_ table: NeighbourTable, isRefined: Bool) throws -> ComparisonRecord {
    clock.start(.graph)
    defer { clock.stop() }
    let graph = try describeGraph(
      NeighbourTables(pixels: neighbours.pixels, members: [table]),
      searchSeconds: monotonicSeconds() - epochStarted)
    progress.network.modularities.append(graph.partition.quality.modularity)
    return ComparisonRecord(
      origin: origin, isRefined: isRefined, partition: graph.partition, seconds: graph.seconds)
  }

  /// A network that has learnt nothing.
  private mutating func startNetwork() {
    begin(Progress(.pretraining, epoch: 1))
    network.initialize(seed: memberSeed)
    optimizer = Optimizer(
      options.optimizer, learningRate: options.pretrainLearningRate, range: network.layout.autoEncoder)
  }
}
