import Clustering
import FCAE
import Lanes

/// What tells the chain of stage II and that of the refinement apart.
struct ChainSettings {
  /// T, epochs at most.
  let epochs: Int
  /// Clusters of the scores and of the target: K, or more in the refinement.
  let clusters: Int
  /// ν of the scores.
  let degreesOfFreedom: Double
  /// Step size and its course, mini-batches per epoch B, random draws.
  let steps: TrainingSteps.Settings

  /// The chain of stage II.
  static func stageTwo(_ options: TrainingOptions, _ context: RunContext) -> ChainSettings {
    ChainSettings(
      epochs: options.chainEpochs, clusters: options.clusters, degreesOfFreedom: options.degreesOfFreedom,
      steps: TrainingSteps.Settings(
        stage: .chain, steps: options.iterations ?? context.stepsPerPass, epochs: options.chainEpochs,
        optimizer: options.chainOptimizer, learningRate: options.learningRate, schedule: options.schedule,
        shuffle: .chainShuffle, augmentation: .chainAugmentation))
  }

  /// The chain for finer clusters.
  static func refinement(_ options: TrainingOptions, _ context: RunContext) -> ChainSettings {
    ChainSettings(
      epochs: options.refinementEpochs,
      clusters: options.refinementClusters(images: context.images.count),
      degreesOfFreedom: options.refinementDegreesOfFreedom,
      steps: TrainingSteps.Settings(
        stage: .refinement, steps: options.iterations ?? context.stepsPerPass,
        epochs: options.refinementEpochs, optimizer: options.chainOptimizer,
        learningRate: options.refinementLearningRate, schedule: .constant, shuffle: .refinementShuffle,
        augmentation: .refinementAugmentation))
  }
}
