import Basics
import Dataset
import Foundation
import Support
import Testing

/// A data set whose headers were read by one rank.
final class ScannedSet {
  let request: DatasetRequest
  private(set) var catalogue: ImageCatalogue
  private let stills: Memory
  private let records: Memory

  /// Files are scanned from the last to the first where `reversed`.
  init(_ request: DatasetRequest, reversed: Bool = false, beat: () -> Void = {}) throws(DatasetError) {
    self.request = request
    let search = try ImageSearch(request, beat: beat)
    stills = Memory(search.stillPaths)
    let jobs = ScanJobs(stills: PathTable(stills.bytes), shards: search.shardFiles)
    var scanner = HeaderScanner(jobs)
    for job in 0..<jobs.count { scanner.scan(reversed ? jobs.count - 1 - job : job) }
    catalogue = try ImageCatalogue(search, scanner.part)
    records = Memory(catalogue.records)
  }

  /// What decodes the images, by a plan that was sent as a rank sends it.
  private func decoder() -> PictureDecoder {
    let plan = try! JSON.decode(ReadingPlan.self, from: Data(JSON.line(catalogue.plan).utf8))
    return PictureDecoder(
      plan, stills: PathTable(stills.bytes), records: records.bytes.bindMemory(to: PictureRecord.self))
  }

  /// Decodes all images; the units from the last to the first where `reversed`.
  func load(reversed: Bool = false) throws(DatasetError) -> LoadedSet {
    if catalogue.plan.needsRange {
      var statistics = RangeStatistics()
      if request.range.needsSamples {
        let decoder = decoder()
        for unit in decoder.units.indices { decoder.measure(unit, into: &statistics) }
      }
      for type in catalogue.plan.samples { statistics.add(type) }
      catalogue.set(try statistics.resolve(request.range))
    }
    let decoder = decoder()
    let bytes = catalogue.plan.shape.byteCount
    var pixels = [UInt8](repeating: 0, count: catalogue.plan.count * bytes)
    let order = reversed ? Array(decoder.units.indices.reversed()) : Array(decoder.units.indices)
    pixels.withUnsafeMutableBytes { all in
      for unit in order {
        decoder.decode(unit, into: { .init(rebasing: all[($0 * bytes)..<(($0 + 1) * bytes)]) })
      }
    }
    let failures = decoder.failures.sorted { $0.place < $1.place }
    try catalogue.settle(failures)
    for failure in failures.reversed() {
      pixels.removeSubrange((failure.place * bytes)..<((failure.place + 1) * bytes))
    }
    return LoadedSet(
      catalogue: catalogue, pixels: pixels, units: decoder.units.map(\.images),
      warnings: PictureRemarks.warnings(decoder.remarks.counts))
  }
}

/// A data set read to its end by one rank.
struct LoadedSet {
  let catalogue: ImageCatalogue
  /// All pixels, `[image][channel][row][column]`.
  let pixels: [UInt8]
  /// The positions of images that are decoded together.
  let units: [Range<Int>]
  /// Warnings about files that are odd.
  let warnings: [String]

  var shape: ImageShape { catalogue.plan.shape }
  var count: Int { catalogue.plan.count }
  var sources: [String] { (0..<count).map(catalogue.source) }
  var labels: [Int32]? { catalogue.labels?.numbers }
  /// The name of every image's class.
  var classes: [String]? { catalogue.labels.map { labels in labels.numbers.map { labels.names[Int($0)] } } }
  /// The note of that title.
  func note(_ title: String) -> String? { catalogue.allNotes.first(where: { $0.title == title })?.text }

  fileprivate init(catalogue: ImageCatalogue, pixels: [UInt8], units: [Range<Int>], warnings: [String]) {
    (self.catalogue, self.pixels, self.units, self.warnings) = (catalogue, pixels, units, warnings)
  }

  /// Files and units are read from the last to the first where `reversed`.
  init(_ request: DatasetRequest, reversed: Bool = false) throws(DatasetError) {
    self = try ScannedSet(request, reversed: reversed).load(reversed: reversed)
  }

  /// The pixels of image `image`.
  subscript(image: Int) -> ArraySlice<UInt8> {
    pixels[(image * shape.byteCount)..<((image + 1) * shape.byteCount)]
  }
}

/// Values in memory that stays as long as this.
private final class Memory {
  let bytes: UnsafeRawBufferPointer
  private let memory: UnsafeMutableRawBufferPointer

  init<Element: BitwiseCopyable>(_ values: [Element]) {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: values.count * MemoryLayout<Element>.stride, alignment: 16)
    values.withUnsafeBytes { memory.copyMemory(from: $0) }
    self.memory = memory
    bytes = UnsafeRawBufferPointer(memory)
  }

  deinit { memory.deallocate() }
}

/// Expects that `request` cannot be read to its end: the kind of the error, its file, texts in its message.
@discardableResult
func expectFailure(
  _ request: DatasetRequest, _ kind: DatasetError.Kind, _ file: String?, _ texts: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) -> DatasetError? {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) {
    _ = try LoadedSet(request)
  }
  guard let error else { return nil }
  #expect(error.kind == kind && error.file == file, "\(error)", sourceLocation: sourceLocation)
  for text in texts {
    #expect(error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
  }
  return error
}

extension TemporaryDirectory {
  /// Writes a file, and the folders above it, and gives its path.
  @discardableResult
  func put(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }
}

/// Files in the IDX format.
enum IDX {
  /// A file of `items` under a header that says `sizes`.
  static func file(_ sizes: [Int], _ items: [UInt8], type: UInt8 = 8) -> [UInt8] {
    idxHeader(sizes, type: type) + items
  }

  /// A file of random pixels.
  static func images(_ sizes: [Int], seed: UInt64 = 1) -> [UInt8] {
    file(sizes, randomBytes(sizes.reduce(1, *), seed: seed))
  }

  static func labels(_ labels: [UInt8]) -> [UInt8] { file([labels.count], labels) }

  /// 12 images of 5 rows and 6 columns.
  static let patterned = file(
    [12, 5, 6],
    (0..<360).map { (place: Int) -> UInt8 in
      let mark: Int = place % 30 == 7 ? 13 : 0
      return UInt8(place / 6 % 4 * 60 + mark)
    })

  /// `patterned` as Python's gzip packs it.
  static let packed = decoded(
    "H4sIAAAAAAACA2Ng4GBmYGDgAWJWIGZjAAMbTxsgqACDLWAAFQeDilYc4hD1B3GIQ9Tz4hAfYfYCALmPn/t4AQAA")
}

/// The bytes of a base64 text.
func decoded(_ base64: String) -> [UInt8] { Array(Data(base64Encoded: base64)!) }

func randomBytes(_ count: Int, seed: UInt64) -> [UInt8] {
  var random = SplitMix(state: seed)
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 56) }
}

extension DatasetRequest {
  /// A request with label files or a pattern, as the options would give it.
  init(
    images: [String], labels: [String] = [], labelPattern: String? = nil, limit: Int? = nil
  ) {
    self.init(
      images: images, labels: labelPattern.map { .pattern($0) } ?? (labels.isEmpty ? .auto : .files(labels)),
      limit: limit, seed: 0)
  }
}
