import Basics
import Dataset
import Foundation
import Support
import Testing

@Suite struct LabelFileTests {
  private static let names = ["set/a.png", "set/b.png", "c,\u{efff}.jpg"]

  private func labels(
    _ texts: [(name: String, text: String)], names: [String?] = LabelFileTests.names, total: Int? = nil,
    _ folder: borrowing TemporaryDirectory
  ) throws -> ClassLabels? {
    var paths: [String] = []
    for (name, text) in texts { paths.append(try folder.putRaw(FileName.bytes(of: text), name)) }
    let images = LabelledImages(
      count: names.count, total: total, name: { names[$0] }, source: { names[$0] ?? "array#\($0)" })
    return try ClassLabels.resolve(.files(paths), images).labels
  }

  /// The names of the classes of all images.
  private func classes(_ name: String, _ text: String, _ folder: borrowing TemporaryDirectory) throws
    -> [String]?
  {
    try labels([(name, text)], folder).map { labels in labels.numbers.map { labels.names[Int($0)] } }
  }

  @Test("A label a line, a column of a table, or names with labels")
  func texts() throws {
    let folder = try TemporaryDirectory()
    for (name, text) in [
      ("labels.txt", "x\ny\nx\n"), ("labels", "\u{feff}x\r\ny\r\nx"), ("l.csv", "x\ny\nx\n"),
      ("l.csv", "label\nx\ny\nx\n"),
      ("l.csv", "index,label\n0,x\n1,y\n2,x\n"), ("l.tsv", "a\tClass\n1\tx\n2\ty\n3\tx\n"),
      ("l.csv", "set/b.png,y\nset/a.png,x\n\"c,\u{efff}.jpg\",x\n"),
      ("l.csv", "label,path\nx,\"c,\u{efff}.jpg\"\nx,./set/a.png\ny,set/b.png\nz,none.png\n"),
      ("l.csv", "image,cluster,label\nb.png,0,y\na.png,0,x\n\"c,\u{efff}.jpg\",1,x\n"),
      ("l.csv", ",label\n0,x\n1,y\n2,x\n"), ("l.csv", "id,class\nb,y\na,x\n\"c,\u{efff}\",x\n"),
      (
        "l.csv",
        "index,source,cluster,score,label\n0,set/a.png,1,1,x\n1,set/b.png,1,1,y\n2,\"c,\u{efff}.jpg\",1,1,x\n"
      ),
    ] {
      #expect(try classes(name, text, folder) == ["x", "y", "x"], "\(text)")
    }
    #expect(try labels([("l.txt", "x\ny\nx\n")], folder)?.origin == "2 classes (x, y) from l.txt")
    #expect(try labels([("1.txt", "x\ny\n"), ("2.csv", "label\nx\n")], folder)?.numbers == [0, 1, 0])
    #expect(
      try labels([("1.csv", "set/a.png,x\nset/b.png,y\n"), ("2.csv", "\"c,\u{efff}.jpg\",x\n")], folder)?
        .numbers == [0, 1, 0])
  }

  @Test("Labels of an IDX file are for any images, and keep their numbers")
  func array() throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(IDX.labels([2, 0, 1, 2]), "labels")
    let images = LabelledImages(count: 4, name: { _ in nil }, source: { "x#\($0)" })
    let (labels, line) = try ClassLabels.resolve(.files([path]), images)
    #expect(labels?.numbers == [2, 0, 1, 2] && line == "3 classes (0, 1, 2) from labels")
  }

  @Test("Arrays are known by their content, and HDF5 needs a dataset")
  func containers() throws {
    let folder = try TemporaryDirectory()
    let images = LabelledImages(count: 5, name: { _ in nil }, source: { "x#\($0)" })
    let path = try folder.put(gunzipped(ArraySamples.plain), "labels.txt")
    expectError(.mismatch, path, "is an HDF5 file; name the dataset of labels, as in \(path):/y") {
      _ = try ClassLabels.resolve(.files([path]), images)
    }
    for labels in [path + ":/labels", try folder.put(ArraySamples.deflated, "labels.csv")] {
      #expect(try ClassLabels.resolve(.files([labels]), images).labels?.names == ["0", "1", "2", "3", "300"])
    }
    for (bytes, text) in [
      (gzip(Array("x\ny\n".utf8)), "is not an IDX file of labels"), ([], "0 bytes in all"),
    ] {
      let path = try folder.put(bytes, "l.txt")
      expectError(.malformed, path, text) { _ = try ClassLabels.resolve(.files([path]), images) }
    }
  }

  @Test("Another number of labels than images, behind a limit as well")
  func counts() throws {
    let folder = try TemporaryDirectory()
    let (one, two) = (folder.path("1.txt"), folder.path("2.txt"))
    expectError(.mismatch, one, "2 labels for 3 images; give one label file per file of images") {
      _ = try labels([("1.txt", "x\ny\n")], folder)
    }
    expectError(.mismatch, "\(one), \(two)", "5 labels for 3 images") {
      _ = try labels([("1.txt", "x\ny\n"), ("2.txt", "x\ny\nz")], folder)
    }
    expectError(.mismatch, one, "3 labels for 5 images") {
      _ = try labels([("1.txt", "x\ny\nz\n")], names: ["a.png", "b.png", "c.png"], total: 5, folder)
    }
    #expect(try labels([("1.txt", "x\ny\nz\n")], names: ["a.png"], total: 3, folder)?.names == ["x"])
  }

  @Test("Labels that cannot be right")
  func bad() throws {
    let folder = try TemporaryDirectory()
    for (name, text, kind, message) in [
      ("l.txt", "x\n\ny\n", .malformed, "line 2 is empty; expected a label in every line"),
      ("l.csv", "a,b,c\n1,2,3\n", .malformed, "has 3 columns, none of them called label"),
      ("l.csv", "path,label\na.png,\n", .malformed, "line 2 holds no label"),
      (
        "l.csv", "path,label\na.png,x\n./a.png,y\n", .malformed,
        "line 3 says that ./a.png is y, line 2 that it is x"
      ),
      (
        "l.csv", "path,label\nset/a.png,x\n", .mismatch,
        "names no label for 2 of 3 images, such as set/b.png; expected names"
      ),
      ("l.csv", "x\n\"y\n", .malformed, "has a quotation mark in line 2 that is not closed"),
      ("l.npz", "\0\0\0\0", .malformed, "is not an IDX file"),
    ] as [(String, String, DatasetError.Kind, String)] {
      expectError(kind, folder.path(name), message) { _ = try labels([(name, text)], folder) }
    }
    let images = LabelledImages(count: 1, name: { _ in nil }, source: { "x#\($0)" })
    let none = folder.path("none")
    expectError(.missing, none, "cannot be read: No such file") {
      _ = try ClassLabels.resolve(.files([none]), images)
    }
    expectError(.malformed, folder.url.path, "is no file; expected labels") {
      _ = try ClassLabels.resolve(.files([folder.url.path]), images)
    }
    expectError(
      .mismatch, "\(folder.path("1.txt")), \(folder.path("2.csv"))", "some label by name and some by order"
    ) {
      _ = try labels([("1.txt", "x\n"), ("2.csv", "b.png,y\n")], folder)
    }
  }
}
