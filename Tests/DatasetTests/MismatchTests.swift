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

  @Test("Images of different sizes in two files")
  func sizes() throws {
    let folder = try TemporaryDirectory()
    let first = try folder.put(IDX.images([2, 4, 4]), "a")
    for (name, sizes, text) in [
      ("wider", [2, 4, 5], "5×4×1"), ("higher", [1, 5, 4], "4×5×1"), ("planes", [2, 1, 4, 2], "2×4×1"),
    ] {
      let second = try folder.put(IDX.images(sizes), name)
      expectFailure(
        DatasetRequest(images: [first, second]), .mismatch, second,
        "holds images of \(text), but \(first) holds 4×4×1")
    }
    let oneChannel = try folder.put(IDX.images([3, 1, 4, 4]), "d")
    #expect(try LoadedSet(DatasetRequest(images: [first, oneChannel])).count == 5)
  }

  @Test("Grey and RGB files of one size name both files and both shapes, in either order")
  func channels() throws {
    let folder = try TemporaryDirectory()
    let grey = try folder.put(IDX.images([2, 4, 4]), "grey")
    let rgb = try folder.put(IDX.images([2, 3, 4, 4]), "rgb")
    for images in [[rgb, grey], [grey, rgb]] {
      let error = #expect(throws: DatasetError.self) {
        try ImageCatalogue.scan(DatasetRequest(images: images))
      }
      #expect(error?.kind == .mismatch)
      for text in [grey, rgb, "4×4×1", "4×4×3"] {
        #expect(error?.description.contains(text) == true, "\(String(describing: error))")
      }
    }
  }

  @Test("A folder fits to IDX files of its size: RGB next to grey images, but not the other way round")
  func folders() throws {
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
    let mixed = try LoadedSet(DatasetRequest(images: [greyFolder, rgbFile, rgbFolder]))
    #expect(mixed.shape.channels == 3)
    #expect(Array(mixed[0]) == [7, 9, 7, 9, 7, 9] && Array(mixed[1]) == [10, 20, 30, 40, 50, 60])
    #expect(Array(mixed[2]) == [1, 4, 2, 5, 3, 6])
    #expect(mixed.sources == ["1.png", "rgb-idx#0", "1.png"])
    #expect(mixed.catalogue.summary == "3 images 2×1×3 from grey/, rgb-idx, rgb/")
    for images in [[greyFile, rgbFolder], [rgbFolder, greyFile]] {
      let error = #expect(throws: DatasetError.self) {
        try ImageCatalogue.scan(DatasetRequest(images: images))
      }
      #expect(error?.kind == .mismatch && error?.description.contains(greyFile) == true)
      #expect(error?.description.contains(rgbFolder) == true, "\(String(describing: error))")
    }
  }

  @Test("A folder does not fit to IDX files of two or five channels", arguments: [2, 5])
  func oddChannels(_ channels: Int) throws {
    let folder = try TemporaryDirectory()
    try folder.put(JPEGSamples.grey, "grey/1.jpg")
    let file = try folder.put(IDX.images([1, channels, 7, 10]), "idx")
    #expect(try LoadedSet(DatasetRequest(images: [file])).shape.channels == channels)
    for images in [[folder.path("grey"), file], [file, folder.path("grey")]] {
      let error = #expect(throws: DatasetError.self) {
        try ImageCatalogue.scan(DatasetRequest(images: images))
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
