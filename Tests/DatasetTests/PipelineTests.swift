import Dataset
import Foundation
import Support
import Testing

/// From arguments to bytes: what different inputs become when they are put together.
@Suite struct PipelineTests {
  /// A PGM file of 8 or, with `maximum` above 255, 16 bits.
  private func pgm(_ width: Int, _ height: Int, maximum: Int = 255, _ values: [Int]) -> [UInt8] {
    Array("P5 \(width) \(height) \(maximum)\n".utf8)
      + values.flatMap { maximum > 255 ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0)] }
  }

  @Test("Pictures of several sizes come to one, and the header says so; keep refuses them")
  func sizes() throws {
    let folder = try TemporaryDirectory()
    try folder.put(pgm(8, 8, [Int](repeating: 10, count: 64)), "a.pgm")
    try folder.put(pgm(16, 16, [Int](repeating: 20, count: 256)), "b.pgm")
    try folder.put(pgm(4, 8, [Int](repeating: 30, count: 32)), "c.pgm")
    var request = DatasetRequest(images: [folder.url.path])
    let set = try LoadedSet(request)
    #expect(set.note("size")?.hasPrefix("three sizes from 4×8 to 16×16") == true, "\(set.catalogue.allNotes)")
    for (image, value) in [10, 20, 30].enumerated() {
      #expect(set[image].allSatisfy { $0 == UInt8(value) })
    }
    request.size = .keep
    let error = expectFailure(request, .mismatch, nil, "--size keep", "4×8", "16×16", "8×8")
    #expect(error != nil)
    request.size = .exact(width: 6, height: 5)
    let exact = try LoadedSet(request)
    #expect((exact.shape.width, exact.shape.height) == (6, 5) && exact.note("size") != nil)
  }

  @Test("Several pictures of a shard's sample are images of their own, and the header says so")
  func samples() throws {
    let folder = try TemporaryDirectory()
    let tar = TarFile(
      ("a.left.pgm", smallPicture("0123")), ("a.right.pgm", smallPicture("4567")), ("a.cls", Array("1".utf8)),
      ("b.pgm", smallPicture("89ab")))
    try folder.put(tar.ended, "x.tar")
    let set = try LoadedSet(DatasetRequest(images: [folder.path("x.tar")]))
    #expect(
      set.note("samples")
        == "1 of the shards' 2 samples has several pictures; each picture is an image of its own")
    #expect(set.catalogue.plan.count == 3)
  }

  @Test("A turned JPEG is the upright one, and alpha hides what is under it")
  func whatIsSeen() throws {
    let turned = try #require(StillSample.all.first { $0.headers[0].orientation == 6 })
    let folder = try TemporaryDirectory()
    try folder.put(turned.file, "turned")
    let set = try LoadedSet(DatasetRequest(images: [folder.path("turned")]))
    let shown = turned.headers[0].shownSize
    #expect((set.shape.width, set.shape.height) == (shown.width, shown.height))
    #expect(set.note("orientation")?.hasPrefix("1 images are turned") == true)

    try folder.put(PNG(width: 2, height: 1, colour: .greyAlpha, rows: [9, 0, 60, 255]).bytes, "alpha/1.png")
    try folder.put(PNG(width: 2, height: 1, colour: .greyAlpha, rows: [77, 0, 60, 255]).bytes, "alpha/2.png")
    var request = DatasetRequest(images: [folder.path("alpha")])
    #expect(try LoadedSet(request).pixels == [255, 60, 255, 60])
    request.background = Background(red: 0, green: 0, blue: 0)
    #expect(try LoadedSet(request).pixels == [0, 60, 0, 60])
    request.background = Background(red: 0, green: 100, blue: 0)
    #expect(try LoadedSet(request).shape.channels == 3)
  }

  @Test("Counts of 16 bits fill the bytes by one range of all files, in any order of reading")
  func range() throws {
    let folder = try TemporaryDirectory()
    // Maximum 65535: values are what they are.
    try folder.put(pgm(2, 1, maximum: 65535, [0, 250]), "set/1.pgm")
    try folder.put(pgm(2, 1, maximum: 65535, [125, 50]), "set/2.pgm")
    try folder.put(pgm(2, 1, [3, 4]), "set/3.pgm")
    var request = DatasetRequest(images: [folder.path("set")])
    let set = try LoadedSet(request)
    #expect(set.pixels == [0, 255, 128, 51, 3, 4], "\(set.pixels)")
    #expect(set.note("range")?.contains("from 0 to 250 become 0 to 255") == true, "\(set.catalogue.allNotes)")
    #expect(set.note("range")?.contains("bytes stay") == true)
    #expect(try LoadedSet(request, reversed: true).pixels == set.pixels)
    #expect(set.catalogue.plan.preparation.range == 0...250)
    request.range = .type
    #expect(try LoadedSet(request).pixels == [0, 1, 0, 0, 3, 4])
    request.range = .values(0, 125)
    #expect(try LoadedSet(request).pixels == [0, 255, 255, 102, 3, 4])
  }

  @Test("Grey and colour, as asked for")
  func colour() throws {
    let folder = try TemporaryDirectory()
    try folder.put(PNG(width: 1, height: 1, rows: [100]).bytes, "1.png")
    try folder.put(PNG(width: 1, height: 1, colour: .rgb, rows: [255, 0, 0]).bytes, "2.png")
    var request = DatasetRequest(images: [folder.url.path])
    #expect(try LoadedSet(request).pixels == [100, 100, 100, 255, 0, 0])
    request.colour = .grey
    let grey = try LoadedSet(request)
    #expect(
      grey.pixels == [100, 76] && grey.note("colour") == "1 of 2 images have colour and are read as grey")
    request = DatasetRequest(images: [folder.path("1.png")])
    request.colour = .rgb
    #expect(try LoadedSet(request).pixels == [100, 100, 100])
  }

  @Test("Every page of a TIFF file is an image, with its number in the source, and under a limit")
  func pages() throws {
    let stack = try #require(StillSample.all.first { $0.headers.count > 2 })
    let folder = try TemporaryDirectory()
    try folder.put(stack.file, "stack.tif")
    try folder.put(PNG(width: 1, height: 1, rows: [1]).bytes, "a.png")
    var request = DatasetRequest(images: [folder.url.path])
    request.size = .square(3)
    let set = try LoadedSet(request)
    let pages = (0..<stack.headers.count).map { "stack.tif#\($0)" }
    #expect(set.sources == ["a.png"] + pages && set.units.count == 2)
    #expect(set.note("formats")?.contains("\(stack.headers.count) TIFF, 1 PNG") == true)
    request.limit = 2
    #expect(try LoadedSet(request).sources == ["a.png", "stack.tif#0"])
  }

  @Test("A list gives files and labels, tar shards theirs, and inputs of all kinds go together")
  func together() throws {
    let folder = try TemporaryDirectory()
    for number in 0..<4 { try folder.put(pgm(2, 1, [number, 9]), "set/\(number).pgm") }
    let list = try folder.put(Array("path,label\nset/3.pgm,b\nset/0.pgm,a\n".utf8), "list.csv")
    let listed = try LoadedSet(DatasetRequest(images: [list]))
    #expect(listed.pixels == [3, 9, 0, 9] && listed.classes == ["b", "a"])
    #expect(listed.sources == ["set/3.pgm", "set/0.pgm"])
    let shard = try folder.put(
      TarFile(
        ("x/1.pgm", pgm(2, 1, [70, 9])), ("x/1.cls", Array("a".utf8)), ("x/2.cls", Array("c".utf8)),
        ("x/2.pgm", pgm(2, 1, [80, 9]))
      ).ended, "s-00.tar")
    let tar = try LoadedSet(DatasetRequest(images: [shard]), reversed: true)
    #expect(tar.pixels == [70, 9, 80, 9] && tar.classes == ["a", "c"])
    #expect(tar.sources == ["s-00.tar/x/1.pgm", "s-00.tar/x/2.pgm"])
    let array = try folder.put(IDX.file([2, 1, 2], [1, 2, 3, 4]), "array")
    let pattern = folder.path("set/[12].pgm")
    let all = try LoadedSet(DatasetRequest(images: [array, list, shard, pattern]))
    #expect(all.pixels == [1, 2, 3, 4, 3, 9, 0, 9, 70, 9, 80, 9, 1, 9, 2, 9])
    #expect(Set(all.sources).count == 8 && all.labels == nil)
  }

  @Test("What cannot be read is named together, or left out with its labels")
  func bad() throws {
    let folder = try TemporaryDirectory()
    for number in 0..<5 {
      try folder.put(pgm(2, 1, [number, 9]), "\("ab".dropFirst(number % 2).prefix(1))/\(number).pgm")
    }
    try folder.put(Array(pgm(2, 1, [2, 9]).dropLast()), "a/2.pgm")
    try folder.put([], "b/3.pgm")
    var request = DatasetRequest(images: [folder.url.path])
    let error = expectFailure(
      request, .malformed, nil, "2 files cannot be read", "a/2.pgm: is a damaged PNM file", "b/3.pgm",
      "--skip-unreadable")
    #expect(error?.message.split(separator: "\n").count == 4)
    request.skipsUnreadable = true
    let set = try LoadedSet(request)
    #expect(set.sources == ["a/0.pgm", "a/4.pgm", "b/1.pgm"] && set.pixels == [0, 9, 4, 9, 1, 9])
    #expect(set.catalogue.skipped.count == 2 && set.note("skipped")?.hasPrefix("2 files") == true)
    for name in ["a/0.pgm", "a/4.pgm", "b/1.pgm"] { try folder.put([1], name) }
    expectFailure(request, .malformed, nil, "5 files cannot be read")
  }

  @Test("More bad files than are named")
  func manyBad() throws {
    let folder = try TemporaryDirectory()
    for number in 0..<30 { try folder.put([], "\(number).png") }
    let error = expectFailure(
      DatasetRequest(images: [folder.url.path]), .malformed, nil, "30 files cannot be read", "and 10 more")
    #expect(error?.message.contains("20.png") == false)
  }
}
