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
  /// What the images are, those that cannot be decoded being left out.
  private let catalogue: ImageCatalogue?

  /// The pictures for the page.
  var pictures: ReportInput.Pictures {
    ReportInput.Pictures(shape: store.shape) { image, body in self.store.withBytes(of: image, body) }
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
    try Self.requireSame(set, run, mayHaveMore: request.skipsUnreadable)
    let store = try set.decoded(
      keeping: folder, world, nodes, progress: progress.update, warn: { Program.warn($0) })
    try Self.requireSame(set, run, mayHaveMore: false)
    if let expected = run.config.identity?.data {
      let found = try store.fingerprint(node: nodes.node)
      guard expected.hasPrefix(found) else {
        throw Self.others("the images have changed since the run: they were \(expected) and are \(found)")
      }
    }
    self.store = store
    catalogue = set.catalogue
  }

  /// The classes that `choice` says the images have.
  ///
  /// - Parameter images: the run's; where they are gone, names are those of assignments.csv
  static func labels(
    _ choice: LabelChoice, _ run: FinishedRun, _ images: RunImages?, _ world: borrowing Communicator
  ) throws -> ClassLabels? {
    guard let images else {
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
    guard let found = set.catalogue, let labels = found.labels else { return nil }
    return labels.without(try images.leftOut(of: found))
  }

  /// The places in `found`, where nothing has been decoded, of images that could not be decoded.
  private func leftOut(of found: ImageCatalogue) throws -> Set<Int> {
    var (places, kept): (Set<Int>, Int) = ([], 0)
    for place in 0..<found.plan.count {
      if let catalogue, kept < catalogue.plan.count,
        catalogue.source(of: kept).utf8.elementsEqual(found.source(of: place).utf8)
      {
        kept += 1
      } else {
        places.insert(place)
      }
    }
    guard kept == catalogue?.plan.count else { throw Self.others("the images are changing; start again") }
    return places
  }

  /// What the run was asked for, and where its images may lie decoded.
  private static func request(
    _ run: FinishedRun, labels: LabelChoice
  ) throws -> (DatasetRequest, PackingFolder) {
    guard let options = run.config.options else {
      throw others("config.json does not say where the images are")
    }
    let arguments = options.arguments(for: RecordedOption.images + RecordedOption.preparation)
    guard let recorded = try? RecordedOptions.parse(arguments) else {
      throw others("config.json has options for the images that this version does not know")
    }
    var request = try DatasetRequest(
      recorded.images, recorded.labels, recorded.preparation, seed: run.seed)
    request.labels = labels
    return (request, recorded.images.cache.map(PackingFolder.named) ?? .run(run.path))
  }

  /// Throws where the images are not those of the run, by their number and names. Versions before have called them by the ends of
  /// their names only: these will do where a fingerprint decides in the end.
  ///
  /// - Parameter mayHaveMore: whether images that the run has left out may still be among them
  private static func requireSame(_ set: ImageSet, _ run: FinishedRun, mayHaveMore: Bool) throws {
    let (now, then) = (set.plan.count, run.sources.count)
    guard now == then || mayHaveMore && now > then else {
      throw others("the run had \(then) images, and now there are \(now)")
    }
    guard let catalogue = set.catalogue else { return }
    let hasFingerprint = run.config.identity?.data != nil
    func isSame(_ place: Int, _ then: String) -> Bool {
      let now = catalogue.source(of: place)
      return now == then || hasFingerprint && now.utf8.reversed().starts(with: then.utf8.reversed())
    }
    var place = 0
    for (image, name) in run.sources.enumerated() {
      while mayHaveMore, place < now, !isSame(place, name) { place += 1 }
      guard place < now else {
        throw others("image \(image), \(FileName.shown(name)), is not there any more")
      }
      guard isSame(place, name) else {
        throw others(
          "image \(image) was \(FileName.shown(name)), and now is \(FileName.shown(catalogue.source(of: place)))"
        )
      }
      place += 1
    }
  }

  /// The error that the images are not those of the run.
  private static func others(_ message: String) -> DatasetError { DatasetError(.mismatch, nil, message) }
}
