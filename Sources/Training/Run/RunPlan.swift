import MPI

/// The parts of a run, in the order in which a run can come to them.
package enum RunPart: String, CaseIterable, Codable, Sendable {
  /// k-means of the raw pixels, for comparison.
  case pixelKMeans = "pixel-kmeans"
  /// Stage I of one network.
  case pretraining = "fcae"
  /// The first judgement on a network whose augmentation is compared with others: by the features of stage I.
  case comparison = "augment"
  /// k-means of stage I's features.
  case kmeans
  /// The learning chain for finer clusters.
  case refinement = "refine"
  /// The neighbours of all images by the features of one network, and the second judgement where augmentations are compared.
  case neighbours
  /// The choice of K, where a range is given.
  case clusterCount = "clusters"
  /// k-means of the refined features.
  case refinedKMeans = "refined-kmeans"
  /// Stage II.
  case chain = "dbc"

  /// The part in words.
  var label: StaticString {
    switch self {
    case .pixelKMeans: "k-means of the pixels"
    case .pretraining: "stage I"
    case .comparison: "comparison of augmentations"
    case .kmeans: "k-means"
    case .refinement: "refinement"
    case .neighbours: "search for neighbours"
    case .clusterCount: "search for the number of clusters"
    case .refinedKMeans: "k-means of the refined features"
    case .chain: "stage II"
    }
  }

  /// Whether the part consists of epochs, each of training steps.
  var hasEpochs: Bool { [.pretraining, .refinement, .chain].contains(self) }
}

extension Stage {
  /// The stage in few words, for lines of a run: those of its part.
  package var shortTitle: String { RunPart(rawValue: rawValue).map { "\($0.label)" } ?? rawValue }
}

/// Which of a run's networks is trained, and what those before it have shown.
package struct NetworkNumber: Codable, Equatable, Sendable {
  /// The member of the ensemble, from 0.
  package var member = 0
  /// The number of the augmentation among those that are compared, from 0; once they have been compared, of the best.
  package var candidate = 0
  /// The modularity of the graph's partition for the candidates that have been judged, two numbers each: by the features of
  /// stage I, and by the features at the end of the network's training.
  package var modularities: [Double] = []

  /// The first network.
  package init() {}

  /// The seed of this member's random draws in a run with the seed `run`; the first member has the run's.
  func seed(run: UInt64) -> UInt64 { run &+ UInt64(member) &* 0x9E37_79B9_7F4A_7C15 }
}

/// A part of a run, and the network that it works on.
package struct RunPlace: Codable, Equatable, Sendable {
  /// The part.
  package var part: RunPart
  /// The network.
  package var network = NetworkNumber()

  /// The part `part` of the network `network`.
  package init(_ part: RunPart, _ network: NetworkNumber = NetworkNumber()) {
    (self.part, self.network) = (part, network)
  }
}

