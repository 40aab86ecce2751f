import Foundation
import Report
import Support
import Testing

@Suite struct EpochFeaturesTests {
  /// Features of five of seven images after the epochs `numbers`.
  private func features(_ numbers: [Int], rows: Int = 5) -> EpochFeatures {
    var features = EpochFeatures(images: 7, sample: 6, columns: 3)
    for number in numbers { features.add(epoch(number, rows: rows)) }
    return features
  }

  private func epoch(_ number: Int, rows: Int = 5) -> EpochFeatures.Epoch {
    .init(number, (0..<(3 * rows)).map { Float(number) + 0.5 * Float($0) })
  }

  private func path(_ folder: borrowing TemporaryDirectory) -> String {
    folder.path(EpochFeatures.fileName)
  }

  @Test("what is written is read back, and an epoch takes the place of itself and of later ones")
  func roundTrip() throws {
    let folder = try TemporaryDirectory()
    var kept = features([0, 1, 3])
    try kept.write(to: path(folder))
    let found = try EpochFeatures(path(folder))
    #expect(found == kept && found.rows == 5 && found.epochs.map(\.number) == [0, 1, 3])
    kept.add(epoch(1))
    #expect(kept == features([0, 1]))
  }

  @Test("a changed file is an error that names it and says what to do, or reads to the same numbers")
  func damage() throws {
    let folder = try TemporaryDirectory()
    let path = path(folder)
    let kept = features([0, 1, 3])
    try kept.write(to: path)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var random = SplitMix(state: 5)
    var refused = 0
    for round in 0..<1000 {
      try Data(mutated(bytes, &random)).write(to: URL(fileURLWithPath: path))
      do throws(ReportError) {
        let found = try EpochFeatures(path)
        // What is said of the data set, the run compares with its own.
        #expect(found.epochs.flatMap(\.values) == kept.epochs.flatMap(\.values), "round \(round)")
      } catch {
        refused += 1
        #expect(error.kind == .malformed && error.path == path, "round \(round): \(error)")
        #expect(error.message.hasSuffix("remove it, and the report goes without the features by epoch"))
      }
    }
    #expect(refused > 900, "\(refused)")
  }

  @Test("files that a program might write, but not this one, say what is wrong")
  func wrong() throws {
    let folder = try TemporaryDirectory()
    let path = path(folder)
    func refusal(_ tensors: [SafeTensors.Tensor], _ metadata: [String: String] = [:]) throws -> String {
      var file = SafeTensors(tensors: tensors, metadata: ["images": "9", "sample": "4", "crc32": "0"])
      file.metadata.merge(metadata) { $1 }
      try file.write(to: path)
      return "\(try #require(throws: ReportError.self) { try EpochFeatures(path) })"
    }
    func tensor(_ name: String, _ shape: [Int] = [2, 1], _ value: Float = 1) -> SafeTensors.Tensor {
      .init(name: name, shape: shape, values: Array(repeating: value, count: shape.reduce(1, *)))
    }
    #expect(try refusal([tensor("epoch 0")], ["images": "0"]).contains("expected a count as images"))
    #expect(try refusal([tensor("epoch 0")], ["sample": "x"]).contains("as sample in its metadata, found x"))
    #expect(try refusal([]).contains("expected matrices"))
    #expect(try refusal([tensor("epoch 0", [2])]).contains("expected matrices of features, found [2]"))
    #expect(try refusal([tensor("epoch 0", [0, 2])]).contains("expected matrices"))
    #expect(try refusal([tensor("epoch 01")]).contains("found epoch 01"))
    #expect(try refusal([tensor("epoch 3"), tensor("epoch 1")]).contains("found epoch 1"))
    #expect(try refusal([tensor("epoch 0"), tensor("epoch 1", [1, 2])]).contains("found [1, 2] in epoch 1"))
    #expect(try refusal([tensor("epoch 0", [2, 1], .nan)]).contains("expected finite features"))
    #expect(try refusal([tensor("epoch 0")]).contains("expected the CRC-32 0 of its numbers, found "))
  }

  @Test("a run that goes on keeps what lies behind it, its own or another run's, and has every epoch once")
  func resumed() throws {
    let one = try TemporaryDirectory()
    let other = try TemporaryDirectory()
    let empty = features([])
    let history = FeatureHistory(run: one.url.path)
    for number in [0, 1, 3] { try history.add(epoch(number), to: empty) }
    #expect(try EpochFeatures(path(one)) == features([0, 1, 3]))

    let elsewhere = FeatureHistory(run: other.url.path)
    try elsewhere.resume(from: one.url.path, before: 3)
    #expect(try EpochFeatures(path(other)) == features([0, 1]))
    #expect(try EpochFeatures(path(one)) == features([0, 1, 3]))

    let again = FeatureHistory(run: one.url.path)
    try again.resume(from: one.url.path, before: 1)
    #expect(try EpochFeatures(path(one)) == features([0]))
    for number in [1, 3] { try again.add(epoch(number), to: empty) }
    #expect(try EpochFeatures(path(one)) == features([0, 1, 3]))

    // A run that goes back before stage II has none, and so has one that finds a damaged file.
    try FeatureHistory(run: other.url.path).resume(from: other.url.path, before: 0)
    #expect(!FileManager.default.fileExists(atPath: path(other)))
    try Data("{}".utf8).write(to: URL(fileURLWithPath: path(one)))
    let mended = FeatureHistory(run: one.url.path)
    #expect(throws: ReportError.self) { try mended.resume(from: one.url.path, before: 3) }
    #expect(!FileManager.default.fileExists(atPath: path(one)))
    try mended.add(epoch(3), to: empty)
    #expect(try EpochFeatures(path(one)) == features([3]))
  }

  @Test("a file of other images is not gone on with")
  func otherImages() throws {
    let folder = try TemporaryDirectory()
    try features([0], rows: 4).write(to: path(folder))
    let history = FeatureHistory(run: folder.url.path)
    try history.resume(from: folder.url.path, before: 1)
    try history.add(epoch(1), to: features([]))
    #expect(try EpochFeatures(path(folder)) == features([1]))
  }

  @Test("what cannot be written is kept, and written as soon as it can be")
  func kept() throws {
    let folder = try TemporaryDirectory()
    let run = folder.path("run")
    let history = FeatureHistory(run: run)
    for number in [0, 1] {
      let error = #expect(throws: ReportError.self) { try history.add(epoch(number), to: features([])) }
      #expect(error?.kind == .writing)
    }
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    try history.flush()
    #expect(try EpochFeatures("\(run)/\(EpochFeatures.fileName)") == features([0, 1]))
  }
}
