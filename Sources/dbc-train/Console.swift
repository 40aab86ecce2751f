import Clustering
import Foundation
import Lanes
import Report
import Training

/// What rank 0 shows and logs of a run.
final class Console: TrainingObserver {
  let directory: RunDirectory
  /// Writes checkpoints; there from the start of the training on.
  var keeper: CheckpointKeeper?
  private var metricsLost = false
  private let quiet: Bool
  private let progress: ProgressLine
  private var table = TextTable([
    ("", .left), ("ACC", .right), ("NMI", .right), ("ARI", .right), ("time", .right),
  ])
  private var phases: [Phase: Double] = [:]
  private var stageSeconds: [Stage: Double] = [:]
  private var lastMetrics: PartitionMetrics?

  init(quiet: Bool, directory: RunDirectory) {
    self.quiet = quiet
    self.directory = directory
    progress = ProgressLine(ProgressLine.style(quiet: quiet))
  }

  private func say(_ text: String) {
    if !quiet { try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) }
  }

  /// A warning on standard error, `--quiet` or not.
  static func warn(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("dbc-train: warning: \(text)\n".utf8))
  }

  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome {
    keeper?.save(snapshot, waits: waits) ?? .nothing
  }

  /// A line that cannot be written is kept for later; the run does not end for it.
  private func append(_ line: JSONLine) {
    do {
      try directory.metrics.append(line)
      metricsLost = false
    } catch {
      if !metricsLost { Self.warn("\(error); the line is kept and written later") }
      metricsLost = true
    }
  }

  func header(_ facts: RunFacts, resumed: ResumePoint? = nil) {
    let hosts = facts.hosts.count == 1 ? facts.hosts[0] : "\(facts.hosts.count) hosts"
    say(
      """
      dbc-train \(BuildInformation.version)
        ranks         \(facts.ranks) on \(hosts)
        CPU           \(facts.cpu)
        libraries     \(facts.mpi), \(facts.blas)
        data          \(facts.data)
        architecture  \(facts.architecture.name): \(facts.architecture.summary)
        parameters    \(facts.parameters), decoder included; \(facts.activationBytes >> 20) MiB of activations per rank
        output        \(directory.path)
      """)
    if let resumed { say("  resumed       \(resumed.path): \(resumed.snapshot.state.text)") }
  }

  func willBegin(_ stage: Stage, epoch: Int, of epochs: Int, steps: Int) {
    progress.begin("\(stage.rawValue) \(epoch)/\(epochs)", total: steps)
  }

  func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double) {
    progress.update(done: step, images: images, note: "loss \(number(loss))")
  }

  func didEnd(_ record: EpochRecord) throws {
    for (phase, seconds) in record.phases { phases[phase, default: 0] += seconds }
    stageSeconds[record.stage, default: 0] += record.seconds
    append(line(record))
    var text = "\(record.stage.rawValue) epoch \(record.epoch)"
    if let loss = record.loss { text += "  loss \(number(loss))" }
    if let chain = record.chain {
      text += "  changed \(chain.changed)  mean largest score \(fixed(chain.meanMaximumScore))"
    }
    text += self.text(record.metrics)
    lastMetrics = record.metrics ?? lastMetrics
    if record.imagesPerSecond > 0 { text += "  \(ProgressLine.rate(record.imagesPerSecond))" }
    progress.end(text)
  }

  func didCluster(_ record: KMeansRecord) throws {
    let name = Self.name(of: record.source)
    var line = JSONLine()
    line.add("stage", record.source.rawValue)
    line.add("inertia", record.inertia)
    line.add("iterations", record.iterations)
    line.add("restarts", record.restarts)
    add(record.metrics, to: &line)
    line.add("elapsed_seconds", record.seconds)
    append(line)
    let text = "\(name)  inertia \(number(record.inertia))\(self.text(record.metrics))"
    progress.end("\(text)  \(ProgressLine.duration(record.seconds))")
    addPartition(record.source, record.metrics, seconds: record.seconds)
  }

  func didPartition(_ record: GraphRecord) throws {
    let chosen = record.candidates[record.chosen]
    var line = JSONLine()
    line.add("stage", "graph")
    line.add("members", record.members)
    line.add("neighbours", record.neighbours)
    add(chosen, to: &line)
    line.add("eigenvalues", record.eigenvalues)
    line.add(
      "candidates",
      record.candidates.map { candidate in
        var line = JSONLine()
        line.add("start", candidate.start)
        add(candidate, to: &line)
        return line
      })
    line.add("elapsed_seconds", record.seconds)
    var seconds = JSONLine()
    seconds.add("search", record.searchSeconds)
    seconds.add("eigenvectors", record.eigenSeconds)
    line.add("seconds", seconds)
    append(line)
    var text =
      "graph partition  of \(chosen.source.name)  eigenvectors \(chosen.eigenvectors)  cut \(fixed(chosen.quality.cut))"
    text += "  modularity \(fixed(chosen.quality.modularity))\(self.text(chosen.metrics))"
    progress.end("\(text)  \(ProgressLine.duration(record.seconds))")
    addRow(Self.graphRow, chosen.metrics, seconds: record.seconds)
  }

  func didCompare(_ record: ComparisonRecord) throws {
    let partition = record.partition.candidates[record.partition.chosen]
    var line = JSONLine()
    line.add("stage", "augment")
    line.add("augment", record.augmentation.text)
    line.add("refined", record.isRefined)
    add(partition, to: &line)
    if let taken = record.taken { line.add("taken", taken.text) }
    line.add("elapsed_seconds", record.partition.seconds)
    append(line)
    var text = "--augment \(record.augmentation.name), \(record.isRefined ? "refined" : "stage I")"
    text += "  modularity \(fixed(partition.quality.modularity))\(self.text(partition.metrics))"
    if let taken = record.taken { text += "  taken: \(taken.name)" }
    progress.end("\(text)  \(ProgressLine.duration(record.partition.seconds))")
  }

  private static let graphRow = "graph partition"

  private func add(_ candidate: GraphRecord.Candidate, to line: inout JSONLine) {
    line.add("graph", candidate.source.name)
    line.add("eigenvectors", candidate.eigenvectors)
    line.add("cut", candidate.quality.cut)
    line.add("modularity", candidate.quality.modularity)
    add(candidate.metrics, to: &line)
  }

  /// What a line says of a partition where there are labels.
  private func text(_ metrics: PartitionMetrics?) -> String {
    metrics.map { "  ACC \(fixed($0.accuracy))  NMI \(fixed($0.nmi))  ARI \(fixed($0.ari))" } ?? ""
  }

  /// The closing tables: results by method, time by phase.
  func closing(seconds: Double) {
    addRow("DBC", lastMetrics, seconds: stageSeconds[.chain] ?? 0)
    let total = max(phases.values.reduce(0, +), 1e-9)
    var times = TextTable([("phase", .left), ("seconds", .right), ("share", .right)])
    for phase in Phase.allCases {
      guard let seconds = phases[phase] else { continue }
      times.add([
        phase.title, String(format: "%.2f", seconds),
        String(format: "%.1f %%", 100 * seconds / total),
      ])
    }
    say(
      """

      \(table.text)

      \(times.text)

      \(checkpoints)\(ProgressLine.duration(seconds)) in all, \(BuildInformation.peakMemoryBytes >> 20) MiB at most on rank 0
      Results are in \(directory.path)/: assignments.csv, scores.npy, embeddings.npy, model.safetensors, \
      metrics.jsonl, config.json
      """)
  }

  /// What checkpoints have cost.
  private var checkpoints: String {
    guard let keeper, keeper.written > 0 else { return "" }
    func each(_ seconds: Double) -> String {
      String(format: "%.1f ms", 1000 * seconds / Double(keeper.written))
    }
    let size = String(format: "%.2f MB", Double(keeper.bytes) * 1e-6)
    return
      "\(keeper.written) checkpoints of \(size), \(each(keeper.seconds)) each, of which the training waited "
      + "\(each(keeper.waitedSeconds))\n"
  }

  /// Takes the lines that an interrupted run has written into the closing tables.
  func replay(_ lines: [Data]) {
    for data in lines {
      guard let line = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
        let stage = line["stage"] as? String
      else { continue }
      let elapsed = line["elapsed_seconds"] as? Double ?? 0
      var metrics: PartitionMetrics?
      if let acc = line["acc"] as? Double, let nmi = line["nmi"] as? Double, let ari = line["ari"] as? Double
      {
        metrics = PartitionMetrics(accuracy: acc, nmi: nmi, ari: ari)
      }
      for (name, seconds) in line["seconds"] as? [String: Double] ?? [:] {
        if let phase = Phase(rawValue: name) { phases[phase, default: 0] += seconds }
      }
      if let stage = Stage(rawValue: stage) {
        stageSeconds[stage, default: 0] += elapsed
        if let metrics { lastMetrics = metrics }
      } else if stage == "graph" {
        addRow(Self.graphRow, metrics, seconds: elapsed)
      } else if let source = KMeansSource(rawValue: stage) {
        addPartition(source, metrics, seconds: elapsed)
      }
    }
  }

  private func addPartition(_ source: KMeansSource, _ metrics: PartitionMetrics?, seconds: Double) {
    let before = source == .pixels ? 0 : stageSeconds[.pretraining] ?? 0
    addRow(Self.name(of: source), metrics, seconds: before + seconds)
  }

  private static func name(of source: KMeansSource) -> String {
    switch source {
    case .pixels: "k-means on pixels"
    case .features: "FCAE + k-means"
    case .refinedFeatures: "k-means of refined features"
    }
  }

  private func addRow(_ name: String, _ metrics: PartitionMetrics?, seconds: Double) {
    let numbers = metrics.map { [fixed($0.accuracy), fixed($0.nmi), fixed($0.ari)] } ?? ["–", "–", "–"]
    table.add([name] + numbers + [ProgressLine.duration(seconds)])
  }

  private func line(_ record: EpochRecord) -> JSONLine {
    var line = JSONLine()
    line.add("stage", record.stage.rawValue)
    line.add("epoch", record.epoch)
    if let loss = record.loss { line.add("loss", loss) }
    line.add("learning_rate", record.learningRate)
    add(record.metrics, to: &line)
    if let chain = record.chain {
      line.add("changed", chain.changed)
      line.add("mean_max_score", chain.meanMaximumScore)
      line.add("cluster_sizes", chain.sizes)
    }
    if record.imagesPerSecond > 0 { line.add("images_per_s", record.imagesPerSecond) }
    line.add("elapsed_seconds", record.seconds)
    var seconds = JSONLine()
    for (phase, value) in record.phases { seconds.add(phase.rawValue, value) }
    line.add("seconds", seconds)
    return line
  }

  private func add(_ metrics: PartitionMetrics?, to line: inout JSONLine) {
    guard let metrics else { return }
    line.add("acc", metrics.accuracy)
    line.add("nmi", metrics.nmi)
    line.add("ari", metrics.ari)
  }

  private func fixed(_ value: Double) -> String { String(format: "%.4f", value) }
  private func number(_ value: Double) -> String { String(format: "%.5g", value) }
}

/// The other ranks show nothing.
final class SilentObserver: TrainingObserver {
  func willBegin(_ stage: Stage, epoch: Int, of epochs: Int, steps: Int) {}
  func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double) {}
  func didEnd(_ record: EpochRecord) throws {}
  func didCluster(_ record: KMeansRecord) throws {}
  func didCompare(_ record: ComparisonRecord) throws {}
  func didPartition(_ record: GraphRecord) throws {}
  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome { .nothing }
}
