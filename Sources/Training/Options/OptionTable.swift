/// All training options. Resolving, checking, config.json, the identity of a run and the help follow from it.
///
/// A new option is a property of `TrainingOptions`, a row here, and a line in the command line's options.
package enum OptionTable {
  /// The rows in the order in which options are decided: a default may depend on the rows before its own.
  package static let all: [any AnyOptionRow] = general + pretraining + ensemble + chain

  /// The row of a property.
  package static func row<Value: OptionValue>(_ keyPath: WritableKeyPath<TrainingOptions, Value>)
    -> OptionRow<Value>
  {
    guard let row = all.first(where: { $0.anyKeyPath == keyPath }) as? OptionRow<Value> else {
      preconditionFailure("\(keyPath) has no row in OptionTable")
    }
    return row
  }
}

/// Collects rows, so that the compiler looks at each on its own.
@resultBuilder enum OptionRows {
  static func buildBlock(_ rows: any AnyOptionRow...) -> [any AnyOptionRow] { rows }
}

/// What is not of one stage alone.
extension OptionTable {
  @OptionRows fileprivate static var general: [any AnyOptionRow] {
    OptionRow(
      "clusters", \.clusters, "Number of clusters K.", value: "K", checks: [.atLeast(2)])
    OptionRow("seed", \.seed, "Seed of every random draw.", value: "number")
    OptionRow(
      "batch-size", \.batchSize, "Images of a mini-batch over all ranks, a multiple of 16.", value: "images",
      graph: .rule("32 to 256, by the number of images") { Recipe.batchSize(images: $0.images) },
      checks: [
        .noOverflow,
        ValueCheck("must be a multiple of 16 (16 images share a vector register)") {
          $0 >= 16 && $0 % 16 == 0
        },
      ])
    OptionRow(
      "batch-norm", \.batchNorm,
      "Batch-norm statistics over the whole mini-batch (sync) or over each rank's part of it (local).",
      discussion: "local saves messages, but its results depend on the number of ranks.")
    OptionRow(
      "all-reduce", \.allReduce,
      "Order of sums over ranks: fixed-order (same bits on any number of ranks) or native (MPI's own).")
    OptionRow("feature-activation", \.featureActivation, "Activation of the feature layer.")
    OptionRow(
      "schedule", \.schedule,
      "Learning rate within stage II: constant, or cosine (down to zero).", graph: .value(.cosine))
  }
}
