import Clustering
import FCAE
import Lanes
import MPI

/// Algorithm 2 of the paper, from the model's encoder and centres: score all images → target R → B mini-batches → again,
/// until no image changes its cluster. The chain of stage II and that of the refinement differ by their settings.
final class LearningChain: Checkpointed {
  /// S and the assignments.
  let sheet: ScoreSheet
  private let settings: ChainSettings
  private let context: RunContext
  private let model: Model
  private let progress: RunProgress
  private let guidance: Guidance?
  private let target: Target
  private let steps: TrainingSteps
  private let rule: SoftScores

  /// A chain from the model's centres, of which there must be `settings.clusters`. **Collective.** Throws on all ranks where
  /// a checkpoint has left others.
  ///
  /// - Parameter guidance: what neighbour graphs say of the target
  init(
    _ settings: ChainSettings, guidance: Guidance? = nil, _ model: Model, _ context: RunContext,
    _ progress: RunProgress
  ) throws {
    (self.settings, self.guidance) = (settings, guidance)
    (self.model, self.context, self.progress) = (model, context, progress)
    guard model.clusters == settings.clusters else { throw try context.agreed(progress.state.isNowhere) }
    let options = context.options
    let reconstructs = options.reconstructionWeight > 0
    steps = TrainingSteps(
      settings.steps, from: reconstructs ? 0 : model.network.layout.encoder.lowerBound, model, context,
      progress)
    rule = SoftScores(
      clusters: settings.clusters, features: model.network.features,
      degreesOfFreedom: Float(settings.degreesOfFreedom))
    sheet = ScoreSheet(rule, images: context.images.count, plan: context.dataPlan, context.reduction)
    target = try Target(
      BoostedTarget(boost: options.boost, normalization: options.normalization, clusters: settings.clusters),
      images: context.images.count, mode: options.target, plan: context.dataPlan, context.reduction,
      nodes: context.nodes)
  }

  /// Runs the chain. **Collective.** The scores, features and centres that it leaves belong together.
  func run() throws {
    let epochs = settings.steps.epochs
    if try !progress.enter(self, of: epochs, steps: settings.steps.steps) {
      try guidance?.refresh(afterEpoch: 0, sheet)
      try score()  // (a)
      begin(epoch: 1)
    }
    while progress.state.epoch <= epochs {
      let epoch = progress.state.epoch
      try setTarget(
        guidance?.guide.map { .partition($0) }
          ?? .boosted(sheet, guidance?.average, sizes: guidance?.sizes)
      )  // (b)
      try steps.runEpoch(self, clusteringStep)  // (c)
      try progress.endEpoch(self, of: epochs)
      try guidance?.refresh(afterEpoch: epoch, sheet)
      let changed = try score().changed  // (a), for the next epoch
      if changed == 0, settings.mayEnd(epoch) { break }  // (d)
      begin(epoch: epoch + 1)
    }
    try target.free()
  }

  private func begin(epoch: Int) { progress.begin(epoch: epoch, steps: settings.steps.steps) }

  /// Step (b): the target of the epoch, formed once and given to all ranks. **Collective.**
  private func setTarget(_ source: Target.Source) throws {
    try context.clock.during(.target) { try target.set(source) }
  }

  /// Step (a): features of all images, their scores S and assignments. **Collective.**
  @discardableResult
  private func score() throws -> ChainSummary {
    let state = progress.state
    try model.encode()
    let scores = try context.clock.during(.target) {
      try sheet.score(model.features, centres: model.centres)
    }
    guard scores.meanMaximumScore.isFinite else {
      throw try context.agreed(
        .notFinite(stage: settings.steps.stage, epoch: state.epoch, learningRate: steps.learningRate))
    }
    try context.observer.record(
      .epoch(
        EpochRecord(
          stage: settings.steps.stage, epoch: state.epoch, origin: progress.origin,
          loss: state.epoch > 0 ? state.lossSum / Double(state.images) : nil,
          learningRate: steps.learningRate, imagesPerSecond: steps.imagesPerSecond,
          seconds: progress.elapsedSeconds,
          phases: context.clock.take(), chain: scores,
          modularity: guidance?.average?.modularity(of: sheet.assignments, clusters: settings.clusters),
          metrics: context.metrics(of: sheet.assignments))))
    try show(epoch: state.epoch)
    return scores
  }

