import Dataset
import Foundation
import Support
import Testing

@Suite struct DamagedGzipTests {
  /// Larger than zlib's buffers, so that its start can be read whatever is behind it.
  private static let large = gzip(IDX.images([500, 28, 28]))

  @Test("A truncated file is an error wherever it ends")
  func truncated() throws {
    let folder = try TemporaryDirectory()
    for length in 2..<IDX.packed.count {
      let path = try folder.put(Array(IDX.packed.prefix(length)), "images.gz")
      expectFailure(
        DatasetRequest(images: [path]), .malformed, path,
        "the gzip data end too early: the file is truncated; fetch")
    }
    for length in [Self.large.count / 2, Self.large.count - 8, Self.large.count - 1] {
      let path = try folder.put(Array(Self.large.prefix(length)), "large.gz")
      expectFailure(DatasetRequest(images: [path]), .malformed, path, "is truncated")
    }
  }

  @Test("A byte of the compressed data or the checksum that changed is an error")
  func damaged() throws {
    let folder = try TemporaryDirectory()
    for position in 10..<IDX.packed.count {
      var bytes = IDX.packed
      bytes[position] ^= 0xff
      let path = try folder.put(bytes, "images.gz")
      expectFailure(DatasetRequest(images: [path]), .malformed, path)
    }
    for position in [1000, Self.large.count / 2, Self.large.count - 9, Self.large.count - 8] {
      var bytes = Self.large
      bytes[position] ^= 0x10
      let path = try folder.put(bytes, "large.gz")
      expectFailure(DatasetRequest(images: [path]), .malformed, path, "the gzip data are damaged", "fetch")
    }
  }

  @Test("Damage in a file of labels names that file")
  func labels() throws {
    let folder = try TemporaryDirectory()
    let images = try folder.put(IDX.patterned, "images")
    var bytes = gzip(IDX.labels(Array(0..<12)))
    bytes[bytes.count - 12] ^= 1
    let labels = try folder.put(bytes, "labels.gz")
    expectFailure(
      DatasetRequest(images: [images], labels: [labels]), .malformed, labels, "the gzip data are damaged")
  }

  @Test("The message is about the user's file, not about zlib's descriptor")
  func message() throws {
    let folder = try TemporaryDirectory()
    var bytes = IDX.packed
    bytes[bytes.count - 6] ^= 1
    let path = try folder.put(bytes, "images.gz")
    let error = expectFailure(DatasetRequest(images: [path]), .malformed, path, "incorrect data check")
    #expect(error?.message.contains("fd:") == false, "\(error?.message ?? "")")
  }

  @Test("A file that shrinks, grows or vanishes after the scan is an error", arguments: [false, true])
  func changed(_ isPacked: Bool) throws {
    let folder = try TemporaryDirectory()
    let pack: ([UInt8]) -> [UInt8] = isPacked ? { gzip($0) } : { $0 }
    let path = try folder.put(pack(IDX.patterned), "images")
    let scanned = try ScannedSet(DatasetRequest(images: [path]))
    func failure() -> DatasetError? { #expect(throws: DatasetError.self) { try scanned.load() } }
    try folder.put(pack(Array(IDX.patterned.dropLast(40))), "images")
    let shorter = failure()
    #expect(shorter?.kind == .malformed && shorter?.message.contains("the file ends after 10") == true)
    try folder.put(pack(IDX.patterned + [0]), "images")
    let longer = failure()
    #expect(longer?.kind == .malformed && longer?.message.contains("more than the 12 items") == true)
    try FileManager.default.removeItem(atPath: path)
    let gone = failure()
    #expect(gone?.kind == .missing && gone?.file == path)
  }
}
