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
      "clusters", \.clusterCount, "Number of clusters K, or a range such as 2...20 in which it is found.",
      discussion:
        "In a range the number is taken that several graphs of the images' neighbours bear out best; it is found after the networks are trained, and --suggest-only stops there.",
      value: "K",
      graph: .rule("10 for the built-in images, else found in 2...30") {
        $0.isBuiltIn ? ClusterCount(10) : .unknown(images: $0.images)
      },
      checks: [
        ValueCheck("must be at least 2") { $0.least >= 2 },
        ValueCheck("must be a number, or a range from a smaller to a larger one") { $0.least <= $0.most },
        ValueCheck("must be a range of at most \(ClusterCount.mostTried) numbers") {
          $0.most - $0.least < ClusterCount.mostTried
        },
      ])
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
