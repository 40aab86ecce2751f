/// How far a run is, and how long the rest of it will take at most: by what its epochs and other parts have taken so far.
package struct RunForecast {
  private let plan: RunPlan
  private let options: TrainingOptions
  private let places: [RunPlace]
  /// The seconds of the last epoch of a stage, with the scores at its end.
  private var epochSeconds: [Stage: Double] = [:]
  /// The seconds of the last k-means, of the last search for neighbours, and of the last partition in stage II with its search.
  private var (kmeansSeconds, searchSeconds, partitionSeconds) = (0.0, 0.0, 0.0)

  /// Epochs that have not been seen yet, in epochs of stage I: encoder alone, and a pass over all images for the scores.
  private static let chainCost = 0.65
  /// A partition that has not been seen yet, in searches for neighbours; the search for K, in partitions.
  private static let (partitionCost, countCost) = (2.0, 4.0)
  /// Of more networks nothing is foretold.
  private static let mostMembers = 1000

  /// A run with these options, of which nothing is known yet.
  package init(_ options: TrainingOptions) {
    self.options = options
    plan = RunPlan(options)
    places = options.members > Self.mostMembers ? [] : plan.places
  }

  /// The number of networks that are trained, one after another.
  package var networks: Int { options.members }

  /// The epochs of a stage.
  package func epochs(of stage: Stage) -> Int {
    switch stage {
    case .pretraining: options.pretrainEpochs
    case .refinement: options.refinementEpochs
    case .chain: options.chainEpochs
    }
  }

  /// Takes in what has been done, as it comes or read from metrics.jsonl.
  package mutating func add(_ record: MetricsRecord) {
    switch record {
    case .epoch(let record):
      if record.epoch > 0 { epochSeconds[record.stage] = record.seconds }
      // The first record behind a search says how long it took.
      let search = record.phases.first { $0.phase == .graph }
      if record.stage != .chain, let search { searchSeconds = search.seconds }
    case .kmeans(let record): kmeansSeconds = record.seconds
    case .graph(let record): partitionSeconds = record.seconds
    case .clusterCount: break
    }
  }

  /// The seconds until the run ends, at most; nil where no epoch has been timed yet.
  ///
  /// - Parameters:
  ///   - place: the part that runs, which has epochs
  ///   - epoch: the epoch that runs or is over, 1…
  ///   - share: the share of its steps that lie behind, 0…1
  ///   - expected: the seconds of the whole epoch by its steps so far; nil: as those before it
  package func secondsLeft(at place: RunPlace, epoch: Int, share: Double, expected: Double? = nil) -> Double?
  {
    guard let stage = Stage(rawValue: place.part.rawValue), let here = places.firstIndex(of: place) else {
      return nil
    }
    var known = epochSeconds
    if let expected { known[stage] = known[stage].map { max($0, expected) } ?? expected }
    guard !known.isEmpty else { return nil }
    var left = Double(epochs(of: stage) - epoch) + 1 - share
    left *= seconds(of: stage, known)
    if stage == .chain { left += partition * Double(options.partitionCount(fromEpoch: epoch)) }
    return places[(here + 1)...].reduce(left) { $0 + seconds(of: $1.part, known) }
  }

  /// The whole part, as far as it can be told.
  private func seconds(of part: RunPart, _ known: [Stage: Double]) -> Double {
    switch part {
    case .kmeans, .refinedKMeans, .pixelKMeans: return kmeansSeconds
    case .neighbours, .refinedNeighbours: return searchSeconds
    case .clusterCount: return partition * Self.countCost
    case .pretraining, .refinement, .chain:
      let stage = Stage(rawValue: part.rawValue)!
      let partitions = stage == .chain ? options.partitionCount(fromEpoch: 0) : 0
      return Double(epochs(of: stage)) * seconds(of: stage, known) + Double(partitions) * partition
    }
  }

  /// A partition of the neighbour graph.
  private var partition: Double {
    partitionSeconds > 0 ? partitionSeconds : searchSeconds * Self.partitionCost
  }

  /// An epoch.
  private func seconds(of stage: Stage, _ known: [Stage: Double]) -> Double {
    if let seconds = known[stage] { return seconds }
    switch stage {
    case .pretraining: return (known[.refinement] ?? known[.chain] ?? 0) / Self.chainCost
    case .refinement: return known[.chain] ?? (known[.pretraining] ?? 0) * Self.chainCost
    case .chain: return known[.refinement] ?? (known[.pretraining] ?? 0) * Self.chainCost
    }
  }

}
