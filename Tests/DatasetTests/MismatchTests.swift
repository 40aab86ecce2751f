import Dataset
import Foundation
import Support
import Testing

@Suite struct MismatchTests {
  @Test("Labels of another number than images")
  func labelCounts() throws {
    let folder = try TemporaryDirectory()
    let images = [
      try folder.put(IDX.images([3, 2, 2]), "a"), try folder.put(gzip(IDX.images([1, 2, 2])), "b.gz"),
    ]
    let three = try folder.put(IDX.labels([1, 2, 3]), "three")
    let two = try folder.put(IDX.labels([1, 2]), "two")
    expectFailure(
      DatasetRequest(images: images, labels: [three]), .mismatch, three, "3 labels for 4 images",
      "one label file per file of images")
    expectFailure(
      DatasetRequest(images: images, labels: [three, two]), .mismatch, "\(three), \(two)",
      "5 labels for 4 images")
    // A limit does not hide it: the wrong file is still the wrong file.
    expectFailure(
      DatasetRequest(images: images, labels: [three], limit: 3), .mismatch, three, "3 labels for 4 images")
  }

  @Test("Images of different sizes in two files, which are to keep their size")
  func sizes() throws {
    let folder = try TemporaryDirectory()
    let first = try folder.put(IDX.images([2, 4, 4]), "a")
    for (name, sizes, text) in [
      ("wider", [2, 4, 5], "5×4"), ("higher", [1, 5, 4], "4×5"), ("planes", [2, 1, 4, 2], "2×4"),
    ] {
      let second = try folder.put(IDX.images(sizes), name)
      var request = DatasetRequest(images: [first, second])
      #expect(try LoadedSet(request).count == 2 + sizes[0])
      request.size = .keep
      expectFailure(request, .mismatch, nil, "4×4", text)
    }
    let oneChannel = try folder.put(IDX.images([3, 1, 4, 4]), "d")
    var request = DatasetRequest(images: [first, oneChannel])
    request.size = .keep
    #expect(try LoadedSet(request).count == 5)
  }

  @Test("Grey and RGB images come together as RGB, whatever they come from")
  func channels() throws {
    let folder = try TemporaryDirectory()
    let grey = PNG(width: 2, height: 1, rows: [7, 9])
    let rgb = PNG(width: 2, height: 1, colour: .rgb, rows: [1, 2, 3, 4, 5, 6])
    try folder.put(grey.bytes, "grey/1.png")
    try folder.put(rgb.bytes, "rgb/1.png")
    let (greyFolder, rgbFolder) = (folder.path("grey"), folder.path("rgb"))
    let greyFile = try folder.put(IDX.file([1, 1, 2], [50, 60]), "grey-idx")
    let rgbFile = try folder.put(IDX.file([1, 3, 1, 2], [10, 20, 30, 40, 50, 60]), "rgb-idx")

    #expect(
      try LoadedSet(DatasetRequest(images: [greyFolder, greyFile])).pixels == [7, 9, 50, 60])
    let mixed = try LoadedSet(DatasetRequest(images: [greyFolder, rgbFile, rgbFolder, greyFile]))
    #expect(mixed.shape.channels == 3)
    #expect(Array(mixed[0]) == [7, 9, 7, 9, 7, 9] && Array(mixed[1]) == [10, 20, 30, 40, 50, 60])
    #expect(Array(mixed[2]) == [1, 4, 2, 5, 3, 6] && Array(mixed[3]) == [50, 60, 50, 60, 50, 60])
    #expect(
      mixed.sources == ["\(greyFolder)/1.png", "\(rgbFile)#0", "\(rgbFolder)/1.png", "\(greyFile)#0"])
    #expect(
      mixed.catalogue.summary
        == "4 images 2×1×3 from \(greyFolder)/, \(rgbFile), \(rgbFolder)/, \(greyFile)")
    #expect(mixed.note("colour")?.hasPrefix("2 of 4 images have colour channels") == true)
  }

  @Test("A folder does not fit to IDX files of two or five channels", arguments: [2, 5])
  func oddChannels(_ channels: Int) throws {
    let folder = try TemporaryDirectory()
    try folder.put(JPEGSamples.grey, "grey/1.jpg")
    let file = try folder.put(IDX.images([1, channels, 7, 10]), "idx")
    #expect(try LoadedSet(DatasetRequest(images: [file])).shape.channels == channels)
    for images in [[folder.path("grey"), file], [file, folder.path("grey")]] {
      let error = #expect(throws: DatasetError.self) {
        try LoadedSet(DatasetRequest(images: images))
      }
      #expect(error?.kind == .mismatch)
    }
  }

  @Test("Options that ask for nothing", arguments: [0, -1, Int.min])
  func options(_ count: Int) throws {
    let folder = try TemporaryDirectory()
    let images = try folder.put(IDX.patterned, "images")
    expectFailure(
      DatasetRequest(images: [images], limit: count), .options, nil,
      "--limit must be at least 1, found \(count)")
    expectFailure(
      DatasetRequest(images: [], builtInCount: count), .options, nil,
      "--built-in-images must be at least 1, found \(count)")
  }
}
