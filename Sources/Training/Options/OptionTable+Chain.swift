/// Stage II, the learning chain.
extension OptionTable {
  @OptionRows static var chain: [any AnyOptionRow] {
    OptionRow(
      "chain-epochs", \.chainEpochs,
      "Epochs T of the learning chain at most; it stops earlier after an epoch on R in which no assignment changes.",
      value: "epochs",
      graph: .value(36), checks: [.notNegative])
    OptionRow(
      "refresh-epochs", \.refreshEpochs,
      "Epochs of stage II from one partition of the neighbour graph to the next; the first is that of all networks' graph, the "
        + "later ones are of the graph of the current features and the pixels; 0 leaves it at the first.",
      value: "epochs", graph: .value(12), checks: [.notNegative])
    OptionRow(
      "partition-epochs", \.partitionEpochs,
      "Epochs of stage II for which a new partition is the target in place of R.",
      value: "epochs", graph: .value(5), checks: [.notNegative])
    OptionRow(
      "graph-weight", \.graphWeight,
      "Weight λ of the neighbours in stage II's target: R is made of (1 - λ) S + λ D⁻¹A S, where A is the neighbour graph and D "
        + "its row sums; 0 leaves S as it is.",
      value: "lambda", graph: .value(0.9), checks: [.zeroToOne])
    OptionRow(
      "degrees-of-freedom", \.degreesOfFreedom,
      "Degrees of freedom ν of stage II's Student-t scores: with more of them scores come closer to 0 and 1.",
      discussion:
        "The default is 1 with --initial-partition kmeans, where the chain is left to its own target R: with 5 it then drifts "
        + "away from a good partition.",
      value: "nu", graph: .rule("5") { $0.options.initialPartition == .graph ? 5 : 1 },
      checks: [.degreesOfFreedom])
    OptionRow(
      "reconstruction-weight", \.reconstructionWeight,
      "Weight of the reconstruction's mean squared error in the loss of refinement and stage II; 0 leaves the decoder as "
        + "stage I left it.",
      value: "weight", checks: [.zeroOrPositive])
    OptionRow(
      "iterations", \.iterations, "Mini-batches B per epoch of refinement and stage II.", value: "steps",
      absent: (text: "one pass", help: "one pass over the data"),
      checks: [.ifAny(.noOverflow), .ifAny(.atLeast(1))])
    OptionRow(
      "learning-rate", \.learningRate, "Learning rate of stage II.", value: "rate", graph: .value(1e-3),
      checks: [.positive])
    OptionRow(
      "chain-optimizer", \.chainOptimizer, "Optimiser of refinement and stage II: sgd (momentum 0.9) or adam."
    )
    OptionRow(
      "boost", \.boost, "Exponent α > 1 of the boosted target, in refinement and stage II.", value: "alpha",
      checks: [.above(1)])
    OptionRow(
      "normalization", \.normalization,
      "What a cluster's boosted scores are divided by: Σ s^α (dbc), Σ s (dec), nothing (none), or what leaves the clusters about "
        + "as large as in the graph's last partition (partition; as dbc where there is none).",
      graph: .value(.partition))
    OptionRow(
      "target", \.target,
      "Who computes the target R: rank 0 (root), or every rank its rows (distributed, the same bits).",
      bits: .never)
  }
}
