import Basics
import Commands
import Dataset
import Lanes
import Report
import Training

/// What the console shows before a run and after it.
extension Console {
  func header(_ facts: RunFacts, _ options: TrainingOptions, resumed: ResumePoint? = nil) {
    let plan = PlanText(options)
    let hosts = facts.hosts.count == 1 ? facts.hosts[0] : "\(facts.hosts.count) hosts"
    say(
      """
      dbc-train \(BuildInformation.version)
        ranks         \(facts.ranks) on \(hosts)\(idle(facts, options))
        CPU           \(facts.cpu)
        library       \(facts.mpi)
        data          \(facts.data)\(copies(facts))\(notes(facts))
        clusters      \(plan.clusters)
        plan          \(plan.text)
        architecture  \(facts.architecture.name): \(facts.architecture.summary)
        parameters    \(facts.parameters), decoder included; \(facts.activationBytes >> 20) MiB of activations per rank
        output        \(FileName.shown(directory.path))
      """)
    if let resumed { say("  resumed       \(FileName.shown(resumed.path)): \(resumed.snapshot.state.text)") }
    if let epochs = resumed?.epochsBefore {
      say("  extended      the chain had \(epochs) epochs; its learning rate goes on as in a longer one")
    }
  }

  /// How many ranks have a part in training steps, where it is not all.
  private func idle(_ facts: RunFacts, _ options: TrainingOptions) -> String {
    let busy = options.laneGroups(images: facts.images)
    guard busy < facts.ranks else { return "" }
    return
      "; \(busy) of them in training steps, as mini-batches of \(min(options.batchSize, facts.images)) images are "
      + "\(busy) group\(busy == 1 ? "" : "s") of 16; all find neighbours and score images"
  }

  /// How many images are copies of others, where there are any.
  private func copies(_ facts: RunFacts) -> String {
    let copies = facts.images - facts.pixels.distinctImages
    let constant = facts.pixels.constantImages
    return (copies == 0 ? "" : "; \(copies) of them the same as another, to the last byte")
      + (constant == 0 ? "" : "; \(constant) of one colour")
  }

  /// What was done to the images, a line each.
  private func notes(_ facts: RunFacts) -> String {
    let rate = ProgressLine.rate(Double(facts.images) / max(facts.readSeconds, 1e-6))
    let reading = ImageCatalogue.Note(
      title: "read",
      text: "in \(ProgressLine.duration(facts.readSeconds)), \(rate)"
        + (facts.packedPath.map { ", decoded before: \(FileName.shown($0))" } ?? ""))
    return ([reading] + facts.notes).map { note in
      "\n  \(note.title)\(String(repeating: " ", count: max(0, 14 - note.title.count)))\(FileName.printable(note.text))"
    }.joined()
  }

  /// The closing tables: results by method, time by phase; and a warning where clusters are missing.
  ///
  /// - Parameter chainEpochs: epochs of stage II at most
  func closing(chainEpochs: Int) {
    say(
      """

      \(results)
      \(clusters)
      \(times)

      \(end(of: chainEpochs))\(checkpoints)\(duration), \(BuildInformation.peakMemoryBytes >> 20) MiB at most on rank 0
      Results are in \(FileName.shown(directory.path))/: assignments.csv, scores.npy, embeddings.npy, model.safetensors, \
      metrics.jsonl, config.json\(pages)
      """)
    if let warning = Self.emptyClusters(summary.sizes) { Program.warn(warning) }
  }

  /// Why stage II had fewer epochs than it may have; empty where it had them all.
  private func end(of chainEpochs: Int) -> String {
    guard let last = summary.lastChain?.epoch, last < chainEpochs else { return "" }
    return "Stage II stopped after epoch \(last) of \(chainEpochs): no image changed its cluster.\n"
  }

  /// What there is for people to look at, where it is made.
  private var pages: String { directory.hasReport ? "; the pictures in report.html" : "" }

  /// A warning where some of the clusters that were asked for have no images.
  private static func emptyClusters(_ sizes: [Int]) -> String? {
    let empty = sizes.count { $0 == 0 }
    guard empty > 0 else { return nil }
    let shown = sizes.prefix(30).map(String.init).joined(separator: ", ")
    return
      "\(empty) of the \(sizes.count) clusters are empty (images in each: \(shown)\(sizes.count > 30 ? ", …" : "")); ask for "
      + "fewer --clusters if the images do not have so many"
  }

