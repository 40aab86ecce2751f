import Basics
import Clustering
import Dataset
import FoundationEssentials
import Lanes
import Report
import Training

/// A finished run, as its directory has it.
package final class FinishedRun {
  /// The directory, as it was given.
  package let path: String
  /// config.json
  package let config: RunConfig
  /// The lines of metrics.jsonl that this version understands.
  package let records: [MetricsRecord]
  /// Lines of metrics.jsonl that it does not understand.
  package let unknownRecords: Int
  /// What every image is called.
  package private(set) var sources: [String] = []
  /// The cluster of every image.
  package private(set) var assignments: [Int32] = []
  /// What people call the clusters, where they have named any.
  package let names: ClusterNames?
  /// The classes, where the run had labels.
  package private(set) var labels: ClassLabels?
  /// The features of a sample of the images after some epochs; nil where none were kept.
  package private(set) var featuresByEpoch: EpochFeatures?
  private let embeddingValues: AlignedBuffer<Float>
  private let scoreValues: AlignedBuffer<Float>
  private let features: Int
  private let clusters: Int

  /// The files of a finished run that are needed. The model, which is written last, shows that it is finished.
  private static let files = [
    "config.json", "metrics.jsonl", "embeddings.npy", "scores.npy", "assignments.csv", "model.safetensors",
  ]

  /// Reads everything but the model.
  ///
  /// - Throws: a `ReportError` where there is no run, an unfinished one, or a damaged file.
  package init(_ path: String) throws {
    self.path = path
    try Self.requireFinished(path)
    let config = "\(path)/config.json"
    do {
      self.config = try JSON.decode(RunConfig.self, from: Data(try Self.contents(config)))
    } catch let error as ReportError {
      throw error
    } catch {
      throw ReportError(.malformed, config, "is damaged: expected the JSON that dbc-train writes")
    }
    let lines = try Self.contents("\(path)/metrics.jsonl").split(separator: UInt8(ascii: "\n")).map {
      Data($0)
    }
    records = MetricsLog.records(MetricsRecord.self, in: lines)
    unknownRecords = lines.count - records.count
    let (embeddings, scores) = (try NPYMatrix("\(path)/embeddings.npy"), try NPYMatrix("\(path)/scores.npy"))
    guard embeddings.rows == scores.rows else {
      throw ReportError(
        .malformed, "\(path)/scores.npy",
        "has \(scores.rows) rows, but embeddings.npy has \(embeddings.rows): they are not of one run; copy it again"
      )
    }
    (features, clusters) = (embeddings.columns, scores.columns)
    names = try ClusterNames(FileName.join(path, ClusterNames.fileName), clusters: scores.columns)
    embeddingValues = AlignedBuffer(count: embeddings.rows * features, for: "features")
    scoreValues = AlignedBuffer(count: scores.rows * clusters, for: "scores S")
    embeddings.copy(to: embeddingValues.all)
    scores.copy(to: scoreValues.all)
    try Self.requireFinite(embeddingValues.all, columns: features, "\(path)/embeddings.npy")
    try Self.requireFinite(scoreValues.all, columns: clusters, "\(path)/scores.npy")
    try readAssignments(images: scores.rows)
    try readFeaturesByEpoch()
  }

  /// The features, as long as this is there.
  package var embeddings: FloatRows {
    FloatRows(UnsafeBufferPointer(embeddingValues.all), rows: sources.count, columns: features)
  }

  /// The scores, as long as this is there.
  package var scores: FloatRows {
    FloatRows(UnsafeBufferPointer(scoreValues.all), rows: sources.count, columns: clusters)
  }

  /// The seed of the run's random draws.
  package var seed: UInt64 {
    switch config.options?["seed"] {
    case .integer(let seed): UInt64(seed)
    case .text(let seed): UInt64(seed) ?? 0
    default: 0
    }
  }

  /// What the report is made of, as long as this is there.
  ///
  /// - Parameter mapped: the map of the run's features
  package func input(_ mapped: MappedImages) -> ReportInput {
    var input = ReportInput(
      name: FileName.last(FileName.absolute(path)), config: config, records: records, embeddings: embeddings,
      scores: scores, assignments: assignments, map: mapped.points, source: { self.sources[$0] })
    input.names = names
    input.labels = labels.map { ReportInput.Labels($0) }
    input.features = featuresByEpoch
    if mapped.neighbours.count > 0 {
      input.neighbours = ReportInput.NearImages(images: mapped.sample, table: mapped.neighbours)
    }
    if unknownRecords > 0 {
      input.remarks.append(
        "\(unknownRecords) lines of metrics.jsonl are not understood, and are left out of the curves and times."
      )
    }
    return input
  }

  private static func requireFinished(_ path: String) throws(ReportError) {
    guard let status = Files.status(path) else {
      throw ReportError(
        .unreadable, path, "cannot be read: \(Files.reason()); expected the output directory of dbc-train")
    }
    guard status.isFolder else {
      throw ReportError(.unreadable, path, "is a file; expected the output directory of dbc-train")
    }
    let missing = files.filter { !Files.exists("\(path)/\($0)") }
    guard !missing.contains("config.json") else {
      throw ReportError(
        .unreadable, path, "holds no run: config.json is missing; expected the output directory of dbc-train")
    }
    guard missing.isEmpty else {
      throw ReportError(
        .unreadable, path,
        "holds an unfinished run (\(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") missing); "
          + "finish it with dbc-train --resume")
    }
  }

  private static func contents(_ path: String) throws(ReportError) -> [UInt8] {
    guard let bytes = Files.contents(path) else {
      throw ReportError(.unreadable, path, "cannot be read: \(Files.reason())")
    }
    return bytes
  }

  private static func requireFinite(
    _ values: UnsafeMutableBufferPointer<Float>, columns: Int, _ path: String
  ) throws(ReportError) {
    // No features or scores are as large; sums of their squares stay finite.
    guard let place = values.firstIndex(where: { !(abs($0) < 1e15) }) else { return }
    throw ReportError(
      .malformed, path,
      "is damaged: the number in row \(place / columns), column \(place % columns) is \(values[place])")
  }

  private func readFeaturesByEpoch() throws(ReportError) {
    let path = FileName.join(path, EpochFeatures.fileName)
    guard Files.exists(path) else { return }
    let found = try EpochFeatures(path)
    guard found.images == sources.count, found.columns == features else {
      throw EpochFeatures.foreign(
        path,
        "it says \(found.images) images of \(found.columns) features, and embeddings.npy \(sources.count) of \(features)"
      )
    }
    let expected = GroupSample(images: found.images, limit: found.sample).images
    guard found.rows == expected else {
      throw EpochFeatures.foreign(
        path,
        "a sample of at most \(found.sample) has \(expected) of its \(found.images) images, found \(found.rows)"
      )
    }
    featuresByEpoch = found
  }

  private func readAssignments(images: Int) throws {
    let path = "\(path)/assignments.csv"
    func damaged(_ line: Int, _ message: String) -> ReportError {
      ReportError(.malformed, path, "line \(line): \(message); was it changed, or copied in part?")
    }
    var classes: [String] = []
    var columns = 0
    sources.reserveCapacity(images)
    do {
      try CSV.forEachRow(try Self.contents(path), separator: UInt8(ascii: ",")) { line, fields in
        if columns == 0 {
          columns = fields.count
          guard fields.starts(with: ["index", "source", "cluster", "score"]) else {
            throw damaged(line, "expected the header index,source,cluster,score")
          }
          return
        }
        guard fields.count == columns else {
          throw damaged(line, "expected \(columns) fields, found \(fields.count)")
        }
        guard Int(fields[0]) == sources.count, sources.count < images else {
          throw damaged(line, "expected image \(sources.count) of \(images), found \(fields[0].prefix(20))")
        }
        guard let cluster = Int32(fields[2]), cluster >= 0, Int(cluster) < clusters else {
          throw damaged(line, "expected a cluster below \(clusters), found \(fields[2].prefix(20))")
        }
        sources.append(fields[1])
        assignments.append(cluster)
        if columns > 4 { classes.append(fields[4]) }
      }
    } catch let error as CSV.OpenQuote {
      throw damaged(error.line, "a quotation mark is not closed")
    }
    guard sources.count == images else {
      throw ReportError(
        .malformed, path,
        "has \(sources.count) images, but scores.npy has \(images); was it copied completely?")
    }
    if columns > 4 { labels = ClassLabels(classes, from: "the run") }
  }
}
