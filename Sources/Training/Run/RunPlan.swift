import MPI

/// The parts of a run, in the order in which a run can come to them.
package enum RunPart: String, CaseIterable, Codable, Sendable {
  /// k-means of the raw pixels, for comparison.
  case pixelKMeans = "pixel-kmeans"
  /// Stage I of one network.
  case pretraining = "fcae"
  /// The neighbours of all images by the features of stage I.
  case neighbours
  /// k-means of stage I's features.
  case kmeans
  /// The learning chain for finer clusters.
  case refinement = "refine"
  /// The neighbours of all images by the refined features.
  case refinedNeighbours = "refined-neighbours"
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
    case .neighbours: "search for neighbours"
    case .kmeans: "k-means"
    case .refinement: "refinement"
    case .refinedNeighbours: "search for neighbours by refined features"
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

/// A part of a run, and the network that it works on.
package struct RunPlace: Codable, Equatable, Sendable {
  /// The part.
  package var part: RunPart
  /// The network, a member of the ensemble, from 0.
  package var member: Int

  /// The part `part` of the network `member`.
  package init(_ part: RunPart, member: Int = 0) { (self.part, self.member) = (part, member) }

  /// The seed of the network's random draws in a run with the seed `run`; the first network has the run's.
  func seed(run: UInt64) -> UInt64 { run &+ UInt64(member) &* 0x9E37_79B9_7F4A_7C15 }
}

/// The order of a run's parts: what its options add and leave out.
package struct RunPlan: Sendable {
  private let options: TrainingOptions

  /// The plan of a run with these options.
  package init(_ options: TrainingOptions) { self.options = options }

  /// Where a run begins.
  package var first: RunPlace { RunPlace(options.pixelKMeans ? .pixelKMeans : .pretraining) }

  /// What comes after `place`; nil after the last part.
  package func next(after place: RunPlace) -> RunPlace? {
    let member = place.member
    switch place.part {
    case .pixelKMeans: return RunPlace(.pretraining, member: member)
    case .pretraining: return usesGraph ? RunPlace(.neighbours, member: member) : afterStageOne(member)
    case .neighbours: return refines ? afterStageOne(member) : afterNetwork(member)
    case .kmeans: return RunPlace(refines ? .refinement : .chain, member: member)
    case .refinement: return RunPlace(usesGraph ? .refinedNeighbours : .refinedKMeans, member: member)
    case .refinedNeighbours: return afterNetwork(member)
    case .clusterCount: return afterNetworks
    case .refinedKMeans: return RunPlace(.chain, member: member)
    case .chain: return nil
    }
  }

  /// What follows stage I and the search for its neighbours. The k-means that the paper calls FCAE + k-means is that of the
  /// network which goes on to stage II; without a refinement it comes last, as stage II begins from it.
  private func afterStageOne(_ member: Int) -> RunPlace {
    // Without K there is no such k-means.
    let clusters = member + 1 == options.members && !options.clusterCount.isRange
    return RunPlace(refines && !clusters ? .refinement : .kmeans, member: member)
  }

  /// The next network, or what follows the last one.
  private func afterNetwork(_ member: Int) -> RunPlace {
    if member + 1 < options.members { return RunPlace(.pretraining, member: member + 1) }
    return options.clusterCount.isRange ? RunPlace(.clusterCount, member: member) : afterNetworks
  }

  /// The k-means from which stage II begins.
  private var afterNetworks: RunPlace {
    RunPlace(refines ? .refinedKMeans : .kmeans, member: options.members - 1)
  }

  private var refines: Bool { options.refinementEpochs > 0 }
  private var usesGraph: Bool { options.initialPartition == .graph }

  /// How augmentations move the images of the network at `place`.
  func augmentation(at place: RunPlace) -> Augmentation {
    options.augmentation.augmentation(member: place.member, of: options.members)
  }

  /// Neighbour tables of features that the run has made and still needs before the part at `place`.
  func featureTables(before place: RunPlace) -> Int {
    guard usesGraph else { return 0 }
    let perNetwork = refines ? 2 : 1
    switch place.part {
    case .pixelKMeans, .pretraining, .neighbours: return perNetwork * place.member
    case .kmeans where refines: return perNetwork * place.member + 1
    case .refinement, .refinedNeighbours: return perNetwork * place.member + 1
    case .kmeans, .clusterCount, .refinedKMeans, .chain: return perNetwork * options.members
    }
  }

  /// Whether K has been found before the part at `place`, where it is to be found.
  func knowsClusters(at place: RunPlace) -> Bool {
    guard options.clusterCount.isRange else { return false }
    return place.part == .chain || place.part == (refines ? .refinedKMeans : .kmeans)
  }

  /// Whether a run comes to `place`.
  package func contains(_ place: RunPlace) -> Bool {
    guard (0..<options.members).contains(place.member) else { return false }
    var next: RunPlace? = first
    while let here = next, here.member <= place.member {
      if here == place { return true }
      next = self.next(after: here)
    }
    return false
  }

  /// All places of a run in their order.
  var places: [RunPlace] { Array(sequence(first: first) { next(after: $0) }) }
}
