import Dataset
import Foundation
import Support
import Testing

/// Damaged files of arrays: each either reads or is an error that names a file; none ends the program or asks for memory that
/// the file cannot fill.
@Suite struct ArrayMutationTests {
  private static let rounds = 400

  /// Whether the file reads, to its end.
  private func reads(_ path: String, _ inner: String, _ round: Int) -> Bool {
    do {
      let file = try ArrayFile(path + inner, layout: .auto)
      // No file here is longer than 20000 bytes: 1100 times that is what deflate packs at most.
      #expect(file.count * file.header.sampleCount <= 22_000_000, "round \(round): \(file)")
      _ = try file.labels()
      try file.read(0..<file.count) { _, _ in }
      return true
    } catch {
      #expect(error.kind != .options, "round \(round): \(error)")
      #expect(error.file?.hasPrefix(path) == true && !error.message.isEmpty, "round \(round): \(error)")
      return false
    }
  }

  private func mutate(_ original: [UInt8], _ inner: String = "", seed: UInt64) throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: seed)
    var good = 0
    for round in 0..<Self.rounds {
      let path = try folder.put(mutated(original, &random), "a")
      good += reads(path, inner, round) ? 1 : 0
    }
    #expect(good < Self.rounds)
  }

  @Test("NumPy files, plain and gzip, in both orders", arguments: [false, true])
  func npy(_ isFortran: Bool) throws {
    let file = NPYSample.file("<u2", [20, 3, 3], randomBytes(360, seed: 1), fortran: isFortran)
    try mutate(file, seed: 1)
    try mutate(gzip(file), seed: 2)
    // What is inside a gzip file whose checksums are right.
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: 3)
    for round in 0..<Self.rounds { _ = reads(try folder.put(gzip(mutated(file, &random)), "a"), "", round) }
    // Headers only: they are half of the file.
    for round in 0..<Self.rounds {
      let bytes = mutated(Array(file.prefix(file.count - 360)), &random) + file.suffix(360)
      _ = reads(try folder.put(bytes, "a"), "", round)
    }
  }

  @Test("Zip files of arrays", arguments: [("", 4), (":x", 5)])
  func npz(_ inner: String, _ seed: UInt64) throws {
    try mutate(ArraySamples.stored, inner, seed: seed)
    try mutate(ArraySamples.deflated, inner, seed: seed + 10)
  }

  @Test("IDX files of all types", arguments: Array(zip([8, 9, 0x0b, 0x0c, 0x0d, 0x0e], [1, 1, 2, 4, 4, 8])))
  func idx(_ type: Int, _ bytes: Int) throws {
    let file = IDX.file([4, 3, 3, 2], randomBytes(72 * bytes, seed: 1), type: UInt8(type))
    try mutate(file, seed: UInt64(type))
    try mutate(gzip(file), seed: UInt64(type))
  }

  @Test("Labels of all kinds of text")
  func labels() throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: 6)
    let files = [
      NPYSample.file("<U3", [5], randomBytes(60, seed: 1)),
      NPYSample.file("|S3", [5], randomBytes(15, seed: 2)),
      NPYSample.file(">f8", [5], randomBytes(40, seed: 3)), ArraySamples.two, ArraySamples.deflated,
    ]
    for round in 0..<(2 * Self.rounds) {
      let path = try folder.put(mutated(files[round % files.count], &random), "a")
      do { _ = try readLabelArray(path) } catch {
        #expect(error.file?.hasPrefix(path) == true, "round \(round): \(error)")
      }
    }
  }

  @Test(
    "HDF5 files, in which the library itself fails: that ends a process of its own", arguments: [0, 1, 2])
  func hdf5(_ sample: Int) throws {
    let folder = try TemporaryDirectory()
    let original = gunzipped([ArraySamples.plain, ArraySamples.groups, ArraySamples.virtual][sample])
    var random = SplitMix(state: UInt64(sample))
    for round in 0..<(Self.rounds / 4) {
      let path = try folder.put(mutated(original, &random), "a.h5")
      _ = reads(path, sample == 2 ? ":/v" : "", round)
    }
  }
}
