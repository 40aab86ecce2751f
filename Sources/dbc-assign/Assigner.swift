import Basics
import Clustering
import Commands
import FCAE
import Images
import Lanes
import MPI
import Training

/// What is found of one image.
struct Assignment: BitwiseCopyable {
  /// The most probable cluster, and the next one.
  let cluster, second: Int32
  /// The scores in them.
  let score, secondScore: Float
  /// The share of the cluster's training images that are nearer to its centre; NaN where the model does not tell.
  let shareNearer: Float
}

/// Images that follow each other, with all that is found of them, on rank 0.
struct AssignedBlock {
  /// The number of the first one.
  let first: Int
  /// Of each image.
  let assignments: UnsafeBufferPointer<Assignment>
  /// `[images][features]`; empty where nobody wants them.
  let features: UnsafeBufferPointer<Float>
  /// `[images][clusters]`; empty where nobody wants them.
  let scores: UnsafeBufferPointer<Float>
}

/// Finds the clusters of images, block by block: the nodes divide each, on a node whoever is free takes the next lane group, and rank
/// 0 gets all.
final class Assigner {
  /// The lane groups of each block.
  let blocks: [Range<Int>]
  private let model: TrainedModel
  private let images: PixelStore
  private let rule: SoftScores
  private let evaluation: EvaluationTransforms
  private let wantsArrays: Bool
  private let nodes: NodeCommunicators
  /// The number of each rank's node; rank 0 is on the first.
  private let nodeOfRank: [Int]
  private let queue: NodeQueue
  private var shares: NodeShares
  /// The lane groups of every node in the block that is being worked on.
  private var parts: [Range<Int>] = []
  /// Of this node's images of a block; on rank 0's node of all images, its own first. Two take turns: what one holds is sent and
  /// written while the other is filled.
  private let memories: [Memory]
  private var turn = 0
  /// When this rank was done with the last block: what it writes before the next one counts as work for that.
  private var lastEnd = monotonicSeconds()
  private let lanes: AlignedBuffer<LaneVector>

  /// Bytes of one block's results, roughly.
  private static let blockBytes = 8 << 20
  /// Lane groups of a block for each rank: enough that what is done once a block takes little, and few enough that little is left
  /// to write at the end.
  private static let groupsPerRank = 64

  /// Room for the results of some images, in memory that the ranks of a node share.
  private final class Memory {
    let assignments: SharedWindow<Assignment>
    let features, scores: SharedWindow<Float>

    init(images: Int, features: Int, scores: Int, _ node: borrowing Communicator) throws {
      assignments = try SharedWindow(count: images, on: node, for: "assignments")
      self.features = try SharedWindow(count: images * features, on: node, for: "features")
      self.scores = try SharedWindow(count: images * scores, on: node, for: "scores")
    }
  }

  /// **Collective.**
  ///
  /// - Parameter wantsArrays: whether rank 0 is to get features and scores
  init(
    _ model: TrainedModel, _ images: consuming PixelStore, wantsArrays: Bool, _ world: borrowing Communicator,
    _ nodes: NodeCommunicators
  ) throws {
    let (features, clusters) = (model.network.features, model.facts.clusters)
    let groups = laneGroups(images: images.count)
    let groupBytes = laneCount * (4 * (features + clusters) + MemoryLayout<Assignment>.stride)
    let most = min(
      groups, max(world.size, min(Self.groupsPerRank * world.size, Self.blockBytes / groupBytes)))
    blocks = stride(from: 0, to: groups, by: most).map { $0..<min($0 + most, groups) }
    nodeOfRank = try nodes.numbers(of: world)
    shares = NodeShares(nodes: nodeOfRank)
    queue = try NodeQueue(nodes.node)
    memories = try (0..<2).map { _ in
      try Memory(
        images: most * laneCount, features: features, scores: wantsArrays ? clusters : 0, nodes.node)
    }
    lanes = AlignedBuffer(count: features + 2 * clusters, for: "features of a group")
    (self.model, rule, evaluation) = (model, model.rule, model.network.evaluationTransforms())
    self.wantsArrays = wantsArrays
    self.images = images
    self.nodes = nodes
  }

