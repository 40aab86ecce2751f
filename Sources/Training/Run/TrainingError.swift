import Basics

/// A run that cannot go on, or cannot start as asked for.
package enum TrainingError: Error, CustomStringConvertible {
  /// Options that contradict each other, the data or the number of ranks.
  case options(String)
  /// The loss became NaN or infinite.
  ///
  /// - Parameter before: the losses of the last steps before
  case diverged(stage: Stage, epoch: Int, step: Int, learningRate: Double, loss: Double, before: [Double])
  /// The features became NaN or infinite although the loss was not.
  case notFinite(stage: Stage, epoch: Int, learningRate: Double)
  /// Ranks that should hold the same parameters do not.
  case drifted(String)
  /// A snapshot that does not fit the run.
  case snapshot(String)
  /// Stopped, and nothing could be kept.
  case stoppedUnsaved(String)

  /// What is wrong and what to try.
  package var description: String {
    switch self {
    case .options(let text), .drifted(let text), .snapshot(let text), .stoppedUnsaved(let text): return text
    case .diverged(let stage, let epoch, let step, let learningRate, let loss, let before):
      let losses = before.map { String(printf: "%.5g", $0) }.joined(separator: ", ")
      return "the loss became \(loss) in \(stage.title), epoch \(epoch), step \(step), at learning rate "
        + "\(learningRate)\(before.isEmpty ? "" : " (losses before: \(losses))"); try a smaller "
        + "\(stage.learningRateOption), or a larger --batch-size; if the losses before were steady, resume the "
        + "run: a fault of the machine is then likely"
    case .notFinite(let stage, let epoch, let learningRate):
      return
        "the features are not finite, or too large to be compared, after \(stage.title), epoch \(epoch), at learning rate "
        + "\(learningRate); try a smaller \(stage.learningRateOption)"
    }
  }
}

/// The two stages of the method, and the refinement between them.
package enum Stage: String, Sendable {
  /// Stage I, the auto-encoder.
  case pretraining = "fcae"
  /// Stage II, the learning chain.
  case chain = "dbc"
  /// Between them, the learning chain for finer clusters.
  case refinement = "refine"

  var learningRateOption: String {
    switch self {
    case .pretraining: "--pretrain-learning-rate"
    case .refinement: "--refinement-learning-rate"
    case .chain: "--learning-rate"
    }
  }

  /// The stage in words.
  package var title: String {
    switch self {
    case .pretraining: "stage I (auto-encoder)"
    case .refinement: "the refinement of the features"
    case .chain: "stage II (learning chain)"
    }
  }
}
