import Basics
import Commands
import Dataset
import FoundationEssentials
import Images
import Lanes
import MPI
import Report
import Training
import Watchdog

/// The whole of the program, on every rank.
enum Assign {
  /// How long the job may be without progress.
  private static let hangSeconds = 600.0

  /// Reads model and images, finds the clusters, and writes the results. **Collective.**
  static func start(_ options: Command, _ world: borrowing Communicator) throws {
    try RankMismatch.requireOneProgram(world)
    let watchdog = try Watchdog.start(
      world, program: Program.name, hangSeconds: hangSeconds, hint: "start again")
    defer { watchdog?.stop() }
    let location = try world.onRoot { try ModelLocation(options.model) }
    let model = try TrainedModel(location.file, world)
    let notes = Notes(isQuiet: options.quiet || !world.isRoot)
    notes.say("model  \(FileName.shown(location.file)): \(model.summary)")
    if world.isRoot { model.facts.warnings.forEach(Program.warn) }

    let nodes = try world.splitByNode()
    let progress = ReadingProgress(
      quiet: options.quiet || !world.isRoot, afterStop: "nothing was written; start again")
    var request = DatasetRequest(images: [])
    try world.onRoot { request = try DatasetRequest(options, location, model.facts) }
    let folder = scratch(options)
    let set = try ImageSet(
      request, packedIn: options.images.cache.map { [$0] } ?? [folder.path], world, nodes,
      progress: progress.update)
    var (directory, sorter, names): (ResultDirectory?, Sorter?, ClusterNames?)
    try world.onRoot {
      names = try ClusterNames(location.file(ClusterNames.fileName), clusters: model.facts.clusters)
      directory = try options.output.map {
        try ResultDirectory($0, overwrite: options.overwrite, form: options.format)
      }
      if let warning = directory?.lockWarning { Program.warn(warning) }
      sorter = try options.sort.map {
        try Sorter(
          $0, options.by,
          names: try ClusterNames.folders(names, clusters: model.facts.clusters),
          outside: set.catalogue?.folders ?? [])
      }
    }
    let images = try set.decoded(
      keeping: folder, world, nodes, progress: progress.update, warn: { Program.warn($0) })
    progress.end()
    if nodes.node.size < world.size {
      try RankMismatch.check(world, "the images", try images.fingerprint(node: nodes.node))
    }
    if let catalogue = set.catalogue { notes.say(catalogue, hasDirectory: directory != nil) }

    let stream =
      options.writesRows ? RowStream(options.format ?? .csv, named: names != nil) : nil
    let writer = set.catalogue.map {
      BlockWriter(stream, directory, sorter, $0, names, ranks: nodes.node.size)
    }
    try world.onRoot {
      try directory?.begin(
        images: images.count, features: model.network.features, clusters: model.facts.clusters,
        labelled: set.catalogue?.labels != nil, named: names != nil)
    }
    let wantsArrays = options.output != nil && (options.format == nil || options.format == .npy)
    try assign(
      Assigner(model, images, wantsArrays: wantsArrays, world, nodes), writer, count: set.plan.count,
      again: options.sort == nil
        ? "start again" : "start again with a new --sort, as this one has files already",
      notes, world)
    try set.removeScratch(folder, world, nodes)
    if let unlike = writer?.unlike, unlike > 0 {
      notes.say(
        "unlike  \(unlike) of \(set.plan.count) images are farther from the centre of their cluster than all images that it was trained "
          + "on: those with the distance_quantile 1")
    }
    sorter?.report.forEach(notes.say)
    if let output = options.output { notes.say("results are in \(FileName.shown(output))/") }
  }

  /// Where images go that need much of the memory.
  private static func scratch(_ options: Command) -> PackingFolder {
    if let cache = options.images.cache { return .named(cache) }
    return .scratch(
      options.output ?? FileName.withoutSlashes(ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"))
  }

  /// Block after block. **Collective.**
  ///
  /// - Parameter again: what is to be done where a signal stops it
  private static func assign(
    _ assigner: Assigner, _ writer: BlockWriter?, count: Int, again: String, _ notes: Notes,
    _ world: borrowing Communicator
  ) throws {
    let started = monotonicSeconds()
    let line = ProgressLine(ProgressLine.style(quiet: notes.isQuiet))
    line.begin("finding clusters", total: count)
    // However this ends, nobody writes any more.
    defer { try? writer?.wait() }
    for block in assigner.blocks {
      try assigner.work(block, world)
      try world.together {
        if let signal = RunControl.stopSignal {
          throw EarlyExit(code: 75, text: "\(Program.name): stopped by \(signal); \(again)")
        }
        try writer?.wait()
      }
      if let found = try assigner.gather(block, world) { writer?.begin(found) }
      let done = assigner.images(of: block).upperBound
      line.update(done: done, images: done, note: "")
    }
    try world.onRoot { try writer?.finish() }
    line.clear()
    let seconds = monotonicSeconds() - started
    notes.say(
      "found the clusters of \(count) images in \(ProgressLine.duration(seconds)), "
        + ProgressLine.rate(Double(count) / max(seconds, 1e-6)))
  }
}

/// What rank 0 says on standard error, beside warnings.
struct Notes {
  let isQuiet: Bool

  func say(_ line: String) {
    if !isQuiet { Program.note(line) }
  }

  /// What the images are, and what was done to them.
  ///
  /// - Parameter hasDirectory: whether what was left out is listed there
  func say(_ catalogue: ImageCatalogue, hasDirectory: Bool) {
    say("images  \(catalogue.summary)")
    for note in catalogue.allNotes where hasDirectory || note.title != "skipped" {
      say("\(note.title)  \(note.text)")
    }
    if !hasDirectory { for skipped in catalogue.skipped { Program.warn("left out: \(skipped.error)") } }
  }
}
