import Basics
import Commands
import Dataset
import Images
import MPI
import Page
import Report
import Training

/// The pictures of a run, where they are still there, and labels that were asked for.
final class RunImages {
  private let store: PixelStore

  private init(_ store: consuming PixelStore) { self.store = store }

  /// The pictures for the page.
  var pictures: ReportInput.Pictures {
    ReportInput.Pictures(shape: store.shape) { image, body in self.store.withBytes(of: image, body) }
  }

  /// Why there are no pictures.
  private struct Absence: Error, CustomStringConvertible {
    let description: String
  }

  /// Decodes the images that config.json names.
  ///
  /// - Throws: where they are gone, or are not those of the run.
  init(_ run: FinishedRun, _ world: borrowing Communicator) throws {
    let nodes = try world.splitByNode()
    let progress = ReadingProgress(quiet: false, afterStop: "nothing was written")
    defer { progress.end() }
    let (request, folder) = try Self.request(run, labels: .none)
    let set = try ImageSet(request, packedIn: [folder.path], world, nodes, progress: progress.update)
    // Before anything is decoded: other images may not even fit into the memory.
    try Self.requireSame(set, run)
    let store = try set.decoded(
      keeping: folder, world, nodes, progress: progress.update, warn: { Program.warn($0) })
    try Self.requireSame(set, run)
    if let expected = run.config.identity?.data {
      let found = try store.fingerprint(node: nodes.node)
      guard expected.hasPrefix(found) else {
        throw Absence(
          description: "the images have changed since the run: they were \(expected) and are \(found)")
      }
    }
    self.store = store
  }

  /// The classes that `choice` says the images have.
  ///
  /// - Parameter areThere: whether the images are; where they are gone, names are those of assignments.csv
  static func labels(
    _ choice: LabelChoice, _ run: FinishedRun, areThere: Bool, _ world: borrowing Communicator
  ) throws -> ClassLabels? {
    guard areThere else {
      var labels: ClassLabels?
      try world.onRoot {
        labels = try ClassLabels.resolve(
          choice,
          LabelledImages(count: run.sources.count, name: { run.sources[$0] }, source: { run.sources[$0] })
        ).labels
      }
      return labels
    }
    let (request, folder) = try Self.request(run, labels: choice)
    let nodes = try world.splitByNode()
    let set = try ImageSet(request, packedIn: [folder.path], world, nodes, progress: { _, _, _ in })
    let labels = set.catalogue?.labels
    guard labels == nil || labels?.numbers.count == run.sources.count else {
      throw Absence(description: "labels cannot be added to a run that has left images out")
    }
    return labels
  }

  /// What the run was asked for, and where its images may lie decoded.
  private static func request(
    _ run: FinishedRun, labels: LabelChoice
  ) throws -> (DatasetRequest, PackingFolder) {
    guard let options = run.config.options else {
      throw Absence(description: "config.json does not say where the images are")
    }
    let flags = [
      "images", "size", "fit", "colour", "background", "range", "layout", "skip_unreadable", "cache", "limit",
      "built_in_images",
    ]
    let arguments = flags.flatMap { key in
      (options[key] ?? .null).arguments(for: key.replacing("_", with: "-"))
    }
    guard let recorded = try? RecordedOptions.parse(arguments) else {
      throw Absence(description: "config.json has options for the images that this version does not know")
    }
    var request = try DatasetRequest(
      recorded.images, recorded.labels, recorded.preparation, seed: run.seed)
    request.labels = labels
    return (request, recorded.images.cache.map(PackingFolder.named) ?? .run(run.path))
  }

  /// Throws where the images are not those of the run, by their number and names. Versions before have called them by the ends of
  /// their names only: these will do where a fingerprint decides in the end.
  private static func requireSame(_ set: ImageSet, _ run: FinishedRun) throws {
    guard set.plan.count == run.sources.count else {
      throw Absence(
        description: "the run had \(run.sources.count) images, and now there are \(set.plan.count)")
    }
    guard let catalogue = set.catalogue else { return }
    let hasFingerprint = run.config.identity?.data != nil
    func isSame(_ now: String, _ then: String) -> Bool {
      now == then || hasFingerprint && now.utf8.reversed().starts(with: then.utf8.reversed())
    }
    for (image, name) in run.sources.enumerated() where !isSame(catalogue.source(of: image), name) {
      throw Absence(
        description:
          "image \(image) was \(FileName.shown(name)), and now is \(FileName.shown(catalogue.source(of: image)))"
      )
    }
  }
}