  /// The images of lane groups `groups`.
  func images(of groups: Range<Int>) -> Range<Int> {
    min(groups.lowerBound * laneCount, images.count)..<min(groups.upperBound * laneCount, images.count)
  }

  /// Finds everything of this node's images of `block`. **Collective.**
  func work(_ block: Range<Int>, _ world: borrowing Communicator) throws {
    parts = shares.parts(of: block)
    turn = (turn + 1) % memories.count
    let (groups, memory) = (parts[nodeOfRank[world.rank]], memories[turn])
    let done = queue.share(groups.count) { piece in
      Whereabouts.beat()
      let group = groups.lowerBound + piece
      work(images(of: group..<(group + 1)), at: piece * laneCount, of: memory)
    }
    let seconds = max(monotonicSeconds() - lastEnd, 1e-9)
    // What the others wrote is there afterwards, too.
    try memory.assignments.fence()
    guard parts.count > 1 else { return }
    var rates = Array(repeating: 0.0, count: parts.count)
    for (rank, rate) in try world.allGather(Double(done) / seconds).enumerated() {
      rates[nodeOfRank[rank]] += rate
    }
    shares.learn(rates)
  }

  /// Finds everything of one lane group, and puts it behind `place` images.
  private func work(_ numbers: Range<Int>, at place: Int, of node: Memory) {
    let (width, clusters) = (model.network.features, rule.clusters)
    let features = lanes.base
    let scores = features + width
    model.network.encode(images, numbers.map { Int32($0) }, evaluation, to: features)
    rule.score(
      features, centres: model.centres.base, mask: laneMask(images: numbers.count), scores: scores,
      kernels: scores + clusters)
    let best = hardAssignments(scores, clusters: clusters)
    let next = runnersUp(scores, clusters: clusters, best: best.clusters)
    let rows = node.features.all.baseAddress! + place * width
    transposeLanes(features, count: width, to: rows, stride: width)
    if wantsArrays {
      transposeLanes(
        scores, count: clusters, to: node.scores.all.baseAddress! + place * clusters, stride: clusters)
    }
    for lane in 0..<numbers.count {
      let cluster = Int(best.clusters[lane])
      let far = distance(rows + lane * width, model.centres.base + cluster * width, count: width)
      node.assignments.all[place + lane] = Assignment(
        cluster: best.clusters[lane], second: next.clusters[lane], score: best.scores[lane],
        secondScore: next.scores[lane],
        shareNearer: model.distances?.shareNearer(than: far, in: cluster) ?? .nan)
    }
  }

  /// What all ranks have found of `block`, the last one that was worked on, on rank 0; nil elsewhere. It stays there until the block
  /// after the next one is worked on. **Collective.**
  func gather(_ block: Range<Int>, _ world: borrowing Communicator) throws -> AssignedBlock? {
    defer { lastEnd = monotonicSeconds() }
    let (counts, memory) = (parts.map { images(of: $0).count }, memories[turn])
    func gathered<Value: BitwiseCopyable>(
      _ values: UnsafeMutableBufferPointer<Value>, width: Int
    ) throws -> UnsafeBufferPointer<Value> {
      try nodes.betweenNodes { leaders in
        guard leaders.size > 1 else { return }
        let bytes = width * MemoryLayout<Value>.stride
        let segments = Segments(counts: counts.map { $0 * bytes })
        let all = UnsafeMutableRawBufferPointer(values).bindMemory(to: UInt8.self)
        try leaders.gatherV(
          UnsafeBufferPointer(rebasing: all[..<segments.counts[leaders.rank]]), into: all, segments: segments)
      }
      return UnsafeBufferPointer(rebasing: values[..<(world.isRoot ? counts.reduce(0, +) * width : 0)])
    }
    let assignments = try gathered(memory.assignments.all, width: 1)
    let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
    let features =
      wantsArrays ? try gathered(memory.features.all, width: model.network.features) : none
    let scores = wantsArrays ? try gathered(memory.scores.all, width: rule.clusters) : none
    guard world.isRoot else { return nil }
    return AssignedBlock(
      first: images(of: block).lowerBound, assignments: assignments, features: features, scores: scores)
  }
}
