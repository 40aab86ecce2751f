import Clustering
import FCAE
import Lanes

/// What tells the chain of stage II and that of the refinement apart.
struct ChainSettings {
  /// Clusters of the scores and of the target: K, or more in the refinement.
  let clusters: Int
  /// ν of the scores.
  let degreesOfFreedom: Double
  /// Epochs at most T, mini-batches per epoch B, step size and its course, random draws.
  let steps: TrainingSteps.Settings
  /// Whether the chain may end after an epoch, as no image has changed its cluster.
  let mayEnd: (_ epoch: Int) -> Bool

  /// The chain of stage II.
  static func stageTwo(_ options: TrainingOptions, _ context: RunContext) -> ChainSettings {
    ChainSettings(
      clusters: options.clusters, degreesOfFreedom: options.degreesOfFreedom,
      steps: TrainingSteps.Settings(
        stage: .chain, steps: options.iterations ?? context.stepsPerPass, epochs: options.chainEpochs,
        optimizer: options.chainOptimizer, learningRate: options.learningRate, schedule: options.schedule,
        shuffle: .chainShuffle, augmentation: .chainAugmentation),
      mayEnd: { options.mayEnd(afterEpoch: $0) })
  }

  /// The chain for finer clusters.
  static func refinement(_ options: TrainingOptions, _ context: RunContext) -> ChainSettings {
    ChainSettings(
      clusters: options.refinementClusters(images: context.images.count),
      degreesOfFreedom: options.refinementDegreesOfFreedom,
      steps: TrainingSteps.Settings(
        stage: .refinement, steps: options.iterations ?? context.stepsPerPass,
        epochs: options.refinementEpochs, optimizer: options.chainOptimizer,
        learningRate: options.refinementLearningRate, schedule: .constant, shuffle: .refinementShuffle,
        augmentation: .refinementAugmentation),
      mayEnd: { _ in true })
  }
}
