import Basics
import Commands
import Lanes
import Report
import Training

/// What rank 0 shows and logs of a run.
final class Console: TrainingObserver {
  let directory: RunDirectory
  /// When this session of the run began, on the clock of `monotonicSeconds`.
  let started: Double
  /// Seconds of the run before the checkpoint that it goes on from, over all sessions; nil of one that begins.
  private(set) var secondsBefore: Double?
  /// Writes checkpoints; there from the start of the training on.
  private(set) var keeper: CheckpointKeeper?
  /// What the records of all sessions say.
  private(set) var summary = RunSummary()
  private var metricsWriting = PatientWriting("the line")
  /// The curves for TensorBoard, where they are asked for.
  private let events: EventFile?
  private var eventsWriting = PatientWriting("what TensorBoard is to show")
  /// Features by epoch, for the report.
  private let history: FeatureHistory
  private var historyWriting = PatientWriting("the epoch")
  private let quiet: Bool
  private var hasWarnedOfBusyCores = false
  private let progress: ProgressLine
  private var line: ConsoleLine

  init(
    _ options: TrainingOptions, quiet: Bool, tensorboard: Bool, directory: RunDirectory, started: Double
  ) {
    line = ConsoleLine(forecast: RunForecast(options))
    (self.quiet, self.directory, self.started) = (quiet, directory, started)
    events = tensorboard ? EventFile(run: directory.path) : nil
    history = FeatureHistory(run: directory.path)
    progress = ProgressLine(ProgressLine.style(quiet: quiet))
  }

  /// A line, or several, on standard output; nothing with `--quiet`.
  func say(_ text: String) {
    if !quiet { Program.say(text) }
  }

  /// Takes up what the run had come to that goes on at `point`, nil where it begins.
  ///
  /// - Parameter records: those of the run so far
  func begin(_ records: [MetricsRecord], at point: ResumePoint?, _ identity: RunIdentity) {
    if let point {
      do {
        try history.resume(from: FileName.folder(point.metricsPath), before: point.chainEpoch)
      } catch {
        Program.warn("\(error); the report shows no features of epochs before this one")
      }
    }
    for record in records {
      summary.add(record)
      line.forecast.add(record)
    }
    line.place = point?.snapshot.state.place
    secondsBefore = point.map {
      // An older version's checkpoint does not say.
      $0.runSeconds ?? summary.seconds + $0.snapshot.state.elapsedSeconds
    }
    keeper = CheckpointKeeper(directory, identity, started: started - (secondsBefore ?? 0))
  }

  func willBegin(_ stage: Stage, epoch: Int, steps: Int, at place: RunPlace) {
    warnOfBusyCores()
    line.place = place
    // Elsewhere than on a terminal an epoch has one line, unless it takes long.
    progress.begin("", total: steps, secondsBetweenLines: 60)
  }

  func didStep(_ stage: Stage, epoch: Int, step: Int, images: Int, loss: Double) {
    progress.update(done: step, images: images) { progress in
      self.line.text(
        stage, epoch: epoch, share: progress.share, rate: progress.rate,
        expected: progress.elapsed + progress.left)
    }
  }

  /// Says once that this rank does not get its core. All ranks wait for the slowest in every step, so that much is lost.
  private func warnOfBusyCores() {
    guard !hasWarnedOfBusyCores, monotonicSeconds() - started > 20, let time = CoreTime.now,
      time.shareWaiting > 0.25
    else { return }
    hasWarnedOfBusyCores = true
    Program.warn(
      "rank 0 has waited \(Int(100 * time.shareWaiting)) % of its time for a core: other programs use the cores of this node, or it has "
        + "more ranks than cores; fewer ranks may be faster")
  }

  func record(_ record: MetricsRecord) throws {
    metricsWriting.attempt { try directory.metrics.append(record) }
    if let events {
      let curves = CurvePoints(record, network: network)
      eventsWriting.attempt { try events.append(curves.scalars, step: curves.step) }
    }
    summary.add(record)
    line.forecast.add(record)
    progress.end(line.text(record))
  }

  /// The number of the network in training, 1…; nil before there is one.
  private var network: Int? { line.place.map { $0.member + 1 } }

  var wantsReconstructions: Bool { events != nil }

  func didReconstruct(_ pictures: Reconstructions, _ stage: Stage, epoch: Int) {
    guard let events else { return }
    let tag = "\(CurvePoints.group(stage, network: network ?? 1))/reconstructions"
    guard let picture = ReconstructionGrid(pictures).picture(tag) else { return }
    eventsWriting.attempt { try events.append(picture, step: epoch) }
  }

  func keep(_ sample: FeatureSample, epoch: Int) {
    let empty = EpochFeatures(images: sample.images, sample: FeatureSample.limit, columns: sample.columns)
    historyWriting.attempt { try history.add(.init(epoch, sample.values), to: empty) }
  }

  /// Ends what is shown: the line of progress goes, and what could not be written so far and the results do not wait for is written.
  func close() {
    progress.clear()
    do { try events?.flush() } catch { Program.warn("\(error); TensorBoard does not show all of the run") }
    do { try history.flush() } catch { Program.warn("\(error); the report does not show all epochs") }
  }

  func warn(_ text: String) { Program.warn(text) }

  func save(_ snapshot: Snapshot, waits: Bool) -> SaveOutcome {
    keeper?.save(snapshot, waits: waits) ?? .nothing
  }
}

/// Writes to a file for which the run does not end: what cannot be written is kept for later, with one warning.
private struct PatientWriting {
  private let what: String
  private var hasFailed = false

  /// - Parameter what: what is written, for the warning
  init(_ what: String) { self.what = what }

  mutating func attempt(_ write: () throws -> Void) {
    do {
      try write()
      hasFailed = false
    } catch {
      if !hasFailed { Program.warn("\(error); \(what) is kept and written later") }
      hasFailed = true
    }
  }
}
