import Dataset
import Foundation
import Support
import Testing

@Suite struct ArrayLabelTests {
  @Test(
    "Labels of every type of integer, truth values, whole floating-point numbers and texts",
    arguments: [
      ("|u1", [0, 255], ["0", "255"]), ("|i1", [1, 255], ["1", "-1"]),
      ("<i2", [1, 0, 255, 255], ["1", "-1"]),
      (">u2", [1, 0, 0, 2], ["256", "2"]), (">i4", [0, 0, 1, 0, 255, 255, 255, 254], ["256", "-2"]),
      ("<i8", [7, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255], ["7", "-1"]),
      ("|b1", [0, 1], ["False", "True"]), (">f4", [0x40, 0x40, 0, 0, 0, 0, 0, 0], ["3", "0"]),
      ("|S3", [0x63, 0x61, 0x74, 0x61, 0x20, 0], ["cat", "a "]),
      ("<U2", [0x61, 0, 0, 0, 0xf6, 0, 0, 0, 0x62, 0, 0, 0, 0, 0, 0, 0], ["aö", "b"]),
      (">U1", [0, 0, 0, 0xf6, 0, 1, 0xf6, 0x00], ["ö", "😀"]),
      (">U1", [0, 0, 0xd8, 0, 0xff, 0xff, 0xff, 0xff], ["\u{fffd}", "\u{fffd}"]),
    ] as [(String, [UInt8], [String])])
  func types(_ type: String, _ bytes: [UInt8], _ expected: [String]) throws {
    let folder = try TemporaryDirectory()
    for sizes in [[2], [2, 1]] {
      for isFortran in [false, true] {
        let file = NPYSample.file(type, sizes, bytes, fortran: isFortran)
        #expect(try readLabelArray(folder.put(file, "a.npy")) == expected)
        #expect(try readLabelArray(folder.put(gzip(file), "a.npy.gz")) == expected)
      }
    }
  }

  @Test("IDX labels of all types")
  func idx() throws {
    let folder = try TemporaryDirectory()
    #expect(try readLabelArray(folder.put(IDX.labels([3, 0, 255]), "a")) == ["3", "0", "255"])
    #expect(try readLabelArray(folder.put(gzip(IDX.labels([3])), "b.gz")) == ["3"])
    let integers = IDX.file([2], [0, 0, 1, 0, 255, 255, 255, 255], type: 0x0c)
    #expect(try readLabelArray(folder.put(integers, "c")) == ["256", "-1"])
  }

  @Test("What is no file of labels")
  func refused() throws {
    let folder = try TemporaryDirectory()
    for (bytes, text) in [
      (
        NPYSample.file("|u1", [3, 2], [1, 2, 3, 4, 5, 6]),
        "found [3, 2]; of one column per class, save x.argmax(1)"
      ),
      (NPYSample.file(">f4", [1], [0x3f, 0, 0, 0]), "item 0 is not a whole number; save x.astype(int)"),
      (NPYSample.file(">f4", [1], [0x7f, 0xc0, 0, 0]), "item 0 is not a whole number"),
      (NPYSample.file("<U0", [1], []), "impossible sizes"),
      (IDX.images([3, 4, 5]), "is not an IDX file of labels: expected the magic number 00 00 tt 01"),
      (Array("cat\ndog\n".utf8), "is not an IDX file of labels"),
    ] {
      let path = try folder.put(bytes, "a")
      expectError(path, text) { _ = try readLabelArray(path) }
    }
    expectError("cannot be read: No such file") { _ = try readLabelArray(folder.path("none")) }
  }
}