  /// Hands the observer what is to be seen of the epoch that is over. **Collective.**
  private func show(epoch: Int) throws {
    let stage = settings.steps.stage
    if epoch > 0, context.options.reconstructionWeight > 0 {
      context.showReconstructions(model, stage, epoch: epoch)
    }
    if stage == .chain { try context.keepFeatures(model.features, epoch: epoch) }
  }

  /// Step (c) for one mini-batch: the loss (3) and its gradients (4) and (5), to which the reconstruction's are added where it
  /// has a weight. **Collective.**
  private func clusteringStep(_ batch: MiniBatch, _ sums: borrowing StepSums) throws {
    let weight = context.options.reconstructionWeight
    try model.network.forwardEncoder(batch.context)
    if weight > 0 { try model.network.forwardDecoder(batch.context) }
    context.clock.next(.backward)
    let losses = weight > 0 ? try reconstructionGradients(batch, weight) : nil
    divergenceGradients(batch, sums, reconstruction: losses)
    try model.network.backwardEncoder(batch.context, gradients: steps.gradients)
  }

  /// The reconstruction's part of every group's loss; its gradients at the decoder's parameters and at the features.
  /// **Collective.**
  private func reconstructionGradients(_ batch: MiniBatch, _ weight: Double) throws -> [Double] {
    let scale = Float(weight) / Float(batch.context.images)
    let losses = (0..<batch.context.groups).map {
      weight * model.network.reconstructionLoss($0, scale: scale, mask: batch.context.masks[$0])
    }
    try model.network.backwardDecoder(batch.context, gradients: steps.gradients)
    return losses
  }

  /// KL(R‖S) of every group of this rank, its gradient at the features, and that at the centres. Where there is a
  /// `reconstruction`, its losses and its gradient at the features are added.
  private func divergenceGradients(
    _ batch: MiniBatch, _ sums: borrowing StepSums, reconstruction: [Double]?
  ) {
    let (clusters, width) = (settings.clusters, model.network.features)
    let memory = AlignedBuffer<LaneVector>(count: 3 * clusters + width + rule.gradientScratch)
    let scores = memory.base
    let kernels = scores + clusters
    let rows = kernels + clusters
    let ofReconstruction = rows + clusters
    let scratch = ofReconstruction + width
    for group in 0..<batch.context.groups {
      let features = model.network.featureGroup(group)
      rule.score(
        features, centres: model.centres, mask: batch.context.masks[group], scores: scores, kernels: kernels)
      for cluster in 0..<clusters { rows[cluster] = .zero }
      for (lane, image) in batch.numbers(group).enumerated() {
        let row = target.row(Int(image))
        for cluster in 0..<clusters { rows[cluster][lane] = row[cluster * laneCount] }
      }
      let dFeatures = model.network.featureGradientGroup(group)
      if reconstruction != nil { ofReconstruction.update(from: dFeatures, count: width) }
      let loss = rule.gradients(
        features, centres: model.centres, scores: scores, kernels: kernels, target: rows,
        scale: 1 / Float(batch.context.images), dFeatures: dFeatures,
        dCentres: steps.gradients.leaf(group) + steps.centresStart, scratch: scratch)
      if reconstruction != nil { for i in 0..<width { dFeatures[i] += ofReconstruction[i] } }
      sums.add(group, loss: loss + (reconstruction?[group] ?? 0))
      steps.gradients.add(group, range: steps.centresStart..<(steps.centresStart + clusters * width))
    }
  }

  private var owned: [any Checkpointed] { [steps, sheet, target] + (guidance.map { [$0] } ?? []) }

  func save(to snapshot: inout Snapshot) throws {
    for owner in owned { try owner.save(to: &snapshot) }
  }

  func restore(from snapshot: SnapshotReader) throws {
    for owner in owned { try owner.restore(from: snapshot) }
    let state = progress.state
    let isGuided = guidance != nil && context.options.isGuided(afterEpoch: state.epoch - 1)
    let hasTarget = try isGuided || !state.isInsideEpoch || snapshot.has("target")
    guard hasTarget, isGuided == (guidance?.guide != nil) else {
      throw try context.agreed(state.isNowhere)
    }
  }

  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) {
    for owner in owned { owner.replicated(visit) }
  }
}
