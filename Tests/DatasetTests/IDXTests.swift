import Dataset
import Foundation
import Support
import Testing

@Suite struct IDXTests {
  @Test("A plain and a gzip file give the same images and labels, whoever packed them")
  func plainAndGzip() throws {
    let folder = try TemporaryDirectory()
    let labels: [UInt8] = [3, 0, 9, 255, 1, 1, 2, 7, 8, 5, 4, 6]
    let plain = try LoadedSet(
      DatasetRequest(
        images: [folder.put(IDX.patterned, "images")], labels: [folder.put(IDX.labels(labels), "labels")]))
    #expect(plain.count == 12)
    #expect((plain.shape.channels, plain.shape.height, plain.shape.width) == (1, 5, 6))
    #expect(plain.pixels == Array(IDX.patterned.dropFirst(16)))
    #expect(plain.classes == labels.map { "\($0)" })

    let packedLabels = try folder.put(gzip(IDX.labels(labels)), "labels.gz")
    // Two gzip files in one are one file.
    let joined = gzip(Array(IDX.patterned[..<100])) + gzip(Array(IDX.patterned[100...]))
    let links = ["plain-link", "packed-link"].map { folder.path($0) }
    for (link, file) in zip(links, ["images", "compressed.gz"]) {
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path(file))
    }
    let packed: [String] = [
      try folder.put(IDX.packed, "compressed.gz"), try folder.put(gzip(IDX.patterned), "stored.GZ"),
      try folder.put(IDX.packed, "without-suffix"),
      try folder.put(joined, "joined.gz"),
    ]
    for path in packed + links {
      let set = try LoadedSet(DatasetRequest(images: [path], labels: [packedLabels]))
      #expect(set.shape == plain.shape && set.pixels == plain.pixels && set.labels == plain.labels)
    }
  }

  @Test("Without label files there are no labels")
  func noLabels() throws {
    let folder = try TemporaryDirectory()
    let set = try LoadedSet(DatasetRequest(images: [folder.put(IDX.patterned, "images")]))
    #expect(set.labels == nil)
  }

  /// Three files of 5, 7 and 3 images of 4 × 3 pixels, the second one gzip, and their labels.
  private func threeFiles(_ folder: borrowing TemporaryDirectory) throws -> DatasetRequest {
    DatasetRequest(
      images: [
        try folder.put(IDX.images([5, 4, 3], seed: 1), "a"),
        try folder.put(gzip(IDX.images([7, 4, 3], seed: 2)), "b.gz"),
        try folder.put(IDX.images([3, 4, 3], seed: 3), "c"),
      ],
      labels: [
        try folder.put(gzip(IDX.labels([0, 1, 2, 3, 4])), "a-labels.gz"),
        try folder.put(IDX.labels([5, 6, 7, 8, 9, 10, 11]), "b-labels"),
        try folder.put(IDX.labels([12, 13, 14]), "c-labels"),
      ])
  }

  private let threeFilesPixels = [(5, 1), (7, 2), (3, 3)].flatMap {
    randomBytes($0.0 * 12, seed: UInt64($0.1))
  }

  @Test("Several files follow one another in the order they are named")
  func severalFiles() throws {
    let folder = try TemporaryDirectory()
    var request = try threeFiles(folder)
    let set = try LoadedSet(request)
    #expect(set.count == 15 && set.pixels == threeFilesPixels && set.labels == Array(0..<15))
    #expect(set.units == [0..<5, 5..<12, 12..<15])
    let (a, b, c) = (folder.path("a"), folder.path("b.gz"), folder.path("c"))
    #expect(
      [0, 4, 5, 11, 12, 14].map(set.catalogue.source)
        == ["\(a)#0", "\(a)#4", "\(b)#0", "\(b)#6", "\(c)#0", "\(c)#2"])
    #expect(set.catalogue.summary == "15 images 3×4×1 from \(a), \(b), \(c)")

    request.images.reverse()
    guard case .files(let labels) = request.labels else { return }
    request.labels = .files(labels.reversed())
    let reversed = try LoadedSet(request)
    let classes = Array(12..<15) + Array(5..<12) + Array(0..<5)
    #expect(reversed.classes == classes.map { "\($0)" })
    #expect(Array(reversed[14]) == Array(set[4]) && Array(reversed[0]) == Array(set[12]))
  }

  @Test("A limit takes the first images and labels", arguments: [1, 4, 5, 6, 11, 12, 13, 15, 16, 1000])
  func limit(_ limit: Int) throws {
    let folder = try TemporaryDirectory()
    var request = try threeFiles(folder)
    request.limit = limit
    let set = try LoadedSet(request)
    let count = min(limit, 15)
    #expect(set.count == count && set.pixels == Array(threeFilesPixels.prefix(count * 12)))
    #expect(set.labels == Array(0..<Int32(count)))
    #expect(set.units.flatMap { $0 } == Array(0..<count))
  }

  @Test("Units that are read alone and in any order give what the file holds", arguments: [nil, 4096, 9999])
  func units(_ limit: Int?) throws {
    let folder = try TemporaryDirectory()
    let file = IDX.images([10_000, 2, 2])
    let plain = try LoadedSet(
      DatasetRequest(images: [folder.put(file, "plain")], limit: limit), reversed: true)
    let packed = try LoadedSet(
      DatasetRequest(images: [folder.put(gzip(file), "packed.gz")], limit: limit), reversed: true)
    #expect(plain.units.count == (limit == 4096 ? 1 : 3) && packed.units == [0..<(limit ?? 10_000)])
    let expected = Array(file[16..<(16 + 4 * (limit ?? 10_000))])
    #expect(plain.pixels == expected)
    #expect(packed.pixels == expected)
  }

  @Test("Pixels that look like the start of a gzip file are pixels")
  func gzipInside() throws {
    let folder = try TemporaryDirectory()
    let pixels = (0..<5000).flatMap { _ in [0x1f, 0x8b] as [UInt8] }
    let set = try LoadedSet(
      DatasetRequest(images: [folder.put(IDX.file([5000, 1, 2], pixels), "images")]))
    #expect(set.units.count == 2 && set.pixels == pixels)
  }

  @Test("A file of four dimensions holds images, channels, rows, columns", arguments: [false, true])
  func channels(_ isPacked: Bool) throws {
    let folder = try TemporaryDirectory()
    var pixels: [UInt8] = []
    for image in 0..<2 {
      for channel in 0..<3 {
        for row in 0..<4 {
          for column in 0..<5 { pixels.append(UInt8(image * 100 + channel * 30 + row * 5 + column)) }
        }
      }
    }
    let file = IDX.file([2, 3, 4, 5], pixels)
    let set = try LoadedSet(DatasetRequest(images: [folder.put(isPacked ? gzip(file) : file, "images")]))
    #expect((set.shape.channels, set.shape.height, set.shape.width) == (3, 4, 5))
    #expect(set.shape.byteCount == 60 && set.count == 2 && set.pixels == pixels)
    // Green, second row, third column.
    #expect(set[1][60 + 20 + 5 + 2] == 100 + 30 + 5 + 2)
  }

  @Test("One image of one pixel is a data set")
  func smallest() throws {
    let folder = try TemporaryDirectory()
    let set = try LoadedSet(
      DatasetRequest(
        images: [folder.put(IDX.file([1, 1, 1], [200]), "images")],
        labels: [folder.put(IDX.labels([4]), "labels")]))
    #expect(set.pixels == [200] && set.classes == ["4"] && set.units == [0..<1])
  }
}
