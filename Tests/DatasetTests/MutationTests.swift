import Dataset
import Foundation
import Support
import Testing

/// Damaged files of every format: each either reads or is an error that names a file; none ends the program.
@Suite struct MutationTests {
  private static let rounds = 400

  /// Whether `request` reads.
  private func reads(_ request: DatasetRequest, _ path: String, _ round: Int) -> Bool {
    do throws(DatasetError) {
      let scanned = try ScannedSet(request)
      // A header may promise an image larger than memory; that is for the caller to see before it makes room.
      guard scanned.catalogue.plan.shape.byteCount <= 1 << 22 else { return false }
      _ = try scanned.load()
      return true
    } catch {
      #expect(error.kind == .malformed || error.kind == .mismatch, "round \(round): \(error)")
      #expect(error.file == path && !error.message.isEmpty, "round \(round): \(error)")
      return false
    }
  }

  @Test("IDX images", arguments: [false, true])
  func images(_ isPacked: Bool) throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: isPacked ? 1 : 2)
    let originals = isPacked ? [IDX.packed, gzip(IDX.images([2, 3, 4, 5]))] : [IDX.patterned]
    var good = 0
    for round in 0..<Self.rounds {
      let path = try folder.put(mutated(originals.randomElement(using: &random)!, &random), "images")
      good += reads(DatasetRequest(images: [path]), path, round) ? 1 : 0
    }
    #expect(good > 0 && good < Self.rounds, "\(good) of \(Self.rounds) read")
  }

  @Test("IDX labels", arguments: [false, true])
  func labels(_ isPacked: Bool) throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: isPacked ? 3 : 4)
    let images = try folder.put(IDX.images([20, 1, 1]), "images")
    let original = IDX.labels(randomBytes(20, seed: 1))
    var good = 0
    for round in 0..<Self.rounds {
      let path = try folder.put(mutated(isPacked ? gzip(original) : original, &random), "labels")
      good += reads(DatasetRequest(images: [images], labels: [path]), path, round) ? 1 : 0
    }
    #expect(good > 0 && good < Self.rounds, "\(good) of \(Self.rounds) read")
  }

  @Test("What is inside a gzip file whose checksums are right")
  func packedContents() throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: 5)
    var good = 0
    for round in 0..<Self.rounds {
      let path = try folder.put(gzip(mutated(IDX.patterned, &random)), "images.gz")
      good += reads(DatasetRequest(images: [path]), path, round) ? 1 : 0
    }
    #expect(good > 0 && good < Self.rounds, "\(good) of \(Self.rounds) read")
  }

  @Test(
    "JPEG", arguments: [JPEGSamples.grey, JPEGSamples.rgb, JPEGSamples.progressive, JPEGSamples.cmyk])
  func jpeg(_ original: [UInt8]) throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: UInt64(original.count))
    for round in 0..<Self.rounds {
      let path = try folder.put(mutated(original, &random), "image.jpg")
      _ = reads(DatasetRequest(images: [folder.url.path]), path, round)
    }
  }

  private static let images = [
    PNG(width: 5, height: 4, rows: randomBytes(20, seed: 1)),
    PNG(width: 9, height: 9, colour: .rgb, rows: randomBytes(243, seed: 2), interlaced: true),
    PNG(width: 3, height: 2, depth: 16, colour: .rgbAlpha, rows: randomBytes(48, seed: 3)),
    PNG(
      width: 8, height: 2, depth: 2, colour: .palette, rows: [0b0001_1011, 0, 0b1110_0100, 0xff],
      palette: randomBytes(12, seed: 4), transparency: [0, 100]),
    PNG(width: 2, height: 2, colour: .greyAlpha, rows: randomBytes(8, seed: 5)),
  ]

  @Test("PNG")
  func png() throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: 6)
    for round in 0..<Self.rounds {
      let image = Self.images.randomElement(using: &random)!
      let path = try folder.put(mutated(image.bytes, &random), "image.png")
      _ = reads(DatasetRequest(images: [folder.url.path]), path, round)
    }
  }

  @Test("What is inside a PNG whose checksums are right")
  func pngContents() throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix(state: 7)
    var good = 0
    for round in 0..<(3 * Self.rounds) {
      var chunks = Self.images.randomElement(using: &random)!.chunks
      let chunk = chunks.indices.randomElement(using: &random)!
      chunks[chunk].data = mutated(chunks[chunk].data, &random)
      if round % 10 == 0 { chunks.swapAt(chunk, chunks.indices.randomElement(using: &random)!) }
      let path = try folder.put(PNG.file(chunks), "image.png")
      good += reads(DatasetRequest(images: [folder.url.path]), path, round) ? 1 : 0
    }
    #expect(good > 0 && good < 3 * Self.rounds, "\(good) of \(3 * Self.rounds) read")
  }
}
