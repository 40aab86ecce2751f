import Basics
import Dataset
import FoundationEssentials
import Glibc
import MPI

/// The images of a run, found by all ranks together, before they are decoded.
package final class ImageSet {
  /// What every rank knows of the images.
  package private(set) var plan: ReadingPlan
  /// What rank 0 knows; nil elsewhere.
  package private(set) var catalogue: ImageCatalogue?
  /// The packed file in which rank 0 has found the images, decoded by an earlier run.
  let packed: PackedFile?
  /// The packed file in which the images were found; nil where they are decoded.
  package var packedPath: String? { packed?.path }
  /// What that run has warned of, on rank 0.
  let warnings: [String]
  private let stills: NodeBytes
  private let records: NodeBytes

  /// Tells rank 0's user how far something is: what, how many of how many.
  ///
  /// It throws where the user has stopped the run.
  package typealias Progress = (_ title: String, _ done: Int, _ total: Int) throws -> Void

  /// Lists what `request` names and reads the headers of all pictures, which the ranks divide. **Collective.** Throws on all
  /// ranks where something is missing, damaged, or does not fit.
  ///
  /// - Parameter folders: where rank 0 looks for the images as an earlier run has packed them
  package init(
    _ request: DatasetRequest, packedIn folders: [String], _ world: borrowing Communicator,
    _ nodes: NodeCommunicators, progress: Progress
  ) throws {
    var (search, catalogue): (ImageSearch?, ImageCatalogue?)
    var found: PackedContents?
    let packed = try PackedFile.seenByAll(world) {
      let files = try ImageSearch(request) { Whereabouts.beat() }
      search = files
      return PackedFile.find(files.key, in: folders, &found)
    }
    warnings = packed == nil ? [] : found?.warnings ?? []
    if packed != nil {
      try world.onRoot { if let search, let found { catalogue = try ImageCatalogue(search, found) } }
    }
    let shards = try world.onRoot { search!.shardFiles }
    stills = try NodeBytes(
      packed == nil ? search?.stillPaths ?? [] : [], world, nodes, for: "paths of image files")
    if packed == nil {
      let part = try Self.scan(
        ScanJobs(stills: PathTable(stills.bytes), shards: shards), world, progress: progress)
      try world.onRoot { catalogue = try ImageCatalogue(search!, part) }
    }
    plan = try world.onRoot { catalogue!.plan }
    self.packed = packed
    self.catalogue = catalogue
    records = try NodeBytes(
      packed == nil ? Self.bytes(catalogue?.records ?? []) : [], world, nodes, for: "image headers")
    if packed == nil, plan.needsRange { try findRange(request, world, progress: progress) }
  }

  private static func bytes<Element: BitwiseCopyable>(_ values: [Element]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  /// Runs `body` for this rank's of `count` pieces of work. **Collective.**
  private static func divide(
    _ count: Int, _ world: borrowing Communicator, _ title: String, _ progress: Progress,
    _ body: (Int) -> Void
  ) throws {
    let (rank, size) = (world.rank, world.size)
    try world.together {
      for piece in stride(from: rank, to: count, by: size) {
        body(piece)
        try progress(title, min(piece + size, count), count)
      }
    }
  }

  /// What the files hold, on rank 0. **Collective.**
  private static func scan(
    _ jobs: ScanJobs, _ world: borrowing Communicator, progress: Progress
  ) throws -> ScanPart {
    var scanner = HeaderScanner(jobs, beat: Whereabouts.beat)
    try divide(jobs.count, world, "reading headers", progress) { scanner.scan($0) }
    let own = scanner.part
    let records = try world.gatherJoined(bytes(own.records))
    let members = try world.gather(Array(JSON.line(own.members).utf8))
    let failures = try gather(own.failures, world)
    var part = ScanPart()
    try world.onRoot {
      part.records = records.withUnsafeBytes { Array($0.bindMemory(to: PictureRecord.self)) }
      for text in members {
        part.members.add(try JSON.decode(MemberTexts.self, from: Data(text)))
      }
      part.failures = failures.sorted { $0.place < $1.place }
    }
    return part
  }

  /// The failures of all ranks, on rank 0. A file that only another host lacks is no damaged one: its host is named, and it is never
  /// left out. **Collective.**
  private static func gather(
    _ failures: [PictureFailure], _ world: borrowing Communicator
  ) throws -> [PictureFailure] {
    let all = try world.gather(Array(JSON.line(failures).utf8))
    let hosts = try world.hosts()
    var gathered: [PictureFailure] = []
    try world.onRoot {
      for (rank, text) in all.enumerated() {
        for var failure in try JSON.decode([PictureFailure].self, from: Data(text)) {
          if hosts[rank] != hosts[0], failure.error.kind == .missing, let file = failure.error.file,
            FileName.withPath(file, { access($0, R_OK) }) == 0
          {
            failure.isWhole = true
            failure.error = DatasetError(
              .missing, file,
              "\(failure.error.message) on host \(hosts[rank]), but is there on \(hosts[0]); all hosts need the images at the same path"
            )
          }
          gathered.append(failure)
        }
      }
    }
    return gathered
  }

  /// What decodes the images, on this rank.
  func decoder() -> PictureDecoder {
    PictureDecoder(
      plan, stills: PathTable(stills.bytes), records: records.bytes.bindMemory(to: PictureRecord.self),
      beat: Whereabouts.beat)
  }

  /// Looks at all samples that are no bytes, for the range that becomes 0…255. **Collective.**
  private func findRange(
    _ request: DatasetRequest, _ world: borrowing Communicator, progress: Progress
  ) throws {
    var statistics = RangeStatistics()
    if request.range.needsSamples {
      let decoder = decoder()
      try Self.divide(decoder.units.count, world, "finding the range", progress) {
        decoder.measure($0, into: &statistics)
      }
      statistics.counts = try world.allReduce(statistics.counts, .sum)
      statistics.minimum = try world.allReduce(statistics.minimum, .min)
      statistics.maximum = try world.allReduce(statistics.maximum, .max)
    }
    for type in plan.samples { statistics.add(type) }
    let found = statistics
    try world.onRoot { catalogue!.set(try found.resolve(request.range)) }
    plan = try world.onRoot { catalogue!.plan }
  }

  /// Leaves out the images that could not be decoded on some rank; throws where something could not be read and is not to be
  /// left out. Gives the positions of the images. **Collective.**
  func settle(
    _ failures: [PictureFailure], _ world: borrowing Communicator
  ) throws -> [Int] {
    let all = try Self.gather(failures, world)
    let places: [Int] = try world.onRoot {
      var found: [Int: PictureFailure] = [:]
      for failure in all { found[failure.place] = failure }
      let sorted = found.values.sorted { $0.place < $1.place }
      try catalogue!.settle(sorted)
      return sorted.map(\.place)
    }
    if !places.isEmpty { plan = try world.onRoot { catalogue!.plan } }
    return places
  }

  /// Says which images have samples that are NaN or infinite; throws where these are too many. **Collective.**
  ///
  /// - Parameter ranks: those that have divided the units
  func note(
    notFinite decoder: PictureDecoder, _ ranks: borrowing Communicator, _ world: borrowing Communicator
  ) throws {
    let own = [decoder.notFinite.count, decoder.samples.notFinite, decoder.samples.all].map { Int64($0) }
    let sums = try ranks.allReduce(own, .sum).map { Int($0) }
    let places = try ranks.gatherJoined(decoder.notFinite.places.map { Int64($0) })
    try world.onRoot {
      try RangeStatistics.checkShare(notFinite: sums[1], of: sums[2])
      catalogue?.add(notFinite: sums[0], places: Array(places.map { Int($0) }.sorted().prefix(5)))
    }
  }

  /// Gives back what only decoding needs. **Collective** over the node.
  func forget() throws {
    try stills.free()
    try records.free()
  }
}
