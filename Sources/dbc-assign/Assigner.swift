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

/// Finds the clusters of images, block by block: the ranks divide each, and rank 0 gathers it.
final class Assigner {
  /// The lane groups of each block.
  let blocks: [Range<Int>]
  private let model: TrainedModel
  private let images: PixelStore
  private let rule: SoftScores
  private let evaluation: EvaluationTransforms
  private let wantsArrays: Bool
  /// Of this rank's images of a block; on rank 0 of all images, its own first. There two take turns: what one holds is written while
  /// the other is filled.
  private let memories: [Memory]
  private var turn = 0
  private let lanes: AlignedBuffer<LaneVector>
  /// The lane groups of every rank in the block that is being worked on.
  private var parts: [Range<Int>] = []
  private var shares: RankShares

  /// Bytes of one block's results, roughly.
  private static let blockBytes = 32 << 20
  /// Lane groups of a block for each rank: enough that what is done once a block takes little, and few enough that little is left
  /// to write at the end.
  private static let groupsPerRank = 64

  /// Room for the results of some images.
  private final class Memory {
    let assignments: AlignedBuffer<Assignment>
    let features, scores: AlignedBuffer<Float>

    init(images: Int, features: Int, scores: Int) {
      assignments = AlignedBuffer(count: images, for: "assignments")
      self.features = AlignedBuffer(count: images * features, for: "features")
      self.scores = AlignedBuffer(count: images * scores, for: "scores")
    }
  }

  /// - Parameter wantsArrays: whether rank 0 is to get features and scores
  init(
    _ model: TrainedModel, _ images: consuming PixelStore, wantsArrays: Bool, _ world: borrowing Communicator
  ) {
    let (features, clusters) = (model.network.features, model.facts.clusters)
    let groups = laneGroups(images: images.count)
    let groupBytes = laneCount * (4 * (features + clusters) + MemoryLayout<Assignment>.stride)
    let most = min(
      groups, world.size * max(1, min(Self.groupsPerRank, Self.blockBytes / groupBytes / world.size)))
    blocks = stride(from: 0, to: groups, by: most).map { $0..<min($0 + most, groups) }
    shares = RankShares(ranks: world.size)
    let room = (world.isRoot ? most : shares.most(of: most)) * laneCount
    memories = (0..<(world.isRoot ? 2 : 1)).map { _ in
      Memory(images: room, features: features, scores: wantsArrays ? clusters : 0)
    }
    lanes = AlignedBuffer(count: features + 2 * clusters, for: "features of a group")
    (self.model, rule, evaluation) = (model, model.rule, model.network.evaluationTransforms())
    self.wantsArrays = wantsArrays
    self.images = images
  }

  /// The images of lane groups `groups`.
  func images(of groups: Range<Int>) -> Range<Int> {
    min(groups.lowerBound * laneCount, images.count)..<min(groups.upperBound * laneCount, images.count)
  }

  /// Finds everything of this rank's images of `block`. **Collective.**
  ///
  /// - Parameter seconds: that this rank has had other work since the last block
  func work(_ block: Range<Int>, after seconds: Double, _ world: borrowing Communicator) throws {
    parts = shares.parts(of: block)
    turn = (turn + 1) % memories.count
    let (groups, started) = (parts[world.rank], monotonicSeconds())
    for group in groups {
      Whereabouts.beat()
      work(images(of: group..<(group + 1)), at: (group - groups.lowerBound) * laneCount, of: memories[turn])
    }
    let own = groups.isEmpty ? 0 : (seconds + monotonicSeconds() - started) / Double(groups.count)
    shares.learn(try world.allGather(own))
  }

  /// Finds everything of one lane group, and puts it behind `place` images.
  private func work(_ numbers: Range<Int>, at place: Int, of own: Memory) {
    let (width, clusters) = (model.network.features, rule.clusters)
    let features = lanes.base
    let scores = features + width
    model.network.encode(images, numbers.map { Int32($0) }, evaluation, to: features)
    rule.score(
      features, centres: model.centres.base, mask: laneMask(images: numbers.count), scores: scores,
      kernels: scores + clusters)
    let best = hardAssignments(scores, clusters: clusters)
    let next = runnersUp(scores, clusters: clusters, best: best.clusters)
    let rows = own.features.base + place * width
    transposeLanes(features, count: width, to: rows, stride: width)
    if wantsArrays {
      transposeLanes(scores, count: clusters, to: own.scores.base + place * clusters, stride: clusters)
    }
    for lane in 0..<numbers.count {
      let cluster = Int(best.clusters[lane])
      let far = distance(rows + lane * width, model.centres.base + cluster * width, count: width)
      own.assignments.base[place + lane] = Assignment(
        cluster: best.clusters[lane], second: next.clusters[lane], score: best.scores[lane],
        secondScore: next.scores[lane],
        shareNearer: model.distances?.shareNearer(than: far, in: cluster) ?? .nan)
    }
  }

  /// What all ranks have found of `block`, the last one that was worked on, on rank 0; nil elsewhere. It stays there until the block
  /// after the next one is worked on. **Collective.**
  func gather(_ block: Range<Int>, _ world: borrowing Communicator) throws -> AssignedBlock? {
    let (counts, memory) = (parts.map { images(of: $0).count }, memories[turn])
    func gathered<Value: BitwiseCopyable>(
      _ values: borrowing AlignedBuffer<Value>, width: Int
    ) throws -> UnsafeBufferPointer<Value> {
      let bytes = width * MemoryLayout<Value>.stride
      let segments = Segments(counts: counts.map { $0 * bytes })
      try world.gatherV(
        UnsafeBufferPointer(
          rebasing: UnsafeRawBufferPointer(values.all).bindMemory(to: UInt8.self)[
            ..<segments.counts[world.rank]]
        ),
        into: UnsafeMutableRawBufferPointer(values.all).bindMemory(to: UInt8.self), segments: segments)
      return UnsafeBufferPointer(
        start: values.base, count: world.isRoot ? counts.reduce(0, +) * width : 0)
    }
    let assignments = try gathered(memory.assignments, width: 1)
    let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
    let features =
      wantsArrays ? try gathered(memory.features, width: model.network.features) : none
    let scores = wantsArrays ? try gathered(memory.scores, width: rule.clusters) : none
    guard world.isRoot else { return nil }
    return AssignedBlock(
      first: images(of: block).lowerBound, assignments: assignments, features: features, scores: scores)
  }
}