/// The order of a run's parts: what its options add and leave out.
package struct RunPlan: Sendable {
  private let options: TrainingOptions

  /// The plan of a run with these options.
  package init(_ options: TrainingOptions) { self.options = options }

  /// Where a run begins.
  package var first: RunPlace { RunPlace(options.pixelKMeans ? .pixelKMeans : .pretraining) }

  /// What comes after `place`, with what it has found out; nil after the last part.
  package func next(after place: RunPlace) -> RunPlace? {
    var network = place.network
    switch place.part {
    case .pixelKMeans: return RunPlace(.pretraining, network)
    case .pretraining: return isCandidate(network) ? RunPlace(.comparison, network) : afterStageOne(network)
    case .comparison: return afterStageOne(network)
    case .kmeans: return refines ? RunPlace(.refinement, network) : RunPlace(.chain, network)
    case .refinement:
      return usesGraph ? RunPlace(.neighbours, network) : RunPlace(.refinedKMeans, network)
    case .neighbours:
      if isCandidate(network) {
        network.candidate += 1
        if network.candidate < Augmentation.candidates.count { return RunPlace(.pretraining, network) }
        network.candidate = Self.best(network.modularities)
      }
      if network.member + 1 < options.members {
        network.member += 1
        return RunPlace(.pretraining, network)
      }
      return options.clusterCount.isRange ? RunPlace(.clusterCount, network) : afterNetworks(network)
    case .clusterCount: return afterNetworks(network)
    case .refinedKMeans: return RunPlace(.chain, network)
    case .chain: return nil
    }
  }

  /// What follows stage I and the judgement on it. The k-means that the paper calls FCAE + k-means is that of the network
  /// which goes on to stage II; without a refinement it comes last, as stage II begins from it.
  private func afterStageOne(_ network: NetworkNumber) -> RunPlace {
    if refines {
      // Without K there is no such k-means.
      let isLast =
        network.member + 1 == options.members && !isCandidate(network) && !options.clusterCount.isRange
      return RunPlace(isLast ? .kmeans : .refinement, network)
    }
    return RunPlace(usesGraph ? .neighbours : .kmeans, network)
  }

  /// The k-means from which stage II begins.
  private func afterNetworks(_ network: NetworkNumber) -> RunPlace {
    RunPlace(refines ? .refinedKMeans : .kmeans, network)
  }

  /// Whether the network is trained to be compared with others by its augmentation.
  func isCandidate(_ network: NetworkNumber) -> Bool {
    options.augmentation == .compared && network.member == 0
  }

  private var refines: Bool { options.refinementEpochs > 0 }
  private var usesGraph: Bool { options.initialPartition == .graph }

  /// The number of the candidate whose modularities have the largest sum, the first one of equals.
  static func best(_ modularities: [Double]) -> Int {
    let sums = sums(modularities)
    return sums.firstIndex(of: sums.max()!)!
  }

  /// The sum of every candidate's two modularities.
  static func sums(_ modularities: [Double]) -> [Double] {
    stride(from: 0, to: modularities.count - 1, by: 2).map { modularities[$0] + modularities[$0 + 1] }
  }

  /// How augmentations move the images of `network`.
  func augmentation(_ network: NetworkNumber) -> Augmentation {
    switch options.augmentation {
    case .fixed(let augmentation): augmentation
    case .compared: Augmentation.candidates[network.candidate]
    }
  }

  /// Networks whose neighbours have been found, and are still needed, at `place`.
  ///
  /// - Parameter isBegun: whether the part at `place` has begun; stage II needs them only at its beginning
  func networksSearched(at place: RunPlace, isBegun: Bool) -> Int {
    guard usesGraph else { return 0 }
    switch place.part {
    case .chain: return isBegun ? 0 : options.members
    case .clusterCount, .refinedKMeans: return options.members
    case .kmeans where !refines: return options.members
    default:
      let network = place.network
      return isCandidate(network) ? network.candidate : network.member
    }
  }

  /// Whether K has been found before the part at `place`, where it is to be found.
  func knowsClusters(at place: RunPlace) -> Bool {
    guard options.clusterCount.isRange else { return false }
    return place.part == .chain || place.part == (refines ? .refinedKMeans : .kmeans)
  }

  /// Whether a run comes to `place`.
  package func contains(_ place: RunPlace) -> Bool {
    let found = place.network.modularities
    guard found.allSatisfy(\.isFinite), (0..<options.members).contains(place.network.member) else {
      return false
    }
    var next: RunPlace? = first
    while let here = next, here.network.member <= place.network.member {
      if here == place { return true }
      var done = here
      if judges(here) {
        let count = here.network.modularities.count
        guard count < found.count else { return false }
        done.network.modularities.append(found[count])
      }
      next = self.next(after: done)
    }
    return false
  }

  /// All places of a run in their order, as if the first augmentation were taken.
  var places: [RunPlace] {
    var found: [RunPlace] = []
    var next: RunPlace? = first
    while let here = next {
      found.append(here)
      var done = here
      if judges(here) { done.network.modularities.append(0) }
      next = self.next(after: done)
    }
    return found
  }

  /// Whether the part at `place` ends with a judgement on an augmentation.
  private func judges(_ place: RunPlace) -> Bool {
    (place.part == .comparison || place.part == .neighbours) && isCandidate(place.network)
  }
}