  /// By how well they agree with the labels; without labels by what else is known of them.
  private var results: String {
    let rows = summary.rows
    guard rows.contains(where: { $0.metrics != nil }) else { return unlabelledResults }
    var table = TextTable([
      ("", .left), ("ACC", .right), ("NMI(max)", .right), ("NMI(mean)", .right), ("ARI", .right),
      ("time", .right),
    ])
    for row in rows {
      let numbers =
        row.metrics.map {
          [$0.accuracy, $0.nmi, $0.nmiByMean, $0.ari].map { $0.map(ConsoleLine.fixed) ?? "" }
        } ?? ["", "", "", ""]
      table.add([row.name] + numbers + [ProgressLine.duration(row.seconds)])
    }
    return table.text
  }

  private var unlabelledResults: String {
    var table = TextTable([
      ("", .left), ("cluster sizes", .right), ("score", .right), ("modularity", .right),
      ("agreement", .right), ("time", .right),
    ])
    for row in summary.rows {
      let sizes = row.sizes.min().map { "\($0)–\(row.sizes.max()!)" } ?? ""
      table.add(
        [row.name, sizes]
          + [row.meanScore, row.modularity, row.agreement].map { $0.map(ConsoleLine.fixed) ?? "" }
          + [ProgressLine.duration(row.seconds)])
    }
    return table.text
  }

  /// How many clusters there are, where the run has found it.
  private var clusters: String {
    guard let found = summary.clusterCount, let first = found.rows.first, let last = found.rows.last else {
      return ""
    }
    return """

      \(found.clusters) clusters: suggested among \(first.clusters) to \(last.clusters)\(ConsoleLine.end(found))

      """
  }

  private var times: String {
    let total = max(summary.phases.values.reduce(0, +), 1e-9)
    var table = TextTable([("phase", .left), ("seconds", .right), ("share", .right)])
    for phase in Phase.allCases {
      guard let seconds = summary.phases[phase] else { continue }
      table.add([
        phase.title, String(printf: "%.2f", seconds), String(printf: "%.1f %%", 100 * seconds / total),
      ])
    }
    return table.text
  }

  /// How long the run took, with all that led to the checkpoint that it was resumed from.
  private var duration: String {
    let now = monotonicSeconds() - started
    guard let secondsBefore else { return "\(ProgressLine.duration(now)) in all" }
    return
      "\(ProgressLine.duration(secondsBefore + now)) in all, \(ProgressLine.duration(now)) since it was resumed"
  }

  /// What checkpoints have cost.
  private var checkpoints: String {
    guard let keeper, keeper.written > 0 else { return "" }
    func each(_ seconds: Double) -> String {
      String(printf: "%.1f ms", 1000 * seconds / Double(keeper.written))
    }
    let size = String(printf: "%.2f MB", Double(keeper.bytes) * 1e-6)
    return
      "\(keeper.written) checkpoints\(secondsBefore == nil ? "" : " since it was resumed") of \(size), \(each(keeper.seconds)) each, of which the training waited "
      + "\(each(keeper.waitedSeconds))\n"
  }
}

/// What a run is going to do, in words.
private struct PlanText {
  let clusters: String
  let text: String

  init(_ options: TrainingOptions) {
    let forecast = RunForecast(options)
    let count = options.clusterCount
    clusters = count.text + (count.isRange ? ": the number is found once the networks are trained" : "")
    let each = forecast.networks > 1 ? " each" : ""
    var parts = [
      forecast.networks == 1 ? "1 network" : "\(forecast.networks) networks",
      "\(options.pretrainEpochs) epochs\(each) of stage I",
    ]
    if options.refinementEpochs > 0 { parts.append("\(options.refinementEpochs)\(each) of refinement") }
    let last = options.chainEpochs == 0 ? "scores" : "at most \(options.chainEpochs) of stage II"
    text = parts.joined(separator: ", ") + "; then \(last)"
  }
}
