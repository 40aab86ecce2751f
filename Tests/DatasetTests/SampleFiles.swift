import Dataset
import Foundation
import Support
import Testing

/// A data set read to its end.
struct LoadedSet {
  let catalogue: ImageCatalogue
  /// All pixels, `[image][channel][row][column]`.
  let pixels: [UInt8]
  let labels: [Int32]?

  var shape: ImageShape { catalogue.shape }
  var count: Int { catalogue.count }
  var sources: [String] { (0..<count).map(catalogue.source) }

  init(_ request: DatasetRequest) throws(DatasetError) {
    try self.init(ImageCatalogue.scan(request))
  }

  init(_ catalogue: ImageCatalogue) throws(DatasetError) {
    self.catalogue = catalogue
    var pixels: [UInt8] = []
    for unit in catalogue.units.indices { pixels += try Self.decode(unit, of: catalogue) }
    self.pixels = pixels
    labels = try catalogue.labels()
  }

  /// The pixels of image `image`.
  subscript(image: Int) -> ArraySlice<UInt8> {
    pixels[(image * shape.byteCount)..<((image + 1) * shape.byteCount)]
  }

  /// The pixels of one unit.
  static func decode(_ unit: Int, of catalogue: ImageCatalogue) throws(DatasetError) -> [UInt8] {
    let bytes = catalogue.units[unit].count * catalogue.shape.byteCount
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 1)
    defer { buffer.deallocate() }
    try catalogue.decode(unit: unit, into: buffer)
    return Array(buffer)
  }
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
    var file: [UInt8] = [0, 0, type, UInt8(sizes.count)]
    for size in sizes { file += bigEndian(UInt32(size)) }
    return file + items
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
