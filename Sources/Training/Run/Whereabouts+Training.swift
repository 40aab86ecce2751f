import MPI

extension RunState {
  /// Lets the watchdog see where the run is.
  func publish() { Whereabouts.place(place.part.label, epoch: epoch, step: step) }
}

extension Phase {
  /// The name as a literal.
  var label: StaticString {
    switch self {
    case .data: "data"
    case .forward: "forward"
    case .normExchange: "norm exchange"
    case .backward: "backward"
    case .waiting: "waiting"
    case .gradientExchange: "gradient exchange"
    case .optimizer: "optimizer"
    case .encode: "encode"
    case .kmeans: "kmeans"
    case .graph: "graph"
    case .target: "target"
    case .checkpoint: "checkpoint"
    }
  }
}
