import Clustering
import Foundation
import Lanes
import MPI
import Report
import Training

/// What the bits of a run's result depend on. A checkpoint carries it, and a run that resumes must have the same options
/// and data; of another program it is warned.
struct RunIdentity: Codable, Equatable {
  /// The values of the options that matter, by name. Paths, output and the ways to compute the same bits are not here.
  var options: [String: String]
  /// The images and labels.
  var data: String
  /// The program and what it computes with: another one may round otherwise.
  var program: [String: String]

  /// - Parameter initial: the contents of the model that the run starts from
  init(
    _ options: Options, _ training: TrainingOptions, data: String, images: Int, initial: String, ranks: Int
  ) {
    var values = [
      "--clusters": "\(training.clusters)", "--architecture": options.network.architecture,
      "--feature-activation": training.featureActivation.rawValue, "--batch-size": "\(training.batchSize)",
      "--batch-norm": training.batchNorm.rawValue, "--init": initial,
      "--pretrain-epochs": "\(training.pretrainEpochs)",
      "--pretrain-learning-rate": "\(training.pretrainLearningRate)",
      "--optimizer": training.optimizer.rawValue, "--kmeans-restarts": "\(training.kmeansRestarts)",
      "--pixel-kmeans": "\(training.pixelKMeans)", "--chain-epochs": "\(training.chainEpochs)",
      "--iterations": training.iterations.map { "\($0)" } ?? "one pass",
      "--learning-rate": "\(training.learningRate)", "--chain-optimizer": training.chainOptimizer.rawValue,
      "--boost": "\(training.boost)", "--degrees-of-freedom": "\(training.degreesOfFreedom)",
      "--normalization": training.normalization.rawValue, "--seed": "\(training.seed)",
      "--augment": training.augmentation.text, "--initial-partition": training.initialPartition.rawValue,
      "--neighbours": training.neighbours.map { "\($0)" } ?? "by rule",
      "--pixel-graph": "\(training.pixelGraph)",
      "--reconstruction-weight": "\(training.reconstructionWeight)",
      "--partition-epochs": "\(training.partitionEpochs)",
      "--refinement-epochs": "\(training.refinementEpochs)",
      "--refreshes": "\(training.refreshes)", "--refresh-epochs": "\(training.refreshEpochs)",
      "--members": "\(training.members)", "--schedule": training.schedule.rawValue,
      "--refinement-learning-rate": "\(training.refinementLearningRate)",
      "--refinement-degrees-of-freedom": "\(training.refinementDegreesOfFreedom)",
      "--refinement-factor": "\(training.refinementFactor)",
      "--all-reduce": training.allReduce.rawValue,
    ]
    if training.initialPartition == .graph, training.graphSample(images: images).isPart {
      values["--graph-images"] = "\(training.graphLimit)"
    }
    // Only in these modes does the result depend on the number of ranks.
    if training.batchNorm == .local || training.allReduce == .native {
      values["the number of ranks"] = "\(ranks)"
    }
    self.options = values
    self.data = data
    program = [
      "version": BuildInformation.version, "OpenBLAS kernels": BLAS.coreName,
      "vectors": BuildInformation.vectorInstructions,
    ]
  }

  /// As config.json holds it.
  var json: JSONLine {
    func object(_ values: [String: String]) -> JSONLine {
      var object = JSONLine()
      for (key, value) in values.sorted(by: { $0.key < $1.key }) { object.add(key, value) }
      return object
    }
    var json = JSONLine()
    json.add("options", object(options))
    json.add("data", data)
    json.add("program", object(program))
    return json
  }

  /// Throws where the finished run whose config.json this is was another one. One that does not say is taken for the same.
  func requireFinished(_ path: String) throws(ReportError) {
    struct Config: Decodable { let identity: RunIdentity }
    guard let data = FileManager.default.contents(atPath: path),
      let found = try? JSONDecoder().decode(Config.self, from: data).identity
    else { return }
    try require(found, of: path)
  }

  /// Throws where the run that `then` describes, found at `path`, would not come to the same result.
  func require(_ then: RunIdentity, of path: String) throws(ReportError) {
    let found = differences(from: then)
    guard found.isEmpty else {
      throw ReportError(
        .malformed, path,
        "belongs to another run: \(found.joined(separator: "; ")); resume with what it was started with, or begin "
          + "anew with --overwrite and without --resume")
    }
  }

  /// What differs from the run that `then` describes, in words; empty where nothing does.
  func differences(from then: RunIdentity) -> [String] {
    var found = Self.differences(options, then.options)
    if data != then.data { found.append("the data were \(then.data) and are \(data)") }
    return found
  }

  /// What may make the last bits differ, in words.
  func programDifferences(from then: RunIdentity) -> [String] { Self.differences(program, then.program) }

  private static func differences(_ now: [String: String], _ then: [String: String]) -> [String] {
    Set(now.keys).union(then.keys).sorted().filter { now[$0] != then[$0] }.map {
      "\($0) was \(then[$0] ?? "not given") and is \(now[$0] ?? "not given")"
    }
  }
}

/// Ranks of one job that do not belong together.
struct RankMismatch: Error, CustomStringConvertible {
  let description: String

  /// All ranks must say the same of `what`. **Collective.** Throws on all ranks, naming the first that differs.
  static func check(_ world: borrowing Communicator, _ what: String, _ own: String, hint: String = "") throws
  {
    let first = try world.broadcast(own)
    try world.together {
      guard own == first else {
        throw RankMismatch(description: "\(what): \(own) here, but \(first) on rank 0\(hint)")
      }
    }
  }
}
